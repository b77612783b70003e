/**
 * Metrics for prom-client.
 *
 * @module memvolley/prometheus
 */
export { collectMetrics } from './collect-metrics.ts';
export type { CollectedMetrics, CollectMetricsOptions } from './collect-metrics.ts';
export type { MetricRegistry } from './registry.ts';
export type { MeasuredClient, MeasuredClients } from '../named-clients.ts';
