import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HashKey, HashNode } from '../../../src/routing/hasher.ts';
import { rendezvous } from '../../../src/routing/rendezvous.ts';
import { readVectors } from './vectors.ts';

interface Vector {
  readonly kind: string;
  readonly nodes: readonly string[];
  readonly key: string | { readonly bytes: string };
  readonly expect: string;
}
const { cases } = readVectors('python') as { cases: Vector[] };

/** The vectors name nodes as pymemcache does: IPv6 without brackets, a path without a scheme. */
const nodeOf = (text: string): HashNode => ({ name: text, label: text, weight: 1 });
const keyOf = (key: Vector['key']): HashKey =>
  typeof key === 'string' ? key : Buffer.from(key.bytes, 'latin1');

test('the server pymemcache chooses, for text and for bytes', () => {
  const vectors = cases.filter(({ kind }) => kind.startsWith('rendezvous'));
  assert.equal(vectors.length, 20);
  for (const { nodes, key, expect } of vectors) {
    const placement = rendezvous()(nodes.map(nodeOf));
    assert.equal(nodes[placement.locate(keyOf(key))], expect);
    assert.equal(nodes[placement.candidates(keyOf(key))[0]], expect);
  }
});

test('of two servers with one score the greater text wins, by code point, whatever the order', () => {
  // A character counts with its low eight bits, so these hash alike; U+FF61 is below U+10061, its UTF-16 above.
  const pairs = [
    ['a', '\u0161', 1],
    ['\uff61', '\u{10061}', 1],
    ['\u{10061}', 'a', 0],
  ] as const;
  for (const [first, second, winner] of pairs) {
    for (const weights of [
      [1, 1, 1],
      [5, 5, 1],
    ]) {
      const nodes = [first, second, 'other'].map((text, i) => ({
        ...nodeOf(text),
        weight: weights[i],
      }));
      const turned = [nodes[1], nodes[0], nodes[2]];
      const [placement, opposite] = [rendezvous()(nodes), rendezvous()(turned)];
      let seen = 0;
      for (let i = 0; i < 50; i++) {
        const place = placement.locate(`k${i}`);
        if (place === 2) continue;
        seen++;
        assert.equal(place, winner);
        assert.equal(opposite.locate(`k${i}`), 1 - winner);
        assert.equal(placement.candidates(`k${i}`)[0], winner);
      }
      assert.ok(seen > 10);
    }
  }
});

test('equal weights of any size place as weights of 1 do', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map(nodeOf);
  const heavy = nodes.map((node) => ({ ...node, weight: 7 }));
  const [one, other] = [rendezvous()(nodes), rendezvous()(heavy)];
  for (let i = 0; i < 200; i++) {
    assert.equal(one.locate(`k${i}`), other.locate(`k${i}`));
    assert.deepEqual(one.candidates(`k${i}`), other.candidates(`k${i}`));
  }
});

test('a heavier server takes keys, and no key moves between the others', () => {
  const nodes = Array.from({ length: 6 }, (_, i) => nodeOf(`s${i}`));
  const before = rendezvous()(nodes);
  const after = rendezvous()(nodes.map((node, i) => (i === 2 ? { ...node, weight: 3 } : node)));
  let moved = 0;
  for (let i = 0; i < 2000; i++) {
    const [from, to] = [before.locate(`k${i}`), after.locate(`k${i}`)];
    if (from === to) continue;
    assert.equal(to, 2);
    moved++;
  }
  // From a sixth to three eighths.
  assert.ok(moved > 300 && moved < 550, `${moved} moved`);
});

test('lately placed keys stay where they are, with enough servers to remember them', () => {
  const nodes = Array.from({ length: 40 }, (_, i) => nodeOf(`s${i}`));
  const placement = rendezvous()(nodes);
  for (let i = 0; i < 500; i++) {
    const [first] = placement.candidates(`k${i}`);
    assert.equal(placement.locate(`k${i}`), first);
    assert.equal(placement.locate(`k${i}`), first);
  }
});
