import type { CodecMetrics } from '../codec/codec-metrics.ts';
import type { LatencySnapshot } from '../observability/histogram.ts';
import type { MetricsSnapshot } from '../observability/metrics.ts';
import type { ServerMetrics } from '../server/server-metrics.ts';

/** What `metrics` tells. */
export interface ClientMetrics extends MetricsSnapshot {
  /** What was encoded and decoded, on this thread and in the workers. */
  readonly codec: CodecMetrics;
  /** What has been begun and is not settled, now. */
  readonly pending: {
    /** Calls, or keys of a call of many. */
    readonly operations: number;
    /** Bytes of their values, of those that are text or bytes. */
    readonly bytes: number;
  };
  /**
   * The adaptive window over all servers: operations it is now, and those that are under way. Only with the option
   * `window.adaptive`.
   */
  readonly window:
    | {
        /** Operations it is now. */
        readonly size: number;
        /** Operations that are under way. */
        readonly inFlight: number;
      }
    | undefined;
  /** How each server in use is doing, by name. */
  readonly servers: Readonly<Record<string, ServerMetrics>>;
  /** Milliseconds from call to answer; only with the option `percentiles`. */
  readonly latency: LatencySnapshot | undefined;
  /** The same by the caller's verb, for verbs that have been used; only with the option `percentiles`. */
  readonly latencies: Readonly<Record<string, LatencySnapshot>> | undefined;
}
