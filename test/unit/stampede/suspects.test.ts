import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Suspects } from '../../../src/stampede/suspects.ts';
import { SimulatedClock } from './simulated.ts';

test('a winner is overdue after its time and a random part of it, once in that time', async () => {
  const clock = new SimulatedClock(() => 0.4);
  const suspects = new Suspects(clock);
  const overdue = (lease = '1', atOnce = false): boolean =>
    suspects.overdue('k', lease, 1000, atOnce);
  assert.equal(overdue(), false);
  await clock.advance(1199);
  assert.equal(overdue(), false);
  await clock.advance(1);
  assert.equal(overdue(), true);
  assert.equal(overdue(), false, 'the next one waits');
  await clock.advance(1000);
  assert.equal(overdue('1', true), true, 'without the random part');
  assert.equal(overdue('2', true), false, 'another lease');
  await clock.advance(5000);
  assert.equal(overdue('2'), true);
  suspects.clear('k');
  assert.equal(overdue('2'), false);
});

test('no more are kept than there is room for: the oldest goes', () => {
  const clock = new SimulatedClock();
  const suspects = new Suspects(clock, 3);
  for (const key of ['a', 'b', 'c', 'd']) suspects.overdue(key, '1', 0, true);
  assert.equal(suspects.size, 3);
  assert.equal(suspects.overdue('d', '1', 0, true), true);
  assert.equal(suspects.overdue('a', '1', 0, true), false, 'forgotten');
});
