/**
 * Spans and metrics for OpenTelemetry.
 *
 * @module memvolley/opentelemetry
 */
export { MemvolleyInstrumentation } from './instrumentation.ts';
export type { MemvolleyInstrumentationConfig } from './instrumentation.ts';
export { memvolleyMetrics } from './memvolley-metrics.ts';
export type { MemvolleyMetrics, MemvolleyMetricsOptions } from './memvolley-metrics.ts';
export type { MeasuredClient, MeasuredClients } from '../named-clients.ts';
