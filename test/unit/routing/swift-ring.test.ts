import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HashNode } from '../../../src/routing/hasher.ts';
import { swift } from '../../../src/routing/swift-ring.ts';
import { readVectors } from './vectors.ts';

interface Vector {
  readonly kind: string;
  readonly servers: readonly string[];
  readonly key: string;
  readonly order: readonly string[];
}
const vectors = (readVectors('python') as { cases: Vector[] }).cases.filter(
  ({ kind }) => kind === 'swift_ring',
);

const nodesOf = (spellings: readonly string[]): HashNode[] =>
  spellings.map((spelling) => ({
    name: /:\d+$/.test(spelling) ? spelling : `${spelling}:11211`,
    spelling,
    weight: 1,
  }));

test('the order in which Swift tries servers, and no more of them than it tries', () => {
  assert.equal(vectors.length, 20);
  for (const { servers, key, order } of vectors) {
    const all = swift({ tries: 10 })(nodesOf(servers));
    assert.deepEqual(
      all.candidates(key).map((number) => servers[number]),
      order,
    );
    assert.equal(servers[all.locate(key)], order[0]);
    const usual = swift()(nodesOf(servers));
    assert.deepEqual(usual.candidates(key), all.candidates(key).slice(0, 3));
  }
});

test('the order of the list does not matter, the spelling does', () => {
  const spellings = ['h1', 'h2', 'h3'];
  const [one, other] = [swift()(nodesOf(spellings)), swift()(nodesOf(spellings.toReversed()))];
  const named = swift()(nodesOf(spellings).map(({ name }) => ({ name, weight: 1 })));
  let moved = 0;
  for (let i = 0; i < 200; i++) {
    assert.equal(one.locate(`k${i}`), 2 - other.locate(`k${i}`));
    if (one.locate(`k${i}`) !== named.locate(`k${i}`)) moved++;
  }
  assert.ok(moved > 50);
});
