import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockwise, Continuum, sortedPoints } from '../../../src/routing/continuum.ts';

const HIGHEST = 0xffffffff;
const POINTS = [
  { value: 100, server: 2 },
  { value: 0, server: 1 },
  { value: 0x80000000, server: 0 },
  { value: 0xf0000000, server: 2 },
];

test('a number belongs to the first point not below it, past the last to the first', () => {
  const continuum = new Continuum(POINTS);
  for (const [hash, server] of [
    [0, 1],
    [1, 2],
    [100, 2],
    [101, 0],
    [0x7fffffff, 0],
    [0x80000000, 0],
    [0x80000001, 2],
    [0xf0000000, 2],
    [0xf0000001, 1],
    [HIGHEST, 1],
  ]) {
    assert.equal(continuum.serverOf(hash), server, String(hash));
  }
});

test('the highest number may be a point', () => {
  const continuum = new Continuum([
    { value: 5, server: 0 },
    { value: HIGHEST, server: 1 },
  ]);
  assert.equal(continuum.serverOf(HIGHEST), 1);
  assert.equal(continuum.serverOf(6), 1);
  assert.equal(continuum.serverOf(5), 0);
});

test('every number is found as a plain search finds it', () => {
  let state = 1;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  for (const count of [1, 2, 3, 160, 1000]) {
    const points = Array.from({ length: count }, (_, server) => ({ value: random(), server }));
    const continuum = new Continuum(points);
    const ascending = points.toSorted((a, b) => a.value - b.value);
    const near = points.flatMap(({ value }) => [value, value + 1, value - 1]);
    for (const hash of [...Array.from({ length: 2000 }, random), ...near]) {
      if (hash < 0 || hash > HIGHEST) continue;
      const expected = ascending.find(({ value }) => value >= hash) ?? ascending[0];
      assert.equal(continuum.serverOf(hash), expected.server);
    }
  }
});

test('of points with one value the first given has the numbers', () => {
  const same = [3, 1, 2].map((server) => ({ value: 7, server }));
  assert.deepEqual(sortedPoints(same), same);
  assert.equal(new Continuum(same).serverOf(7), 3);
});

test('servers stand in clockwise, each once', () => {
  const continuum = new Continuum(POINTS);
  assert.deepEqual(continuum.serversFrom(0), [1, 2, 0]);
  assert.deepEqual(continuum.serversFrom(50), [2, 0, 1]);
  assert.deepEqual(continuum.serversFrom(0xf0000001), [1, 2, 0]);
  assert.deepEqual(clockwise(POINTS, () => 0x80000001).candidates('k'), [2, 1, 0]);
});
