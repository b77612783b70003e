import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naturalOrder } from '../../../src/routing/natural-order.ts';

test('numbers in a text sort by what they are', () => {
  const sorted = [
    '',
    '10.0.0.2:11211',
    '10.0.0.10:1121',
    '10.0.0.10:11211',
    '10.0.1.1:11211',
    'mc',
    'mc-0',
    'mc-2',
    'mc-10',
    'mc-99999999999999999999998',
    'mc-99999999999999999999999',
    'mc-a',
  ];
  assert.deepEqual(sorted.toReversed().toSorted(naturalOrder), sorted);
  assert.equal(naturalOrder('mc-1', 'mc-1'), 0);
});

test('texts that differ in zeros only have an order too', () => {
  assert.ok(naturalOrder('mc-01', 'mc-1') < 0);
  assert.ok(naturalOrder('mc-1', 'mc-01') > 0);
  assert.ok(naturalOrder('mc-01', 'mc-2') < 0);
});
