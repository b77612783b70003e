import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONVENTIONAL_MS, FINE_MS } from '../../../../src/adapters/opentelemetry/bounds.ts';
import { hrTimeOf } from '../../../../src/adapters/opentelemetry/metric-data.ts';
import { histogramValue, Temporality } from '../../../../src/adapters/opentelemetry/temporality.ts';

test('bounds that are not shown are added to the next that is', () => {
  const buckets = Array.from({ length: FINE_MS.length + 1 }, (_, place) => place + 1);
  const count = buckets.reduce((sum, each) => sum + each, 0);
  const fine = histogramValue({ buckets, count, sumMs: 1500 }, FINE_MS);
  assert.deepEqual(fine.buckets.counts, buckets);
  assert.deepEqual([fine.sum, fine.count], [1.5, count]);
  assert.deepEqual(fine.buckets.boundaries.slice(0, 3), [0.0001, 0.00025, 0.0005]);
  const advised = histogramValue({ buckets, count, sumMs: 1500 }, CONVENTIONAL_MS);
  assert.deepEqual(advised.buckets.boundaries, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
  // Bounds: 0.1 0.25 0.5 1 | 2.5 5 | 10 | 25 50 | 100 | 250 500 | 1000 | 2500 5000 | 10 000 | more
  assert.deepEqual(advised.buckets.counts, [10, 11, 7, 17, 10, 23, 13, 29, 16, 17]);
});

test('every advised bound is one that is counted to', () => {
  for (const bound of CONVENTIONAL_MS) assert.ok(FINE_MS.includes(bound), `${bound}`);
});

test('cumulative points are since the beginning', () => {
  const temporality = new Temporality('cumulative', [1, 0]);
  temporality.next([2, 0]);
  temporality.numbers('n', [{ attributes: {}, value: 5 }]);
  temporality.next([3, 0]);
  assert.deepEqual(temporality.numbers('n', [{ attributes: {}, value: 7 }]), [
    { startTime: [1, 0], endTime: [3, 0], attributes: {}, value: 7 },
  ]);
});

test('delta points are since the collection before, and what begins anew counts whole', () => {
  const temporality = new Temporality('delta', [1, 0]);
  const take = (value: number, seconds: number): unknown[] => {
    temporality.next([seconds, 0]);
    const [a] = temporality.numbers('n', [{ attributes: { a: 1 }, value }]);
    const [b] = temporality.numbers('n', [{ attributes: { a: 2 }, value: 1 }]);
    const [other] = temporality.numbers('m', [{ attributes: { a: 1 }, value: 3 * value }]);
    return [a.startTime[0], a.endTime[0], a.value, b.value, other.value];
  };
  assert.deepEqual(take(5, 2), [1, 2, 5, 1, 15]);
  assert.deepEqual(take(7, 3), [2, 3, 2, 0, 6]);
  assert.deepEqual(take(7, 4), [3, 4, 0, 0, 0]);
  assert.deepEqual(take(2, 5), [4, 5, 2, 0, 6], 'a server that came back');
});

test('delta of histograms', () => {
  const temporality = new Temporality('delta', [1, 0]);
  const value = (counts: number[], sum: number): ReturnType<typeof histogramValue> => ({
    buckets: { boundaries: [1], counts },
    sum,
    count: counts[0] + counts[1],
  });
  const take = (...given: Parameters<typeof value>): unknown => {
    temporality.next([2, 0]);
    return temporality.histograms('h', [{ attributes: {}, value: value(...given) }])[0].value;
  };
  assert.deepEqual(take([1, 2], 10), value([1, 2], 10));
  assert.deepEqual(take([1, 5], 16), value([0, 3], 6));
  assert.deepEqual(take([1, 0], 1), value([1, 0], 1));
});

test('levels are what they are', () => {
  const temporality = new Temporality('delta', [1, 0]);
  temporality.next([2, 0]);
  temporality.levels([{ attributes: {}, value: 4 }]);
  temporality.next([3, 0]);
  assert.equal(temporality.levels([{ attributes: {}, value: 4 }])[0].value, 4);
});

test('a moment is seconds and nanoseconds', () => {
  assert.deepEqual(hrTimeOf(1_700_000_000_123), [1_700_000_000, 123_000_000]);
});
