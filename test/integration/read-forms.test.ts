import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetClient, Inspection, Key } from '../../src/index.ts';
import { overEveryTransport } from './backend.ts';

/** Seconds an item has left, as told by one of several answers. */
const ttlIn = (answer: unknown): number | undefined => (answer as Inspection).ttl;

/** Reads and a write of one key, and a read of another, all in one moment. */
const inOneMoment = (cache: FleetClient, key: Key, other: string): Promise<unknown[]> =>
  Promise.all([
    cache.get(other),
    cache.get(key),
    cache.inspect(key),
    cache.getAndTouch(key, 100),
    cache.inspect(key),
    cache.getAndTouch(other, 200),
    cache.getAndTouch(key, 200),
    cache.getAndTouch(key, 100),
    cache.inspect(key),
    cache.getAndTouch(key, -1),
    cache.get(key),
    cache.set(key, 2),
    cache.get(key),
  ]);

overEveryTransport((backend) => {
  test('of many long keys that are no text', { skip: backend.keysOnly }, async () => {
    const cache = backend.client({ volleyKeys: 300, volleyBytes: 1_000_000 });
    const keys = Array.from({ length: 300 }, (_, i) => Buffer.from(`${i} `.padEnd(186, ' ')));
    await cache.setMany(keys.slice(0, 250).map((key, i) => [key, i] as const));
    const before = cache.metrics();
    const values = await Promise.all(keys.map((key) => cache.get(key)));
    const after = cache.metrics();
    assert.deepEqual(
      values,
      keys.map((_, i) => (i < 250 ? i : undefined)),
    );
    assert.deepEqual([after.hits - before.hits, after.misses - before.misses], [250, 50]);
    assert.ok(after.volleys - before.volleys <= 6, 'they share volleys');
  });

  test('of one key, each in its turn, whatever they ask', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    for (const [key, other] of [
      ['turn', 'turn:other'],
      [Buffer.from('turn and turn'), 'turn:other'],
    ] as const) {
      await cache.set(key, 1);
      const answers = await inOneMoment(cache, key, other);
      assert.equal(ttlIn(answers[2]), undefined, 'it has not been touched yet');
      for (const place of [4, 8]) {
        const ttl = ttlIn(answers[place]) ?? 0;
        assert.ok(ttl > 60 && ttl <= 100, `${ttl} seconds left, by answer ${place}`);
      }
      const values = [1, 3, 6, 7, 9, 10, 11, 12].map((place) => answers[place]);
      assert.deepEqual(values, [1, 1, 1, 1, 1, undefined, true, 2]);
    }
  });
});
