import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naturally } from '../../../src/primitives/natural-order.ts';

const ORDERED = [
  [],
  ['10.0.0.2', '10.0.0.9', '10.0.0.10', '10.0.1.1', '10.0.10.0', '10.1.0.0'],
  ['cache-0.a:11211', 'cache-1.a:11211', 'cache-2.a:11211', 'cache-10.a:11211'],
  ['a', 'a1', 'a1b', 'a2', 'ab', 'b'],
  ['a1', 'a01', 'a2'].toSorted(naturally),
  ['mc-01', 'mc-1', 'mc-2', 'mc-99999999999999999999998', 'mc-99999999999999999999999', 'mc-a'],
  ['', '0', '1', 'A', 'a', 'é'],
  [`x${'9'.repeat(40)}`, `x1${'0'.repeat(40)}`],
];

test('names are ordered by the numbers in them, whatever order they came in', () => {
  for (const names of ORDERED) {
    assert.deepEqual(names.toReversed().toSorted(naturally), names);
    assert.deepEqual(names.toSorted().toSorted(naturally), names);
  }
});

test('only what is the same is equal', () => {
  assert.equal(naturally('a1', 'a1'), 0);
  assert.notEqual(naturally('a1', 'a01'), 0);
  assert.equal(Math.sign(naturally('a1', 'a01')), -Math.sign(naturally('a01', 'a1')));
});
