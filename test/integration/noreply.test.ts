import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { FleetClient, MemcacheError } from '../../src/index.ts';
import { backend, overEveryTransport } from './backend.ts';

const quiet = { noreply: true } as const;
const LARGE = randomBytes(300_000);

overEveryTransport((tested) => {
  test('every verb answers undefined, and does what it does', async () => {
    const { cache } = tested;
    await cache.setMany({
      'q:gone': 1,
      'q:gone2': 1,
      'q:touched': 1,
      'q:count': 5,
      'q:replaced': 0,
    });
    const answers = [
      cache.set('q:set', { deep: [1] }, quiet),
      cache.setMany({ 'q:many1': 1, 'q:many2': 'two' }, quiet),
      cache.add('q:added', 'new', quiet),
      cache.add('q:set', 'not stored', quiet),
      cache.replace('q:replaced', 'new', quiet),
      cache.replace('q:none', 'not stored', quiet),
      cache.append('q:many2', '!', quiet),
      cache.prepend('q:many2', Buffer.from('<'), quiet),
      cache.append('q:none', 'not stored', quiet),
      cache.delete('q:gone', quiet),
      cache.delete('q:none', quiet),
      cache.deleteMany(['q:gone2', 'q:none'], quiet),
      cache.touch('q:touched', -1, quiet),
      cache.touch('q:none', 60, quiet),
      cache.incr('q:count', 10, quiet),
      cache.decr('q:count', 3n, quiet),
      cache.incr('q:none', 1, quiet),
      cache.incr('q:made', 5, { ...quiet, initial: 100 }),
      cache.decr('q:made', 1, { ...quiet, initial: 0 }),
    ];
    const keys = 'set many1 many2 added replaced none gone gone2 touched count made'.split(' ');
    const items = await cache.getMany(keys.map((key) => `q:${key}`));
    assert.deepEqual(await Promise.all(answers), Array(answers.length).fill(undefined));
    assert.deepEqual(
      items,
      new Map<string, unknown>([
        ['q:set', { deep: [1] }],
        ['q:many1', 1],
        ['q:many2', '<two!'],
        ['q:added', 'new'],
        ['q:replaced', 'new'],
        ['q:count', 12],
        ['q:made', 104],
      ]),
    );
    assert.deepEqual([cache.metrics().rejected, cache.metrics().reconnects], [0, 0]);
  });

  test('values of every size arrive, one behind the other', async () => {
    const { cache } = tested;
    const sizes = [0, 1, 100, 1000, 5000, 16_000, 16_200, 16_400, 20_000, 65_000, 66_000, 300_000];
    const entries = sizes.map((size) => [`q:size:${size}`, randomBytes(size)] as const);
    for (const [key, value] of entries) void cache.set(key, value, quiet);
    await cache.setMany(
      entries.map(([key, value]) => [`${key}:m`, value] as const),
      quiet,
    );
    for (const [key, value] of entries) {
      assert.deepEqual(await cache.get(key), value, key);
      assert.deepEqual(await cache.get(`${key}:m`), value, key);
    }
  });

  test('10 000 at once, and the reads behind them see them', async () => {
    const cache = tested.client({ maxQueued: { operations: 100_000, bytes: 2 ** 30 } });
    const keys = Array.from({ length: 10_000 }, (_, i) => `q:tenk:${i}`);
    const stored = keys.map((key, i) => cache.set(key, `value ${i}`, quiet));
    const items = await cache.getMany(keys);
    assert.equal(items.size, 10_000);
    assert.ok(keys.every((key, i) => items.get(key) === `value ${i}`));
    assert.equal(new Set(await Promise.all(stored)).size, 1);
    assert.equal(cache.metrics().connects, 1);
  });

  test('what is wrong with a call rejects it as ever, alone', async () => {
    const { cache } = tested;
    const [large, bad, good] = await Promise.allSettled([
      cache.set('q:limit', randomBytes(2 ** 21), quiet),
      cache.set('q:limit2', undefined, quiet),
      cache.set('q:limit3', 'good', quiet),
    ]);
    assert.equal(large.status, 'rejected');
    assert.equal((large.reason as MemcacheError).code, 'ERR_MEMCACHE_TOO_LARGE');
    assert.equal((large.reason as MemcacheError).sent, 'no');
    assert.equal(bad.status, 'rejected');
    assert.equal((bad.reason as MemcacheError).code, 'ERR_MEMCACHE_ENCODE');
    assert.deepEqual(good, { status: 'fulfilled', value: undefined });
    assert.equal(await cache.get('q:limit3'), 'good');
    await assert.rejects(
      cache.setMany({ 'q:many:good': 1, 'q:many:bad': () => 1 }, quiet),
      (error: { code: string; values: Map<string, unknown>; errors: Map<string, unknown> }) => {
        assert.equal(error.code, 'ERR_MEMCACHE_MANY');
        assert.deepEqual([...error.values], [['q:many:good', undefined]]);
        assert.deepEqual([...error.errors.keys()], ['q:many:bad']);
        return true;
      },
    );
    assert.equal(await cache.get('q:many:good'), 1);
  });
});

