// A caller that gave up must not leave its answer to the next one. (The fault behind CVE-2023-28858.)
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions, MemcacheClient, MemcacheError } from '../../src/index.ts';
import {
  assertInStep,
  hit,
  lab,
  rejection,
  rejects,
  STUFFABLE,
  stuffing,
  valueOf,
} from '../support/fault-lab.ts';
import { type Peer, type ScriptedServer, sayVersion, silence } from '../support/scripted-server.ts';

const GIVE_UP_MS = 80;

/** Both ways of giving up, alike but for their code. */
const WAYS = {
  'a timeout': { code: 'ERR_MEMCACHE_TIMEOUT', options: () => ({ timeoutMs: GIVE_UP_MS }) },
  'an abort': {
    code: 'ERR_MEMCACHE_ABORTED',
    options: (): CallOptions => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), GIVE_UP_MS);
      return { signal: controller.signal };
    },
  },
} as const;

/** Where the reply stands when the caller gives up: what has come, and what comes too late. */
const long = 'L'.repeat(40_000);
const PARTLY_ANSWERED = {
  'while nothing has come': ['', `${hit('a')}END\r\n`],
  'inside the header': ['VALUE a 1', `6 ${valueOf('a').length}\r\n${valueOf('a')}\r\nEND\r\n`],
  'inside the value': [hit('a').slice(0, 20), `${hit('a').slice(20)}END\r\n`],
  'inside a large value': [
    hit('a', long).slice(0, 20_000),
    `${hit('a', long).slice(20_000)}END\r\n`,
  ],
  'after the value, before its CRLF': [hit('a').slice(0, -2), '\r\nEND\r\n'],
  'between CR and LF': [hit('a').slice(0, -1), '\nEND\r\n'],
  'inside END': ['E', 'ND\r\n'],
} as const;

/** A machine under load may take longer for a connection than anybody here waits for an answer. */
async function connected(t: TestContext): ReturnType<typeof lab> {
  const made = await lab(t);
  await made.client.get('warm');
  return made;
}

/** The next operations on the same connection get their own answers. */
async function assertOwnAnswers(client: MemcacheClient, server: ScriptedServer): Promise<void> {
  server.items.set('n', { flags: '16', data: Buffer.from(valueOf('n')), cas: 1 });
  const [next, other, stored] = await Promise.all([
    client.get('n'),
    client.get('none'),
    client.set('m', valueOf('m')),
  ]);
  assert.deepEqual([next, other, stored], [valueOf('n'), undefined, true]);
  assert.equal(await client.get('m'), valueOf('m'));
}

for (const [way, { code, options }] of Object.entries(WAYS)) {
  for (const [where, [early, late]] of Object.entries(PARTLY_ANSWERED)) {
    test(`${way} ${where}: the next operation gets its own value`, async (t) => {
      const { server, client } = await connected(t);
      let asked: Peer | undefined;
      server.next.push((_request, peer) => {
        asked = peer;
        peer.hold();
        if (early !== '') peer.send(early);
      });
      await rejects(client.get('a', options()), code, 'maybe');
      assert.deepEqual(server.lines, ['get warm', 'get a']);
      const next = assertOwnAnswers(client, server);
      // Whatever is asked now stands in line behind the reply that is still due.
      await sleep(10);
      asked?.goOn(late);
      await next;
      await assertInStep(client);
      assert.equal(server.users.length, 1, 'on the same connection');
    });
  }

  test(`${way} of a store: its answer is not the next one's`, async (t) => {
    const { server, client } = await connected(t);
    server.next.push(silence);
    await rejects(client.set('a', 'x', options()), code, 'maybe');
    server.next.push((_request, peer) => peer.send('STORED\r\nNOT_STORED\r\n'));
    assert.equal(await client.add('b', 'y'), false);
    await assertInStep(client);
    assert.equal(server.users.length, 1);
  });

  test(`${way} before the connection stands: not a byte of it is sent`, async (t) => {
    const { server, client } = await lab(t, { connectTimeoutMs: 5000 });
    const waiting: Peer[] = [];
    server.probed = (peer) => waiting.push(peer);
    await Promise.all([
      rejects(client.get('a', options()), code, 'no'),
      rejects(client.set('b', 'x', options()), code, 'no'),
      rejects(
        client.getMany(['c', 'd'], options()),
        code === 'ERR_MEMCACHE_TIMEOUT' ? 'ERR_MEMCACHE_MANY' : code,
        'no',
      ),
    ]);
    server.probed = sayVersion;
    for (const peer of waiting) server.probed(peer);
    await assertOwnAnswers(client, server);
    assert.doesNotMatch(server.record, /get a|set b|get.* c|get.* d/);
  });

  test(`${way} while queued behind a full socket: not a byte of it is sent`, async (t) => {
    const { server, client } = await lab(t, STUFFABLE);
    server.itemSizeMax = 2 ** 30;
    server.next.push((request, peer) => peer.answerAndPause(request));
    await client.set('first', 1);
    const store = client.set('large', stuffing(), { timeoutMs: 20_000 });
    await sleep(20);
    await rejects(client.get('a', options()), code, 'no');
    const error: MemcacheError = await rejection(client.touch('b', 1, options()));
    assert.equal(error.sent, 'no');
    server.users[0].resume();
    assert.equal(await store, true);
    await assertOwnAnswers(client, server);
    assert.doesNotMatch(server.record, /get a\r|touch b/);
  });

  test(`${way} of one caller leaves the other callers of the same key alone`, async (t) => {
    const { server, client } = await connected(t);
    let asked: Peer | undefined;
    server.next.push((_request, peer) => {
      asked = peer;
    });
    const [impatient, patient] = [client.get('a', options()), client.get('a')];
    await rejects(impatient, code, 'maybe');
    asked?.send(`${hit('a')}END\r\n`);
    assert.equal(await patient, valueOf('a'));
    assert.deepEqual(server.lines, ['get warm', 'get a']);
  });
}

test('an aborted signal keeps the call from being sent at all', async (t) => {
  const { server, client } = await lab(t);
  const reason = new Error('over');
  const signal = AbortSignal.abort(reason);
  for (const call of [
    client.get('a', { signal }),
    client.getMany(['a'], { signal }),
    client.set('a', 1, { signal }),
    client.delete('a', { signal }),
    client.incr('a', 1, { signal }),
  ]) {
    const error = await rejects(call, 'ERR_MEMCACHE_ABORTED', 'no');
    assert.equal(error.cause, reason);
  }
  assert.equal(server.record, '');
});

test('a thousand calls on one signal leave one listener, and none once they are answered', async (t) => {
  const { client } = await lab(t);
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.all(Array.from({ length: 1000 }, (_, i) => client.get(`k${i}`, { signal })));
  controller.abort();
  await assertInStep(client);
});

test('a value refused after its signal was noted is no loose end when the signal fires', async (t) => {
  const { server, client } = await lab(t);
  const controller = new AbortController();
  const { signal } = controller;
  await rejects(
    client.set('a', () => 1, { signal }),
    'ERR_MEMCACHE_ENCODE',
    'no',
  );
  await rejects(client.touch('a', 1.5, { signal }), 'ERR_MEMCACHE_OPTION', 'no');
  // An unhandled rejection here fails the file.
  controller.abort();
  await sleep(5);
  assert.equal(server.record, '');
});
