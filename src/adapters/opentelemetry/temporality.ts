import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DurationHistogram } from '../../index.ts';
import { FINE_MS } from './bounds.ts';
import type { DataPoint, HistogramValue } from './metric-data.ts';

/** What has been counted under some attributes, and that as a point of an export. */
interface Counted<T> {
  readonly attributes: Attributes;
  readonly value: T;
}

/** Both kinds of values that only grow: how much one is more than another, and whether it is. */
interface Growth<T> {
  minus(now: T, before: T): T;
  /** A server that left and came back counts from 0 again. */
  isLess(now: T, before: T): boolean;
}

const NUMBERS: Growth<number> = {
  minus: (now, before) => now - before,
  isLess: (now, before) => now < before,
};

const HISTOGRAMS: Growth<HistogramValue> = {
  minus: (now, before) => ({
    buckets: {
      boundaries: now.buckets.boundaries,
      counts: now.buckets.counts.map((count, place) => count - before.buckets.counts[place]),
    },
    sum: now.sum - before.sum,
    count: now.count - before.count,
  }),
  isLess: (now, before) => now.count < before.count,
};

/**
 * Points of what only grows: since the beginning (`cumulative`) or since the collection before (`delta`), which is what
 * the reader's exporter has to want, for a producer is not told.
 */
export class Temporality {
  readonly kind: 'cumulative' | 'delta';
  readonly #began: HrTime;
  readonly #numbers = new Map<string, number>();
  readonly #histograms = new Map<string, HistogramValue>();
  #last: HrTime;
  #now: HrTime;

  constructor(kind: 'cumulative' | 'delta', began: HrTime) {
    this.kind = kind;
    this.#began = began;
    this.#last = began;
    this.#now = began;
  }

  /** A collection begins. */
  next(now: HrTime): void {
    this.#last = this.#now;
    this.#now = now;
  }

  /** Points of what goes up and down: always what it is now. */
  levels(counted: readonly Counted<number>[]): DataPoint<number>[] {
    return counted.map(({ attributes, value }) => this.#point(attributes, value, this.#began));
  }

  numbers(name: string, counted: readonly Counted<number>[]): DataPoint<number>[] {
    return this.#grown(name, counted, this.#numbers, NUMBERS);
  }

  histograms(
    name: string,
    counted: readonly Counted<HistogramValue>[],
  ): DataPoint<HistogramValue>[] {
    return this.#grown(name, counted, this.#histograms, HISTOGRAMS);
  }

  #grown<T>(
    name: string,
    counted: readonly Counted<T>[],
    known: Map<string, T>,
    growth: Growth<T>,
  ): DataPoint<T>[] {
    if (this.kind === 'cumulative')
      return counted.map(({ attributes, value }) => this.#point(attributes, value, this.#began));
    return counted.map(({ attributes, value }) => {
      const identity = name + JSON.stringify(attributes);
      const before = known.get(identity);
      known.set(identity, value);
      const delta =
        before === undefined || growth.isLess(value, before) ? value : growth.minus(value, before);
      return this.#point(attributes, delta, this.#last);
    });
  }

  #point<T>(attributes: Attributes, value: T, startTime: HrTime): DataPoint<T> {
    return { startTime, endTime: this.#now, attributes, value };
  }
}

/**
 * A histogram in seconds, over some of the bounds it was counted in. Those of `DURATION_BOUNDS_MS` that are not among
 * them are added to the next that is.
 */
export function histogramValue(
  { buckets, sumMs, count }: DurationHistogram,
  chosenMs: readonly number[],
): HistogramValue {
  const counts = Array.from({ length: chosenMs.length + 1 }, () => 0);
  for (const [place, held] of buckets.entries()) {
    const bound = FINE_MS[place] ?? Infinity;
    const chosen = chosenMs.findIndex((each) => each >= bound);
    counts[chosen === -1 ? chosenMs.length : chosen] += held;
  }
  const boundaries = chosenMs.map((bound) => bound / 1000);
  return { buckets: { boundaries, counts }, sum: sumMs / 1000, count };
}
