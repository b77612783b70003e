// What a MetricProducer hands to a MetricReader of @opentelemetry/sdk-metrics 2. The shapes are written down here, so that
// the types of that package are not needed by those who only trace.
import type { Attributes, HrTime } from '@opentelemetry/api';

/** AggregationTemporality of the SDK. */
export const DELTA = 0;
export const CUMULATIVE = 1;

export interface DataPoint<T> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Attributes;
  readonly value: T;
}

export interface HistogramValue {
  readonly buckets: { readonly boundaries: number[]; readonly counts: number[] };
  readonly sum: number;
  readonly count: number;
}

interface Described {
  readonly descriptor: {
    readonly name: string;
    readonly description: string;
    readonly unit: string;
    /** ValueType of the API: 0 for whole numbers, 1 for others. */
    readonly valueType: 0 | 1;
  };
  readonly aggregationTemporality: typeof DELTA | typeof CUMULATIVE;
}

/** MetricData of the SDK; `dataPointType` is its DataPointType. */
export type MetricData =
  | (Described & { dataPointType: 0; dataPoints: DataPoint<HistogramValue>[] })
  | (Described & { dataPointType: 2; dataPoints: DataPoint<number>[] })
  | (Described & { dataPointType: 3; dataPoints: DataPoint<number>[]; isMonotonic: boolean });

/** A resource without attributes: that of the reader's own provider is exported. */
interface NoResource {
  readonly attributes: Attributes;
  merge(other: NoResource | null): NoResource;
  getRawAttributes(): [];
}

const NO_RESOURCE: NoResource = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/** CollectionResult of the SDK. */
export interface Collected {
  readonly resourceMetrics: {
    readonly resource: NoResource;
    readonly scopeMetrics: { scope: { name: string; version: string }; metrics: MetricData[] }[];
  };
  readonly errors: unknown[];
}

export function collected(
  scope: { name: string; version: string },
  metrics: MetricData[],
): Collected {
  return {
    resourceMetrics: { resource: NO_RESOURCE, scopeMetrics: [{ scope, metrics }] },
    errors: [],
  };
}

/** A moment as the SDK writes it: seconds since 1970, and nanoseconds. */
export function hrTimeOf(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}
