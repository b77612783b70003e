// Workers that crash, hang or end, seen from the public door: every call settles, in order, with what belongs to it.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemcacheClient } from '../../src/index.ts';
import type { Moody } from '../unit/codec/hooks/moody-codec.ts';
import { clientOf, lab, type LabOptions, rejects } from '../support/fault-lab.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const hook = (name: string): { module: URL } => ({
  module: new URL(`../unit/codec/hooks/${name}.js`, import.meta.url),
});

/** A client whose pool has started and works. */
async function moodyLab(
  t: TestContext,
  options: LabOptions = {},
): Promise<{ server: ScriptedServer; client: MemcacheClient }> {
  const made = await lab(t, {
    codec: hook('moody-codec'),
    offload: 'always',
    workers: 1,
    shardTimeoutMs: 300,
    ...options,
  });
  const { client } = made;
  for (let i = 0; client.metrics().codec.encodedInPool === 0; i++) {
    assert.ok(i < 2000, 'the pool did not start');
    await client.set('warm', { text: 'warm' });
    await sleep(5);
  }
  return made;
}

for (const mood of ['throw', 'exit', 'hang', 'reject'] as const) {
  test(`encoding that ends in ${mood}: every store and every read around it is right`, async (t) => {
    const { client } = await moodyLab(t);
    const bad: Moody = { mood, text: 'bad' };
    const answers = await Promise.all([
      client.set('a', { text: 'a' }),
      client.set('b', bad),
      client.get('b'),
      client.set('c', { text: 'c' }),
      client.get('a'),
      client.delete('a'),
      client.get('a'),
      client.get('c'),
    ]);
    assert.deepEqual(answers, [
      true,
      true,
      bad,
      true,
      { text: 'a' },
      true,
      undefined,
      { text: 'c' },
    ]);
  });

  test(`decoding that ends in ${mood}: the value comes all the same`, async (t) => {
    const { server, client } = await moodyLab(t);
    const bad: Moody = { mood, text: 'bad' };
    const item = (value: Moody): unknown =>
      server.items.set(value.text, {
        flags: '1',
        data: Buffer.from(JSON.stringify(value)),
        cas: 1,
      });
    item(bad);
    item({ text: 'good' });
    const values = await Promise.all(
      ['good', 'bad', 'good', 'none', 'bad'].map((key) => client.get(key)),
    );
    assert.deepEqual(values, [{ text: 'good' }, bad, { text: 'good' }, undefined, bad]);
    assert.deepEqual(
      await client.getMany(['bad', 'good', 'none']),
      new Map<string, unknown>([
        ['bad', bad],
        ['good', { text: 'good' }],
      ]),
    );
  });
}

test('stores of one key in one moment, with a codec module: the last one stays', async (t) => {
  for (const warm of [true, false]) {
    const { client } = warm
      ? await moodyLab(t)
      : await lab(t, { codec: hook('moody-codec'), offload: 'always', workers: 1 });
    const answers = await Promise.all([
      client.set('a', { text: '1' }),
      client.get('a'),
      client.set('a', { text: '2' }),
      client.get('a'),
      client.set('a', { text: '3' }),
      client.add('a', { text: '4' }),
      client.get('a'),
      client.delete('a'),
      client.get('a'),
    ]);
    assert.deepEqual(answers, [
      true,
      { text: '1' },
      true,
      { text: '2' },
      true,
      false,
      { text: '3' },
      true,
      undefined,
    ]);
  }
});

test('what waits behind a hanging worker keeps its own deadline', async (t) => {
  const { server, client } = await moodyLab(t, { shardTimeoutMs: 1500 });
  const from = server.requests.length;
  const began = performance.now();
  const store = client.set('a', { mood: 'hang', text: 'bad' }, { timeoutMs: 100 });
  const behind = [
    client.get('a', { timeoutMs: 120 }),
    client.set('a', { text: 'later' }, { timeoutMs: 140 }),
    client.delete('a', { timeoutMs: 160 }),
    client.touch('a', 1, { timeoutMs: 160 }),
    client.incr('a', 1, { timeoutMs: 160 }),
    client.getMany(['a', 'b'], { timeoutMs: 160, onError: 'miss' }).then(() => {
      throw Object.assign(new Error(), { code: 'ERR_MEMCACHE_TIMEOUT' });
    }),
  ];
  const times = await Promise.all(
    [store, ...behind].map((call) =>
      call.then(
        () => assert.fail('answered'),
        ({ code, sent }: { code: string; sent?: string }) => {
          assert.equal(code, 'ERR_MEMCACHE_TIMEOUT');
          if (sent !== undefined) assert.equal(sent, 'no');
          return performance.now() - began;
        },
      ),
    ),
  );
  for (const ms of times) assert.ok(ms < 400, `${ms} ms`);
  await sleep(1600);
  assert.equal(await client.get('a'), undefined, 'nothing of it was sent later');
  assert.doesNotMatch(server.lines.slice(from).join('\n'), /^(set|delete|touch|incr) a/m);
});

