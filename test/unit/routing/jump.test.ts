import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HashNode } from '../../../src/routing/hasher.ts';
import { jump, jumpHash } from '../../../src/routing/jump.ts';
import { readVectors } from './vectors.ts';

const { jump: vectors } = readVectors('algorithms') as {
  jump: { hash: string; buckets: number; bucket: number }[];
};

test("the paper's algorithm", () => {
  assert.ok(vectors.length > 5);
  for (const { hash, buckets, bucket } of vectors) {
    const high = Number.parseInt(hash.slice(0, 8), 16);
    const low = Number.parseInt(hash.slice(8), 16);
    assert.equal(jumpHash(Int32Array.of(low, high), buckets), bucket);
  }
});

const nodes = (...hosts: string[]): HashNode[] =>
  hosts.map((host) => ({ name: `${host}:11211`, weight: 1 }));

test('the order given does not matter, unless it is to', () => {
  const sorted = nodes('mc-2', 'mc-9', 'mc-10', 'mc-11');
  const mixed = nodes('mc-10', 'mc-2', 'mc-11', 'mc-9');
  const [a, b] = [jump()(sorted), jump()(mixed)];
  const given = jump({ order: 'given' })(mixed);
  let moved = 0;
  for (let i = 0; i < 200; i++) {
    const key = `k${i}`;
    assert.equal(sorted[a.locate(key)].name, mixed[b.locate(key)].name);
    assert.equal(given.locate(key), a.locate(key));
    if (given.locate(key) !== b.locate(key)) moved++;
  }
  assert.ok(moved > 50);
});

test('a label takes the place of the name in the order', () => {
  const [first, second] = nodes('a', 'b');
  const placement = jump()([{ ...first, label: 'z' }, second]);
  const plain = jump({ order: 'given' })([second, first]);
  for (let i = 0; i < 50; i++) assert.equal(placement.locate(`k${i}`), 1 - plain.locate(`k${i}`));
});
