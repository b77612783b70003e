import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnClock } from '../../../src/primitives/turn-clock.ts';

function spin(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test('one moment has one time, however long it takes', async () => {
  const clock = new TurnClock();
  const first = clock.now();
  spin(3);
  assert.equal(clock.now(), first);
  await Promise.resolve();
  assert.equal(clock.now(), first, 'promise jobs belong to the moment');
});

test('another moment has another time', async () => {
  const clock = new TurnClock();
  const before = performance.now();
  const first = clock.now();
  assert.ok(first >= before && first <= performance.now());
  spin(3);
  await new Promise(setImmediate);
  const later = clock.now();
  assert.ok(later >= first + 3, `${later} comes 3 ms after ${first}`);
});
