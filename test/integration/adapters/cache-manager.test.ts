// cache-manager 7 on the adapter for Keyv.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cache, createCache, type CreateCacheOptions } from 'cache-manager';
import { Keyv } from 'keyv';
import { KeyvMemvolley } from '../../../src/adapters/keyv/index.ts';
import { backend } from '../backend.ts';

const server = backend();

const cacheIn = (namespace: string, options: CreateCacheOptions = {}): Cache =>
  createCache({
    stores: [new Keyv({ store: new KeyvMemvolley(server.cache), namespace })],
    ...options,
  });

test('get, set, del, ttl', async () => {
  const cache = cacheIn('single', { ttl: 60_000 });
  assert.equal(await cache.get('none'), undefined);
  await cache.set('user', { name: 'Ada' });
  assert.deepEqual(await cache.get('user'), { name: 'Ada' });
  const left = ((await cache.ttl('user')) ?? 0) - Date.now();
  assert.ok(left > 50_000 && left <= 60_000, String(left));
  await cache.set('brief', 1, 30);
  await sleep(40);
  assert.equal(await cache.get('brief'), undefined);
  assert.equal(await cache.del('user'), true);
  assert.equal(await cache.get('user'), undefined);
});

test('mset, mget, mdel', async () => {
  const cache = cacheIn('many');
  const list = ['a', 'b', 'c'].map((key, index) => ({
    key,
    value: index,
    ttl: 1000 * (index + 1),
  }));
  assert.deepEqual(await cache.mset(list), list);
  assert.deepEqual(await cache.mget(['a', 'none', 'c']), [0, undefined, 2]);
  await cache.mdel(['a', 'b']);
  assert.deepEqual(await cache.mget(['a', 'b', 'c']), [undefined, undefined, 2]);
});

test('clear empties its own namespace', async () => {
  const [cache, other] = [cacheIn('cleared'), cacheIn('kept')];
  await Promise.all([cache.set('key', 1), other.set('key', 2)]);
  await cache.clear();
  assert.deepEqual([await cache.get('key'), await other.get('key')], [undefined, 2]);
});

test('wrap loads once and refreshes what is about to end', async () => {
  const cache = cacheIn('wrapped', { ttl: 5000, refreshThreshold: 4900 });
  let loads = 0;
  const load = (): Promise<number> => Promise.resolve(++loads);
  const first = await Promise.all([1, 2, 3].map(() => cache.wrap('key', load)));
  assert.deepEqual(first, [1, 1, 1]);
  assert.equal(await cacheIn('wrapped').get('key'), 1, 'another cache finds it');
  await sleep(150);
  const refreshed = new Promise((resolve) => {
    cache.on('refresh', resolve);
  });
  assert.equal(await cache.wrap('key', load), 1, 'the old value is answered meanwhile');
  await refreshed;
  assert.equal(await cache.get('key'), 2);
});

test('behind a store in memory it is the second one', async () => {
  const memory = new Keyv();
  const shared = new Keyv({ store: new KeyvMemvolley(server.cache), namespace: 'tiers' });
  const cache = createCache({ stores: [memory, shared] });
  await shared.set('key', 'from memcached');
  assert.equal(await cache.wrap('key', () => 'loaded'), 'from memcached');
  assert.equal(await memory.get('key'), 'from memcached');
});

test('a lost server is a miss, and told', async () => {
  const store = new KeyvMemvolley({ servers: '127.0.0.1:1', timeoutMs: 500 });
  const keyv = new Keyv({ store });
  const cache = createCache({ stores: [keyv] });
  const told = once(keyv as never, 'error');
  assert.equal(await cache.wrap('key', () => 'loaded'), 'loaded');
  await told;
  assert.deepEqual(await cache.mget(['a', 'b']), [undefined, undefined]);
  await cache.disconnect();
});
