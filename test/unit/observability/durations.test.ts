import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DURATION_BOUNDS_MS, DurationCounts } from '../../../src/observability/durations.ts';

test('a duration is in the bucket whose bound it does not exceed', () => {
  const counts = new DurationCounts();
  for (const ms of [0, 0.1, 0.11, 10_000, 10_001]) counts.record(ms);
  const { count, sumMs, buckets } = counts.snapshot();
  assert.equal(count, 5);
  assert.ok(Math.abs(sumMs - 20_001.21) < 1e-6);
  assert.equal(buckets.length, DURATION_BOUNDS_MS.length + 1);
  assert.deepEqual([buckets[0], buckets[1], buckets.at(-2), buckets.at(-1)], [2, 1, 1, 1]);
});

test('the bounds rise, and those that OpenTelemetry advises are among them', () => {
  assert.deepEqual(
    DURATION_BOUNDS_MS,
    DURATION_BOUNDS_MS.toSorted((a, b) => a - b),
  );
  for (const ms of [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000])
    assert.ok(DURATION_BOUNDS_MS.includes(ms));
});

test('a snapshot stays what it was', () => {
  const counts = new DurationCounts();
  const before = counts.snapshot();
  counts.record(1);
  assert.equal(
    before.buckets.reduce((sum, each) => sum + each, 0),
    0,
  );
});