test('a call that waits behind a worker can be aborted', async (t) => {
  const { client } = await moodyLab(t, { shardTimeoutMs: 800 });
  const controller = new AbortController();
  const { signal } = controller;
  const store = client.set('a', { mood: 'hang', text: 'bad' });
  const behind = [
    client.get('a', { signal }),
    client.set('a', { text: 'x' }, { signal }),
    client.delete('a', { signal }),
  ];
  setTimeout(() => controller.abort(), 20);
  await Promise.all(behind.map((call) => rejects(call, 'ERR_MEMCACHE_ABORTED', 'no')));
  assert.equal(await store, true);
  assert.deepEqual(await client.get('a'), { mood: 'hang', text: 'bad' });
});

test('a refusal behind a value that is being encoded harms nobody', async (t) => {
  const { server, client } = await lab(t, { offload: 'always', workers: 1 });
  const value = { text: 'x'.repeat(5000) };
  for (let i = 0; client.metrics().codec.encodedInPool === 0 && i < 2000; i++) {
    await client.set('warm', value);
    await sleep(5);
  }
  const stored = client.set('a', value);
  await Promise.all([
    rejects(client.touch('a', 1.5), 'ERR_MEMCACHE_OPTION', 'no'),
    rejects(client.set('a', undefined), 'ERR_MEMCACHE_ENCODE', 'no'),
    rejects(
      client.set('a', () => 1),
      'ERR_MEMCACHE_ENCODE',
      'no',
    ),
  ]);
  const read = client.get('a');
  assert.equal(await stored, true);
  assert.deepEqual(await read, value);
  assert.equal(server.users.length, 1);
});

test('a codec module that is not there: an error for each value, and what needs no codec goes on', async (t) => {
  const { server, client } = await lab(t, { codec: hook('not-there'), offload: 'always' });
  server.items.set('a', { flags: '0', data: Buffer.from('x'), cas: 1 });
  const store = rejects(client.set('a', 'x'), 'ERR_MEMCACHE_ENCODE', 'no');
  const deleted = client.delete('b');
  const behind = client.touch('a', 9);
  await store;
  assert.equal(await deleted, false);
  assert.equal(await behind, true);
  assert.equal(await client.get('a'), undefined);
  await rejects(client.set('a', 'x'), 'ERR_MEMCACHE_ENCODE', 'no');
  assert.equal(client.metrics().unreadable, 1);
});

test('close while a worker hangs: the stores under way are sent first', async (t) => {
  const { server, client } = await moodyLab(t, { shardTimeoutMs: 60_000, timeoutMs: 60_000 });
  const store = client.set('a', { mood: 'hang', text: 'bad' });
  const behind = client.set('b', { text: 'b' });
  await sleep(50);
  await client.close();
  assert.deepEqual(await Promise.all([store, behind]), [true, true]);
  assert.deepEqual(JSON.parse(String(server.items.get('a')?.data)), { mood: 'hang', text: 'bad' });
});

test('a hasher that throws fails the store whose value a worker encodes, and the next ones go on', async (t) => {
  let throws = false;
  const hash = () => ({
    locate(): number {
      if (throws) throw new Error('canary');
      return 0;
    },
  });
  const [one, other] = [await ScriptedServer.start(), await ScriptedServer.start()];
  t.after(() => Promise.all([one.stop(), other.stop()]));
  const client = clientOf(t, `${one.address},${other.address}`, { hash, offload: 'always' });
  throws = true;
  await rejects(client.set('a', { text: 'a' }), 'ERR_MEMCACHE_OPTION', 'no');
  await rejects(client.get('a'), 'ERR_MEMCACHE_OPTION', 'no');
  throws = false;
  assert.equal(await client.set('a', { text: 'b' }), true);
  assert.deepEqual(await client.get('a'), { text: 'b' });
});
