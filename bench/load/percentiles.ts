import type { Histogram } from 'hdr-histogram-js';
import { percentileOf } from './latencies.ts';

const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999] as const;
/** With fewer samples beyond it a percentile is the fate of single calls. */
const LEAST_BEYOND = 10;

/** Times in milliseconds, of nanoseconds recorded, at the percentiles for which there are samples enough. */
export function percentilesOf(latencies: Histogram): [percentile: number, milliseconds: number][] {
  return PERCENTILES.filter(
    (percentile) => latencies.totalCount * (1 - percentile / 100) >= LEAST_BEYOND,
  ).map((percentile) => [percentile, percentileOf(latencies, percentile)]);
}
