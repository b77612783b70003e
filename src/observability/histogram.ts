import type { Histogram } from 'hdr-histogram-js';

/** Latencies in milliseconds. */
export interface LatencySnapshot {
  /** Half of the calls took no longer. */
  readonly p50: number;
  /** Of ten calls nine took no longer. */
  readonly p90: number;
  /** Of a hundred calls 99 took no longer. */
  readonly p99: number;
  /** Of a thousand calls 999 took no longer. */
  readonly p999: number;
  /** The longest. */
  readonly max: number;
  /** How many calls these are. */
  readonly count: number;
}

/** Slower calls count as this slow: the histogram's range is fixed and it throws beyond it. */
const SLOWEST_MICROSECONDS = 3_600_000_000;
/**
 * Samples kept while the module loads, which takes tens of milliseconds; later ones are dropped
 * until it has.
 */
const EARLY_SAMPLES = 1024;

/**
 * Percentiles of call latency. This file is the only one that knows hdr-histogram-js, and asks for
 * it when a recorder is made and not before: loading it costs about 60 ms and 15 MB.
 */
export class LatencyRecorder {
  /**
   * Settles when samples are being counted. A module that cannot be loaded rejects it; nobody has
   * to listen.
   */
  readonly ready: Promise<void>;
  #early: number[] = [];
  #histogram: Histogram | undefined;

  constructor(load: () => Promise<Histogram> = () => buildHistogram()) {
    this.ready = this.#start(load);
    this.ready.catch(() => {});
  }

  record(milliseconds: number): void {
    const microseconds = Math.min(Math.round(milliseconds * 1000), SLOWEST_MICROSECONDS);
    // NaN fails this too; the histogram would take it and throw much later.
    if (!(microseconds >= 0)) return;
    if (this.#histogram !== undefined) this.#histogram.recordValue(microseconds);
    else if (this.#early.length < EARLY_SAMPLES) this.#early.push(microseconds);
  }

  /** Undefined until the module has loaded and something has been recorded. */
  snapshot(): LatencySnapshot | undefined {
    const histogram = this.#histogram;
    if (histogram === undefined || histogram.totalCount === 0) return undefined;
    // A percentile is the upper edge of its bucket, which may lie above the largest value recorded.
    const at = (percentile: number): number =>
      Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) / 1000;
    return {
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: histogram.maxValue / 1000,
      count: histogram.totalCount,
    };
  }

  reset(): void {
    this.#early = [];
    this.#histogram?.reset();
  }

  async #start(load: () => Promise<Histogram>): Promise<void> {
    const histogram = await load();
    for (const microseconds of this.#early) histogram.recordValue(microseconds);
    this.#early = [];
    this.#histogram = histogram;
  }
}

/** Percentiles to 1 %, in 27 KB; the usual one is exact to 0.1 %, in 190 KB. */
export const smallRecorder = (): LatencyRecorder => new LatencyRecorder(() => buildHistogram(2));

async function buildHistogram(digits: 2 | 3 = 3): Promise<Histogram> {
  const { build } = await import('hdr-histogram-js');
  return build({
    // 32-bit buckets overflow after 2^31 samples of one size: some 36 minutes at a million a
    // second.
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: SLOWEST_MICROSECONDS,
    numberOfSignificantValueDigits: digits,
  });
}
