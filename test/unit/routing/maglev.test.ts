import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HashNode } from '../../../src/routing/hasher.ts';
import { maglev } from '../../../src/routing/maglev.ts';

const nodes = (weights: readonly number[]): HashNode[] =>
  weights.map((weight, i) => ({ name: `10.0.0.${i}:11211`, weight }));

function sharesOf(list: readonly HashNode[], keys: number): number[] {
  const placement = maglev(list);
  const shares = list.map(() => 0);
  for (let i = 0; i < keys; i++) shares[placement.locate(`user:${i}`)]++;
  return shares;
}

test('keys are shared evenly, and by weight', () => {
  for (const share of sharesOf(nodes(Array(10).fill(1)), 50_000)) {
    assert.ok(Math.abs(share - 5000) < 300, String(share));
  }
  const shares = sharesOf(nodes([1, 2, 5]), 40_000);
  [5000, 10_000, 25_000].forEach((expected, i) => {
    assert.ok(Math.abs(shares[i] - expected) < 400, String(shares));
  });
});

test('a placement is what it was for the same servers', () => {
  const places = (): string =>
    Array.from({ length: 40 }, (_, i) => maglev(nodes([1, 1, 1, 1, 1])).locate(`k${i}`)).join('');
  assert.equal(places(), places());
  assert.equal(places(), PLACES);
});

/** Whoever changes these moves the keys of everybody who uses maglev. */
const PLACES = '2204002340331424321014341341012403043104';

test('a lost server moves few keys of the others', () => {
  const list = nodes(Array(10).fill(1));
  const [before, after] = [maglev(list), maglev(list.slice(0, -1))];
  let moved = 0;
  for (let i = 0; i < 10_000; i++) {
    const from = before.locate(`k${i}`);
    if (from < 9 && from !== after.locate(`k${i}`)) moved++;
  }
  assert.ok(moved < 1000, `${moved} of 9000 moved without need`);
});

test('everybody stands in once', () => {
  const placement = maglev(nodes([1, 1, 1, 1, 50]));
  for (let i = 0; i < 100; i++) {
    const order = placement.candidates(`k${i}`);
    assert.equal(order[0], placement.locate(`k${i}`));
    assert.deepEqual(
      order.toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4],
    );
  }
});
