// A connection that ends in the middle of something: no truncated value, and nobody is left waiting.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { MemcacheClient } from '../../src/index.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertInStep,
  block,
  hit,
  lab,
  rejects,
  STUFFABLE,
  stuffing,
  until,
  valueOf,
} from '../support/fault-lab.ts';
import { answer, type Peer, type Script, type ScriptedServer } from '../support/scripted-server.ts';
import { socketPair } from '../support/socket-pair.ts';

const ENDS: Record<string, (peer: Peer) => unknown> = {
  'a close': (peer) => peer.end(),
  'a reset': (peer) => peer.reset(),
};

const large = 'L'.repeat(100_000);
const CUTS: Record<string, string> = {
  'before the answer': '',
  'inside the header': 'VALUE a 16 ',
  'inside the length': 'VALUE a 16 1',
  'after the header': `VALUE a 16 ${valueOf('a').length}\r\n`,
  'inside the value': hit('a').slice(0, 24),
  'inside a large value': hit('a', large).slice(0, 70_000),
  'after the value': hit('a').slice(0, -2),
  'after a large value': hit('a', large).slice(0, -2),
  'inside the CRLF of the value': hit('a').slice(0, -1),
};

/** Answers with what there is, then ends. */
const cutting =
  (bytes: string, end: (peer: Peer) => unknown): Script =>
  (_request, peer) => {
    peer.hold();
    if (bytes !== '') peer.send(bytes);
    void end(peer);
  };

const store = (server: ScriptedServer, key: string): unknown =>
  server.items.set(key, { flags: '16', data: Buffer.from(valueOf(key)), cas: 1 });

