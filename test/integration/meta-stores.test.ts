import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejects } from '../support/fault-lab.ts';
import { backend } from './backend.ts';
import { has } from './releases.ts';

const server = backend();

test('a value over the server’s limit is never sent, and the item stays', async () => {
  const cache = server.client({ compressor: 'none', offload: 'never' });
  await cache.set('meta:kept', 'x');
  const over = Buffer.alloc(1_048_576);
  for (const options of [
    {},
    { cas: '1' },
    { mode: 'add' },
    { mode: 'append' },
    { mode: 'replace', cas: '1' },
  ] as const)
    await rejects(cache.meta.set('meta:kept', over, options), 'ERR_MEMCACHE_TOO_LARGE', 'no');
  assert.equal(await cache.get('meta:kept'), 'x');
});

test('an option that is undefined counts as left out, in every mode', async () => {
  const { cache } = server;
  await cache.set('meta:left', 'b');
  const left = { ttl: undefined, codec: undefined, cas: undefined, vivify: undefined };
  for (const mode of ['append', 'prepend', 'replace', 'set'] as const)
    assert.equal((await cache.meta.set('meta:left', 'x', { ...left, mode })).status, 'stored');
});

test('values that a worker encodes arrive, and their memory is given back', async () => {
  const cache = server.client({ offload: 'always' });
  const values = Array.from({ length: 200 }, (_, i) => ({ i, text: `${i} `.repeat(2000) }));
  const stored = await Promise.all(
    values.map((value, i) => cache.meta.set(`meta:pool:${i}`, value)),
  );
  assert.ok(stored.every(({ status }) => status === 'stored'));
  const read = await Promise.all(values.map((_, i) => cache.meta.get(`meta:pool:${i}`)));
  assert.deepEqual(
    read.map((item) => item?.value),
    values,
  );
});

test('the client’s prefix, ttl and codec are those of every store', async () => {
  const cache = server.client({ keyPrefix: 'app:', ttl: 100, format: 'pymemcache' });
  await cache.meta.set('meta:own', 'x');
  const item = await server.cache.inspect('app:meta:own');
  assert.ok((item?.ttl ?? 0) > 90 && (item?.ttl ?? 0) <= 100);
  const codec = {
    encode: (value: unknown) => ({ bytes: Buffer.from(JSON.stringify(value)), flags: 9 }),
    decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown,
  };
  await cache.meta.set('meta:own', { a: 1 }, { codec, ttl: 0 });
  const { ttl, flags } = (await server.cache.inspect('app:meta:own')) ?? {};
  assert.deepEqual([ttl, flags], [undefined, 9]);
  assert.deepEqual((await cache.meta.get('meta:own', { codec }))?.value, { a: 1 });
});

test('maxTtl bounds every ttl, a tombstone’s too', async () => {
  const cache = server.client({ maxTtl: 50 });
  const left = async (): Promise<number> => (await cache.inspect('meta:max'))?.ttl ?? Infinity;
  await cache.meta.set('meta:max', '1', { ttl: 1000 });
  assert.ok((await left()) <= 50);
  await cache.meta.arithmetic('meta:max', { ttl: 0 });
  assert.ok((await left()) <= 50);
  await cache.meta.delete('meta:max', { invalidate: true, ttl: 1000 });
  assert.ok((await left()) <= 50);
  await cache.getAndTouch('meta:max', 0);
  assert.ok((await left()) <= 50);
  await cache.inspect('meta:max', { touch: 0 });
  assert.ok((await left()) <= 50);
  const entomb = () => cache.meta.delete('meta:max', { keepItem: true });
  if (await has(cache, [1, 6, 27], entomb)) {
    await entomb();
    assert.ok((await left()) <= 50);
  }
});
