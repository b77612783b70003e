import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency, Load, Slice } from './load-case.ts';
import { percentilesOf } from './percentiles.ts';
import { UsageMeter } from './usage.ts';

const LONGEST_CALL_NS = 120e9;
const MILLISECOND_NS = 1e6;

function latencyOf(latencies: Histogram): Latency {
  const at = (percentile: number): number =>
    latencies.getValueAtPercentile(percentile) / MILLISECOND_NS;
  return { p50: at(50), p99: at(99), p999: at(99.9), percentiles: percentilesOf(latencies) };
}

/** For the times of calls, in nanoseconds. */
export const emptyLatencies = (): Histogram =>
  build({ highestTrackableValue: LONGEST_CALL_NS, numberOfSignificantValueDigits: 3 });

/** Runs one slice and accounts for the whole process, or for those that it says did the work. */
export async function measureSlice(load: Load, seconds: number): Promise<Slice> {
  const latencies = emptyLatencies();
  const meter = new UsageMeter();
  const startedAt = performance.now();
  const { usage = meter.read(), ...work } = await load.run(seconds, latencies);
  const elapsed = (performance.now() - startedAt) / 1000;
  return {
    ...work,
    seconds: elapsed,
    operationsPerSecond: work.operations / (work.busySeconds ?? elapsed),
    ...(latencies.totalCount > 0 && { latency: latencyOf(latencies) }),
    cpuMicrosPerOperation: usage.cpuMicros / work.operations,
    mainThreadMicrosPerOperation: usage.mainThreadMicros / work.operations,
    eventLoopUtilization: usage.eventLoopUtilization,
    rssMiB: usage.rssMiB,
  };
}
