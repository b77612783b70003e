import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../src/connection/backoff.ts';

const LIMITS = { minMs: 50, maxMs: 1000 };

/** The first millisecond at which it is over. */
function pauseOf(backoff: Backoff, from: number): number {
  let pause = 0;
  while (!backoff.over(from + pause)) pause++;
  return pause;
}

test('without a failure there is no pause', () => {
  assert.equal(new Backoff(LIMITS).over(0), true);
});

test('pauses double up to their limit', () => {
  const backoff = new Backoff(LIMITS, () => 1);
  const pauses = [1, 2, 3, 4, 5, 6, 7].map((round) => {
    backoff.failed(round * 10_000);
    return pauseOf(backoff, round * 10_000);
  });
  assert.deepEqual(pauses, [50, 100, 200, 400, 800, 1000, 1000]);
});

test('between half and all of a pause is waited', () => {
  for (const [random, expected] of [
    [0, 25],
    [0.5, 38],
    [1, 50],
  ]) {
    const backoff = new Backoff(LIMITS, () => random);
    backoff.failed(7);
    assert.equal(pauseOf(backoff, 7), expected);
  }
  const seen = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const backoff = new Backoff({ minMs: 1000, maxMs: 1000 });
    backoff.failed(0);
    seen.add(pauseOf(backoff, 0));
  }
  assert.ok(seen.size > 1, 'it is random unless told otherwise');
});

test('good service sets it back', () => {
  const backoff = new Backoff(LIMITS, () => 1);
  for (let i = 0; i < 5; i++) backoff.failed(0);
  backoff.served();
  assert.equal(backoff.over(0), true);
  backoff.failed(0);
  assert.equal(pauseOf(backoff, 0), 50);
});

test('a thousand failures are no more than the limit', () => {
  const backoff = new Backoff(LIMITS, () => 1);
  for (let i = 0; i < 1000; i++) backoff.failed(0);
  assert.equal(pauseOf(backoff, 0), 1000);
});
