import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { backend } from './backend.ts';

const server = backend();
const LARGE = randomBytes(300_000);
const SMALL = Buffer.from('small');

test('a large value goes its own way, and its key comes back when it is small again', async () => {
  const cache = server.client();
  await cache.set('lane', SMALL);
  assert.equal(cache.metrics().connects, 1);
  await cache.set('lane', LARGE);
  assert.equal(cache.metrics().connects, 2, 'a connection for large values');
  assert.deepEqual(await cache.get('lane'), LARGE);
  await cache.set('lane', SMALL);
  assert.deepEqual(await cache.get('lane'), SMALL);
  assert.deepEqual(await cache.get('lane'), SMALL);
  assert.equal(cache.metrics().connects, 2);
});

test('a large value somebody else stored is noticed when it is read', async () => {
  const cache = server.client();
  await server.cache.set('found:large', LARGE);
  assert.deepEqual(await cache.get('found:large'), LARGE);
  assert.equal(cache.metrics().connects, 1);
  assert.deepEqual(await cache.get('found:large'), LARGE);
  assert.equal(cache.metrics().connects, 2);
});

test("lane 'bulk' says so beforehand", async () => {
  const cache = server.client();
  await server.cache.set('hint', LARGE);
  assert.deepEqual(await cache.get('hint', { lane: 'bulk' }), LARGE);
  assert.equal(cache.metrics().connects, 1, 'only the connection for large values');
  assert.deepEqual(
    await cache.getMany(['hint', 'none'], { lane: 'bulk' }),
    new Map([['hint', LARGE]]),
  );
  assert.equal((await cache.gets<Buffer>('hint', { lane: 'bulk' }))?.value.length, LARGE.length);
});

test('operations on one key keep their order whatever the sizes', async () => {
  const cache = server.client();
  for (let round = 0; round < 20; round++) {
    const [, large, , small, , gone] = await Promise.all([
      cache.set('order', LARGE),
      cache.get<Buffer>('order'),
      cache.set('order', SMALL),
      cache.get<Buffer>('order'),
      Promise.all([cache.set('order', LARGE), cache.delete('order')]),
      cache.get<Buffer>('order'),
    ]);
    assert.equal(large?.length, LARGE.length);
    assert.deepEqual(small, SMALL);
    assert.equal(gone, undefined);
  }
});

test('bulkBytes says what is large', async () => {
  const cache = server.client({ bulkBytes: 100 });
  await cache.set('bulkBytes', Buffer.alloc(99));
  assert.equal(cache.metrics().connects, 1);
  await cache.set('bulkBytes', Buffer.alloc(100));
  assert.equal(cache.metrics().connects, 2);
});

test('several connections share the keys, and each key keeps to one', async () => {
  const cache = server.client({ connections: 4 });
  const keys = Array.from({ length: 400 }, (_, i) => `spread:${i}`);
  await Promise.all(keys.map((key, i) => cache.set(key, i)));
  assert.equal(cache.metrics().connects, 4);
  const values = await Promise.all(keys.map((key) => cache.get(key)));
  assert.deepEqual(
    values,
    keys.map((_, i) => i),
  );
  assert.deepEqual(await cache.getValues(keys), values);
  const steps = await Promise.all([
    cache.set('spread:order', 'a'),
    cache.get('spread:order'),
    cache.set('spread:order', LARGE),
    cache.set('spread:order', 'b'),
    cache.get('spread:order'),
    cache.delete('spread:order'),
    cache.get('spread:order'),
  ]);
  assert.deepEqual([steps[1], steps[4], steps[6]], ['a', 'b', undefined]);
});
