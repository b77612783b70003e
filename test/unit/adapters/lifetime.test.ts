import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsFor } from '../../../src/adapters/lifetime.ts';

test('milliseconds are rounded up, and one second more for the tick that is under way', () => {
  const pairs = [
    [0.1, 2],
    [1, 2],
    [999, 2],
    [1000, 2],
    [1001, 3],
    [90_000, 91],
  ] as const;
  for (const [ms, seconds] of pairs) assert.equal(secondsFor(ms), seconds, String(ms));
});

test('what is over has ended', () => {
  assert.equal(secondsFor(0), -1);
  assert.equal(secondsFor(-5), -1);
  assert.equal(secondsFor(Number.NEGATIVE_INFINITY), -1);
});

test('what lasts longer than the clock of the server lasts for as long as there is room', () => {
  assert.equal(secondsFor(Number.POSITIVE_INFINITY), 0);
  assert.equal(secondsFor(Number.MAX_SAFE_INTEGER), 0);
});