for (const [how, end] of Object.entries(ENDS)) {
  for (const [where, bytes] of Object.entries(CUTS)) {
    test(`${how} ${where}: a read is asked once more and gets the whole value`, async (t) => {
      const { server, client } = await lab(t);
      store(server, 'a');
      server.next.push(cutting(bytes, end));
      assert.equal(await client.get('a'), valueOf('a'));
      assert.deepEqual(server.lines, ['get a', 'get a']);
      assert.equal(server.users.length, 2);
      assert.equal(client.metrics().retries, 1);
      await assertInStep(client);
    });

    test(`${how} ${where}: with one attempt the read rejects`, async (t) => {
      const { server, client } = await lab(t, { retry: { attempts: 1 } });
      store(server, 'a');
      server.next.push(cutting(bytes, end));
      await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
      assert.deepEqual(server.lines, ['get a']);
      assert.equal(await client.get('a'), valueOf('a'));
      await assertInStep(client);
    });
  }

  test(`${how} before END: the hit is kept, the rest is asked once more`, async (t) => {
    const { server, client } = await lab(t);
    store(server, 'b');
    server.next.push(cutting(hit('a', 'of the first answer'), end));
    const [a, b, c] = await Promise.all([client.get('a'), client.get('b'), client.get('c')]);
    assert.deepEqual([a, b, c], ['of the first answer', valueOf('b'), undefined]);
    assert.deepEqual(server.lines, ['get a b c', 'get b c']);
  });

  test(`${how} before END, one attempt: no key is taken for a miss`, async (t) => {
    const { server, client } = await lab(t, { retry: { attempts: 1 } });
    server.next.push(cutting(hit('a'), end));
    const error = await rejects(client.getMany(['a', 'b', 'c']), 'ERR_MEMCACHE_MANY', 'maybe');
    const { values, errors } = error as unknown as {
      values: Map<string, unknown>;
      errors: Map<string, { code: string; sent: string }>;
    };
    assert.deepEqual([...values], [['a', valueOf('a')]]);
    assert.deepEqual([...errors.keys()], ['b', 'c']);
    for (const { code, sent } of errors.values())
      assert.deepEqual([code, sent], ['ERR_MEMCACHE_CONNECTION_LOST', 'maybe']);
  });

  test(`${how} twice: a read is asked twice and no more`, async (t) => {
    const { server, client } = await lab(t);
    server.script = cutting('', end);
    const error = await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
    assert.equal(error.retryable, true);
    assert.deepEqual(server.lines, ['get a', 'get a']);
  });

  test(`${how}: what changes something is never sent twice`, async (t) => {
    const verbs: Record<string, (client: MemcacheClient) => Promise<unknown>> = {
      set: (client) => client.set('k', 1),
      add: (client) => client.add('k', 1),
      replace: (client) => client.replace('k', 1),
      cas: (client) => client.cas('k', 1, '7'),
      delete: (client) => client.delete('k'),
      touch: (client) => client.touch('k', 9),
      incr: (client) => client.incr('k'),
      decr: (client) => client.decr('k', 2, { initial: 7 }),
    };
    for (const [verb, issue] of Object.entries(verbs)) {
      const { server, client } = await lab(t);
      server.script = cutting('', end);
      await rejects(issue(client), 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
      assert.equal(server.requests.length, 1, verb);
    }
  });

  test(`${how}: what was queued and not written is sent on the next connection`, async (t) => {
    const { server, client } = await stuffed(t, end);
    const [first, ...later] = [
      client.set('large', stuffing()),
      client.get('later'),
      client.set('after', 1),
      client.delete('gone'),
    ];
    await rejects(first, 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
    assert.deepEqual(await Promise.all(later), [undefined, true, false]);
    assert.deepEqual(
      server.users[1].requests.map(({ line }) => line.split(' ', 2).join(' ')).toSorted(),
      ['delete gone', 'get later', 'set after'],
    );
    await assertInStep(client);
  });
}

/** A connection whose peer reads nothing, and ends before long. */
async function stuffed(
  t: TestContext,
  end: (peer: Peer) => unknown,
): Promise<{ server: ScriptedServer; client: MemcacheClient }> {
  const made = await lab(t, STUFFABLE);
  made.server.itemSizeMax = 2 ** 30;
  made.server.next.push((request, peer) => {
    peer.answerAndPause(request);
    setTimeout(() => void end(peer), 100);
  });
  await made.client.set('first', 1);
  return made;
}

test('a second early loss in a row: what was written may have been sent, what was not was not', async (t) => {
  const { server, client } = await lab(t, {
    ...STUFFABLE,
    retry: { attempts: 1 },
    reconnect: { minMs: 300, maxMs: 300 },
  });
  server.itemSizeMax = 2 ** 30;
  const states: string[] = [];
  client.on('server', ({ state }) => states.push(state));
  await client.get('a');
  await server.users[0].reset();
  await until(() => states.includes('idle'));
  server.next.push((request, peer) => {
    peer.answerAndPause(request);
    setTimeout(() => void peer.reset(), 100);
  });
  await client.set('first', 1);
  const written = client.set('large', stuffing());
  await rejectsLater(client.set('unwritten', 1), written);
  assert.doesNotMatch(server.record, /unwritten/);
});

/** In the order in which they are issued: the first is behind the second in the queue of the connection. */
async function rejectsLater(unwritten: Promise<unknown>, written: Promise<unknown>): Promise<void> {
  const [first, second] = await Promise.allSettled([written, unwritten]);
  assert.equal(first.status, 'rejected');
  assert.equal(first.reason.code, 'ERR_MEMCACHE_CONNECTION_LOST');
  assert.equal(first.reason.sent, 'maybe');
  assert.equal(second.status, 'rejected');
  assert.equal(second.reason.sent, 'no', `${second.reason.code}`);
}

test('a read whose first attempt left and whose second could not says so', async (t) => {
  const { server, client } = await lab(t);
  await client.get('warm');
  server.next.push((_request, peer) => {
    server.probed = () => {};
    void peer.reset();
  });
  const error = await rejects(client.get('a', { timeoutMs: 100 }), 'ERR_MEMCACHE_TIMEOUT');
  assert.equal(error.sent, 'maybe');
});

test('a server that dies for good: reads say why, and nobody waits', async (t) => {
  const { server, client } = await lab(t);
  await client.set('a', 1);
  const dying = server.away();
  const calls = [client.get('a'), client.set('b', 2), client.getMany(['c', 'd'])];
  const outcomes = await Promise.allSettled(calls);
  await dying;
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    assert.match(outcome.reason.code, /CONNECTION_LOST|CONNECT|UNAVAILABLE|MANY/);
  }
  assert.equal(outcomes.length, 3);
});

test('a call made while the pause of a lost connection ends, in the turn it was lost in, is dialled for', async (t) => {
  const { server, client } = await lab(t, { reconnect: { minMs: 1, maxMs: 1 }, timeoutMs: 1000 });
  const [near, far] = await socketPair(t);
  // The second loss in a row is followed by a pause.
  await client.get('a');
  await server.users[0].reset();
  await until(() => server.users[0].closed);
  await sleep(10);
  await client.get('a');
  const calls: Promise<unknown>[] = [];
  server.script = () => {};
  calls.push(client.get('unanswered').catch(() => {}));
  await until(() => server.lines.at(-1) === 'get unanswered');
  server.script = answer;
  // A flush is due at the end of this turn; the loss is read in the same turn, and is over before the flush.
  far.on('data', () => calls.push(client.set('b', 1).catch(() => {})));
  client.on('server', ({ state }) => {
    if (state !== 'backoff') return;
    queueMicrotask(() => {
      block(20);
      calls.push(client.set('c', 1).catch((caught: unknown) => caught));
    });
  });
  setTimeout(() => {
    near.write('x');
    server.users[1].socket.resetAndDestroy();
  }, 1);
  await until(() => calls.length === 3);
  assert.equal(await calls[2], true);
});
