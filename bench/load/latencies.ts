import { build, type Histogram } from 'hdr-histogram-js';

const LONGEST_CALL_NS = 120e9;
const MILLISECOND_NS = 1e6;

/** Of nanoseconds: hdr-histogram-js takes whole numbers only, and three digits of a loopback round trip are to be left. */
export function newLatencies(): Histogram {
  return build({ highestTrackableValue: LONGEST_CALL_NS, numberOfSignificantValueDigits: 3 });
}

export function record(latencies: Histogram, milliseconds: number): void {
  const nanoseconds = Math.round(milliseconds * MILLISECOND_NS);
  latencies.recordValue(Math.min(LONGEST_CALL_NS, Math.max(0, nanoseconds)));
}

/** In milliseconds. */
export function percentileOf(latencies: Histogram, percentile: number): number {
  return latencies.getValueAtPercentile(percentile) / MILLISECOND_NS;
}
