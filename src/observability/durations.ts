import type { OperationResult } from './results.ts';

/**
 * The upper bounds of the buckets in which durations are counted, in milliseconds; one more bucket holds what is longer
 * than the last. Those that OpenTelemetry advises for databases are among them, and finer ones below a millisecond.
 */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
];

/** Durations counted in buckets: how many of each were not longer than its bound, and longer than the one before. */
export interface DurationHistogram {
  /** How many there were. */
  readonly count: number;
  /** All of them together, in milliseconds. */
  readonly sumMs: number;
  /** By bound of `DURATION_BOUNDS_MS`, and one more; not cumulative. */
  readonly buckets: readonly number[];
}

/** The operations of callers that had the same verb and the same outcome. */
export interface OperationDurations extends DurationHistogram {
  /** The caller's verb, as on the channel `memvolley:command`. */
  readonly command: string;
  /** Undefined for those that failed. */
  readonly result: OperationResult | undefined;
  /**
   * The code of the error, or the name of one that has none, such as what a loader threw; `other` where there are more
   * than 64 of them. Undefined for success.
   */
  readonly error: string | undefined;
}

/** What a server's connections take. */
export interface ServerDurations {
  /** From the first step of a dial until the connection is ready; only dials that came to that. */
  readonly create: DurationHistogram;
  /** From when a request is queued until it is handed to the socket. */
  readonly wait: DurationHistogram;
  /** From when a request is handed to the socket until it is answered. */
  readonly use: DurationHistogram;
}

/** What `durations` tells: since the first time it was asked. */
export interface Durations {
  /** Those of callers, by verb and outcome. */
  readonly operations: readonly OperationDurations[];
  /** By name, as in `metrics().servers`. */
  readonly servers: Readonly<Record<string, ServerDurations>>;
}

/** Counts durations; made of plain numbers, and small: 17 counts. */
export class DurationCounts {
  readonly #buckets = new Float64Array(DURATION_BOUNDS_MS.length + 1);
  #count = 0;
  #sumMs = 0;
  /** The duration that came last, and its bucket: what begins and ends in the same moments takes equally long. */
  #lastMs = 0;
  #lastPlace = 0;

  record(ms: number): void {
    if (ms !== this.#lastMs) {
      let place = 0;
      while (place < DURATION_BOUNDS_MS.length && ms > DURATION_BOUNDS_MS[place]) place++;
      this.#lastMs = ms;
      this.#lastPlace = place;
    }
    this.#buckets[this.#lastPlace]++;
    this.#count++;
    this.#sumMs += ms;
  }

  snapshot(): DurationHistogram {
    return { count: this.#count, sumMs: this.#sumMs, buckets: [...this.#buckets] };
  }
}
