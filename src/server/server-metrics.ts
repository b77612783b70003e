import type { LatencySnapshot } from '../observability/histogram.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { ServerTimes } from '../observability/timing.ts';
import type { HealthSnapshot } from './health.ts';
import type { LanesLoad } from './lanes.ts';

const COUNTED = [
  'gets',
  'hits',
  'misses',
  'stores',
  'deletes',
  'otherCommands',
  'volleys',
  'volleyKeys',
  'sharedKeys',
  'flushes',
  'bytesWritten',
  'bytesRead',
  'connects',
  'reconnects',
  'connectionErrors',
  'timeouts',
] as const;

/** What is counted for each server by itself, as in `metrics()`; since it came to be used. */
export type ServerCounts = Readonly<Pick<Metrics, (typeof COUNTED)[number]>>;

/** How one server is doing, what it has still to answer, and what it has done. */
export interface ServerMetrics extends HealthSnapshot, LanesLoad, ServerCounts {
  /** Milliseconds from handing a request to a socket to its answer; only with the option `percentiles`. */
  readonly latency: LatencySnapshot | undefined;
}

export function figuresOf(
  metrics: Metrics,
  times: ServerTimes,
): ServerCounts & Pick<ServerMetrics, 'latency'> {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, metrics[name]])) as ServerCounts;
  return { ...counts, latency: times.latency() };
}
