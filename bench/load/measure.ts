import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency, Load, Slice } from './load-case.ts';
import { percentilesOf } from './percentiles.ts';

const LONGEST_CALL_NS = 120e9;
const MILLISECOND_NS = 1e6;

function latencyOf(latencies: Histogram): Latency {
  const at = (percentile: number): number =>
    latencies.getValueAtPercentile(percentile) / MILLISECOND_NS;
  return { p50: at(50), p99: at(99), p999: at(99.9), percentiles: percentilesOf(latencies) };
}

/**
 * Time the main thread has run on a core, whatever its workers did meanwhile: Linux counts it per thread. Elsewhere
 * the active time of the event loop stands in, which also counts moments when another thread had the core.
 */
function mainThreadMicros(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(
      ' ',
    );
    return Number(nanoseconds) / 1000;
  } catch {
    return performance.eventLoopUtilization().active * 1000;
  }
}

/**
 * Runs one slice and accounts for the whole process: CPU is user and system time of all its threads, garbage
 * collection and workers included.
 */
export async function measureSlice(load: Load, seconds: number): Promise<Slice> {
  const latencies = build({
    highestTrackableValue: LONGEST_CALL_NS,
    numberOfSignificantValueDigits: 3,
  });
  const mainBefore = mainThreadMicros();
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  const startedAt = performance.now();
  const work = await load.run(seconds, latencies);
  const elapsed = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const mainThread = mainThreadMicros() - mainBefore;
  const { utilization } = performance.eventLoopUtilization(loopBefore);
  return {
    ...work,
    seconds: elapsed,
    operationsPerSecond: work.operations / (work.busySeconds ?? elapsed),
    ...(latencies.totalCount > 0 && { latency: latencyOf(latencies) }),
    cpuMicrosPerOperation: (cpu.user + cpu.system) / work.operations,
    mainThreadMicrosPerOperation: mainThread / work.operations,
    eventLoopUtilization: utilization,
    rssMiB: process.memoryUsage.rss() / 1024 ** 2,
  };
}
