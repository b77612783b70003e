import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { dalli } from '../../../src/routing/dalli.ts';
import { crc32 } from '../../../src/routing/crc32.ts';
import type { HashNode } from '../../../src/routing/hasher.ts';

const NODES: HashNode[] = [22110, 22111, 22112, 22113].map((port) => ({
  name: `127.0.0.1:${port}`,
  weight: 1,
}));

const points = NODES.flatMap(({ name }, server) =>
  Array.from({ length: 160 }, (_, i) => {
    const value = createHash('sha1').update(`${name}:${i}`).digest().readUInt32BE(0);
    return { value, server };
  }),
).toSorted((a, b) => a.value - b.value);

test('a key belongs to the last point not above its hash, before the first to the last', () => {
  assert.deepEqual(points.slice(0, 3), [
    { value: 5_472_517, server: 3 },
    { value: 6_010_728, server: 3 },
    { value: 6_382_354, server: 1 },
  ]);
  const placement = dalli(NODES);
  let wrapped = 0;
  for (let i = 0; i < 20_000; i++) {
    const hash = crc32(`k${i}`);
    if (hash < points[0].value) wrapped++;
    const at = points.findLast(({ value }) => value <= hash) ?? points[points.length - 1];
    assert.equal(placement.locate(`k${i}`), at.server);
  }
  assert.ok(wrapped > 0);
});
