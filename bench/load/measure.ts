import { encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { GarbageWatch } from './garbage-watch.ts';
import { newLatencies, percentileOf } from './latencies.ts';
import type { Latency, Load, Slice } from './load-case.ts';
import { percentilesOf } from './percentiles.ts';
import { UsageMeter } from './usage.ts';

/** A slice, as its process is asked for it. */
export interface SliceRequest {
  readonly seconds: number;
  /** In the open loop, another rate than the load's own. */
  readonly perSecond?: number;
  /** All latencies are wanted, not only their percentiles. */
  readonly histogram?: boolean;
  readonly garbage?: boolean;
}

/** A thousandth of fewer is less than one. */
const LEAST_FOR_P999 = 1000;

export function latencyOf(latencies: Histogram): Latency {
  const at = (percentile: number): number => percentileOf(latencies, percentile);
  return {
    p50: at(50),
    p99: at(99),
    ...(latencies.totalCount >= LEAST_FOR_P999 && { p999: at(99.9) }),
    percentiles: percentilesOf(latencies),
  };
}

/** Runs one slice and accounts for the whole process, or for those that it says did the work. */
export async function measureSlice(load: Load, asked: SliceRequest): Promise<Slice> {
  const latencies = newLatencies();
  const meter = new UsageMeter();
  const watch = asked.garbage === true ? new GarbageWatch() : undefined;
  const startedAt = performance.now();
  const ran = await load.run(asked.seconds, latencies, asked.perSecond);
  const { usage = meter.read(), ...work } = ran;
  const elapsed = (performance.now() - startedAt) / 1000;
  const garbage = watch?.read();
  return {
    ...work,
    seconds: elapsed,
    operationsPerSecond: work.operations / (work.busySeconds ?? elapsed),
    ...(latencies.totalCount > 0 && { latency: latencyOf(latencies) }),
    cpuMicrosPerOperation: usage.cpuMicros / work.operations,
    mainThreadMicrosPerOperation: usage.mainThreadMicros / work.operations,
    eventLoopUtilization: usage.eventLoopUtilization,
    rssMiB: usage.rssMiB,
    ...(garbage !== undefined && { garbage }),
    ...(asked.histogram === true && { histogram: encodeIntoCompressedBase64(latencies) }),
  };
}
