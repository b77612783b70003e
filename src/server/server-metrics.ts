import type { HealthSnapshot } from './health.ts';
import type { LanesLoad } from './lanes.ts';

/** How one server is doing, and what it has still to answer. */
export interface ServerMetrics extends HealthSnapshot, LanesLoad {}
