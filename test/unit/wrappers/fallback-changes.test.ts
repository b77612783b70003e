import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createClient, type FleetClient, type MemcacheError } from '../../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../../src/testing/index.ts';
import { fallback } from '../../../src/wrappers/fallback.ts';

const PATIENCE_MS = 10_000;

let servers: RunningMemcached[];
let fresh: FleetClient;
let old: FleetClient;

before(async () => {
  servers = await Promise.all([startMemcached(), startMemcached()]);
  [fresh, old] = servers.map(({ address }) =>
    createClient({ servers: address, timeoutMs: PATIENCE_MS, connectTimeoutMs: PATIENCE_MS }),
  );
});

beforeEach(async () => {
  await Promise.all([fresh.flushAll(), old.flushAll()]);
});

after(async () => {
  await Promise.all([fresh.close(), old.close()]);
  await Promise.all(servers.map((server) => server.stop()));
});

test('append and prepend work where the key is', async () => {
  const cache = fallback([fresh, old]);
  await old.setMany({ k: 'old', l: 'old' });
  await fresh.set('l', 'fresh');
  assert.equal(await cache.append('k', '!'), true);
  assert.equal(await cache.prepend('k', Buffer.from('<')), true);
  assert.equal(await old.get('k'), '<old!');
  assert.equal(await cache.append('l', '!'), true);
  assert.deepEqual([await fresh.get('l'), await old.get('l')], ['fresh!', undefined]);
  assert.equal(await cache.append('none', '!'), false);
});

test('a counter with a sign counts where it is, or begins in the first client', async () => {
  const cache = fallback([fresh, old]);
  await old.set('n', 5);
  assert.equal(await cache.incr('n', -2, { signed: true }), 3);
  assert.equal(await cache.decr('started', -2, { signed: true, initial: 10 }), 12);
  assert.deepEqual([await fresh.get('started'), await old.get('n')], [12, 3]);
  await assert.rejects(cache.incr('n', -2), { code: 'ERR_MEMCACHE_VALUE' });
});

test('delete with a token removes this item, and what is behind it', async () => {
  const cache = fallback([fresh, old]);
  await Promise.all([fresh.set('a', 'new'), old.setMany({ a: 'old', b: 'old' })]);
  const [a = '', b = ''] = [...(await cache.getsMany(['a', 'b'])).values()].map(({ cas }) => cas);
  await fresh.set('a', 'newer');
  assert.equal(await cache.delete('a', { cas: a }), false);
  assert.deepEqual([await fresh.get('a'), await old.get('a')], ['newer', 'old']);
  assert.equal(await cache.delete('a', { cas: (await cache.gets('a'))?.cas }), true);
  assert.deepEqual([await fresh.get('a'), await old.get('a')], [undefined, undefined]);
  const reading = fallback([fresh, old], { deletes: 'first' });
  assert.equal(await reading.delete('b', { cas: b }), false);
  assert.equal(await old.get('b'), 'old');
  assert.equal(await cache.delete('b', { cas: b }), true);
  assert.equal(await old.get('b'), undefined);
  for (const cas of ['7', '2.7', '0.x', 7 as never])
    await assert.rejects(cache.delete('b', { cas }), { code: 'ERR_MEMCACHE_OPTION' });
});

test('nothing is done without an answer: it says what is to be done next', async () => {
  const cache = fallback([fresh, old]);
  const odd = { noreply: true } as object;
  await old.set('k', 5);
  const calls = [
    cache.set('k', 1, odd),
    cache.setMany({ k: 1 }, odd),
    cache.add('k', 1, odd),
    cache.replace('k', 1, odd),
    cache.append('k', '1', odd),
    cache.prepend('k', '1', odd),
    cache.delete('k', odd),
    cache.deleteMany(['k'], odd),
    cache.touch('k', 1, odd),
    cache.incr('k', 1, odd),
    cache.decr('k', 1, odd),
    cache.cas('k', 1, '0.1', odd),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, 'rejected');
    assert.equal((outcome.reason as MemcacheError).code, 'ERR_MEMCACHE_OPTION');
  }
  assert.deepEqual([await fresh.get('k'), await old.get('k')], [undefined, 5]);
});