overEveryTransport((tested) => {
  test('keys of bytes take it where the server speaks the meta commands', async (t) => {
    if (tested.keysOnly !== false) {
      t.skip(tested.keysOnly);
      return;
    }
    const { cache } = tested;
    const key = (text: string): Buffer => Buffer.from(`q \0${text}`);
    const answers = [
      cache.set(key('a'), 'value', quiet),
      cache.append(key('a'), '!', quiet),
      cache.add(key('a'), 'not stored', quiet),
      cache.replace(key('none'), 'not stored', quiet),
      cache.incr(key('count'), 2, { ...quiet, initial: 5 }),
      cache.decr(key('count'), 1, quiet),
      cache.incr(key('none'), 1, quiet),
      cache.set(key('gone'), 1, quiet),
      cache.touch(key('gone'), -1, quiet),
      cache.touch(key('none'), 60, quiet),
      cache.deleteMany([key('deleted'), key('none')], quiet),
      cache.touch(key('a'), 60, quiet),
    ];
    const names = ['a', 'none', 'count', 'gone'];
    assert.deepEqual(await cache.getValues(names.map(key)), ['value!', undefined, 6, undefined]);
    assert.deepEqual(await Promise.all(answers), Array(answers.length).fill(undefined));
    assert.deepEqual([cache.metrics().rejected, cache.metrics().reconnects], [0, 0]);
  });
});

const server = backend();

for (const options of [
  { connections: 1 },
  { connections: 4 },
  { connections: 4, dialect: 'classic' as const },
  { connections: 1, flush: 'poll' as const },
]) {
  test(`operations on a key keep their order: ${JSON.stringify(options)}`, async () => {
    const cache = server.client(options);
    const rounds: Promise<void>[] = [];
    for (let round = 0; round < 60; round++)
      rounds.push(inOrder(cache, `q:order:${round % 9}`, round));
    await Promise.all(rounds);
  });
}

/** A chain of operations, issued in one moment, whose answers are known when they keep their order. */
async function inOrder(cache: FleetClient, key: string, round: number): Promise<void> {
  const value = round % 3 === 0 ? LARGE : round;
  const answers = await Promise.all([
    cache.delete(key, quiet),
    cache.get(key),
    cache.set(key, value, quiet),
    cache.get(key),
    cache.set(key, round, quiet),
    cache.incr(key, 5, quiet),
    cache.get(key),
    cache.decr(key, 2),
    cache.incr(key, 1, quiet),
    cache.add(key, 'not stored', quiet),
    cache.getMany([key]),
    cache.set(key, 'a', quiet),
    cache.append(key, 'b', quiet),
    cache.get(key),
    cache.set(key, 'text', quiet),
    cache.prepend(key, '<', quiet),
    cache.get(key),
    cache.replace(key, LARGE, quiet),
    cache.delete(key),
    cache.set(key, 'left', quiet),
    cache.get(key),
    cache.touch(key, -1, quiet),
    cache.get(key),
  ]);
  const none = undefined;
  assert.deepEqual(answers, [
    ...[none, none, none, value, none, none, round + 5, round + 3, none, none],
    ...[new Map([[key, round + 4]]), none, none, 'ab', none, none, '<text', none, true],
    ...[none, 'left', none, none],
  ]);
}

test('with values that are encoded in workers, too', async () => {
  const cache = server.client({ offload: 'always', compressFromBytes: 100, offloadFromBytes: 0 });
  const value = { text: 'x'.repeat(5000) };
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([
      cache.set('q:workers', value, quiet),
      cache.get('q:workers'),
      cache.set('q:workers', round, quiet),
      cache.incr('q:workers', 1, quiet),
      cache.get('q:workers'),
    ]);
    assert.deepEqual(answers, [undefined, value, undefined, undefined, round + 1]);
  }
});

test('an error the server sends is an event, and a count', async () => {
  const cache = server.client();
  const heard: { server: string; code: string; commands: number }[] = [];
  cache.on('rejected', ({ server: name, error, commands }) => {
    assert.equal(error.sent, 'yes');
    heard.push({ server: name, code: error.code, commands });
  });
  await cache.set('q:text', 'no number');
  const answers = [
    cache.set('q:one', 1, quiet),
    cache.incr('q:text', 1, quiet),
    cache.set('q:two', 2, quiet),
  ];
  assert.deepEqual(await cache.getValues(['q:one', 'q:text', 'q:two']), [1, 'no number', 2]);
  assert.deepEqual(await Promise.all(answers), Array(3).fill(undefined));
  await cache.incr('q:text', 1, quiet);
  await cache.get('q:one');
  assert.deepEqual(heard, [
    { server: server.address, code: 'ERR_MEMCACHE_CLIENT', commands: 3 },
    { server: server.address, code: 'ERR_MEMCACHE_CLIENT', commands: 1 },
  ]);
  assert.deepEqual([cache.metrics().rejected, cache.metrics().connects], [2, 1]);
});

test('who awaits each call before the next is slowed down, not turned away', async () => {
  const cache = server.client({ maxQueued: { operations: 400, bytes: 200_000 } });
  const entries = Array.from({ length: 100 }, (_, i) => [`q:await:${i}`, 'x'.repeat(900)] as const);
  for (let round = 0; round < 200; round++) await cache.setMany(entries, quiet);
  for (let round = 0; round < 2000; round++) await cache.set('q:await', 'x'.repeat(50_000), quiet);
  assert.equal(cache.metrics().shed, 0);
  assert.equal((await cache.getMany(entries.map(([key]) => key))).size, 100);
});

test('close waits until the server has taken them all', async () => {
  const cache = server.client();
  for (let i = 0; i < 1000; i++) void cache.set(`q:close:${i}`, i, quiet);
  await cache.close();
  const keys = Array.from({ length: 1000 }, (_, i) => `q:close:${i}`);
  assert.equal((await server.cache.getMany(keys)).size, 1000);
});

test('verbs whose answer is all there is do not take it', async () => {
  const { cache } = server;
  const refused = { code: 'ERR_MEMCACHE_OPTION', sent: 'no' };
  const odd = quiet as object;
  await assert.rejects(cache.get('k', odd), refused);
  await assert.rejects(cache.getMany(['k'], odd), refused);
  await assert.rejects(cache.cas('k', 1, '7', odd), refused);
  await assert.rejects(cache.flushAll(0, odd), refused);
  await assert.rejects(cache.version(odd), refused);
});
