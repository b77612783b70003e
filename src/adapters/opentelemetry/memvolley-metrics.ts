import type { Attributes } from '@opentelemetry/api';
import { boolean, oneOf, type Rule, text } from '../../config/check.ts';
import { checkOptions } from '../checked-options.ts';
import { type MeasuredClient, type MeasuredClients, namedClients } from '../named-clients.ts';
import { SCOPE } from './attributes.ts';
import { CONVENTIONAL_MS, FINE_MS } from './bounds.ts';
import {
  EXPORTED_DURATIONS,
  EXPORTED_NUMBERS,
  type ExportedDurations,
  type ExportedNumber,
} from './exported.ts';
import {
  type Collected,
  collected,
  CUMULATIVE,
  DELTA,
  hrTimeOf,
  type MetricData,
} from './metric-data.ts';
import { histogramValue, Temporality } from './temporality.ts';

/** How metrics are handed to a MetricReader. */
export interface MemvolleyMetricsOptions {
  /**
   * What counters and durations are since: `cumulative` (the default) for the beginning, as Prometheus wants it, or
   * `delta` for the collection before. A producer is not told what its reader's exporter prefers.
   */
  readonly temporality?: 'cumulative' | 'delta' | undefined;
  /**
   * Whether durations are counted in buckets, from this call on. Default true. It is the only part of metrics that costs
   * time while nobody collects.
   */
  readonly durations?: boolean | undefined;
  /**
   * The upper bounds of durations. `conventional` (the default) are those the conventions advise, from 1 ms to 10 s;
   * `fine` has 0.1, 0.25 and 0.5 ms too, which a cache that is near needs.
   */
  readonly buckets?: 'conventional' | 'fine' | undefined;
  /** The attribute `db.namespace` of operations. Default: none. */
  readonly namespace?: string | undefined;
}

/** MetricProducer of @opentelemetry/sdk-metrics 2, for one reader. */
export interface MemvolleyMetrics {
  /** What the reader asks for; a `CollectionResult` of the SDK. */
  collect(): Promise<Collected>;
}

const RULES: Readonly<Record<keyof MemvolleyMetricsOptions, Rule>> = {
  temporality: oneOf('cumulative', 'delta'),
  durations: boolean,
  buckets: oneOf('conventional', 'fine'),
  namespace: text,
};

/**
 * The metrics of clients for a MetricReader, as one of its `metricProducers`. They are read when it collects, from what
 * clients count in any case and from durations that they count in buckets: no instrument is called for an operation.
 * Each reader needs a producer of its own.
 *
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what is no client, and for an option it cannot work with.
 */
export function memvolleyMetrics(
  clients: MeasuredClients,
  options: MemvolleyMetricsOptions = {},
): MemvolleyMetrics {
  const named = namedClients('memvolleyMetrics', clients);
  checkOptions('memvolleyMetrics', options, RULES);
  const producer = new Producer(named, options);
  return { collect: async () => collected(SCOPE, producer.collect()) };
}

class Producer {
  readonly #clients: ReadonlyMap<string, MeasuredClient>;
  readonly #temporality: Temporality;
  readonly #boundsMs: readonly number[];
  readonly #withDurations: boolean;
  readonly #namespace: Attributes;

  constructor(clients: ReadonlyMap<string, MeasuredClient>, options: MemvolleyMetricsOptions) {
    const { temporality = 'cumulative', durations = true, buckets, namespace } = options;
    this.#clients = clients;
    this.#temporality = new Temporality(temporality, hrTimeOf(Date.now()));
    this.#boundsMs = buckets === 'fine' ? FINE_MS : CONVENTIONAL_MS;
    this.#withDurations = durations;
    this.#namespace = namespace === undefined ? {} : { 'db.namespace': namespace };
    // Clients count durations from the first time they are asked for them.
    if (durations) for (const client of clients.values()) client.durations();
  }

  collect(): MetricData[] {
    this.#temporality.next(hrTimeOf(Date.now()));
    const metrics = [...this.#clients].map(([name, client]) => [name, client.metrics()] as const);
    const numbers = EXPORTED_NUMBERS.map((exported) =>
      this.#number(
        exported,
        metrics.flatMap(([name, snapshot]) => exported.points(name, snapshot)),
      ),
    );
    if (!this.#withDurations) return numbers.filter(hasPoints);
    const taken = [...this.#clients].map(([name, client]) => [name, client.durations()] as const);
    const durations = EXPORTED_DURATIONS.map((exported) =>
      this.#durations(
        exported,
        taken.flatMap(([name, snapshot]) => exported.points(name, snapshot)),
      ),
    );
    return [...numbers, ...durations].filter(hasPoints);
  }

  #number(exported: ExportedNumber, counted: ReturnType<ExportedNumber['points']>): MetricData {
    const { name, unit, help: description, kind } = exported;
    const descriptor = { name, unit, description, valueType: 0 } as const;
    const cumulative = { descriptor, aggregationTemporality: CUMULATIVE } as const;
    const levels = (): ReturnType<Temporality['levels']> => this.#temporality.levels(counted);
    if (kind === 'state') return { ...cumulative, dataPointType: 2, dataPoints: levels() };
    if (kind === 'level')
      return { ...cumulative, dataPointType: 3, isMonotonic: false, dataPoints: levels() };
    const dataPoints = this.#temporality.numbers(name, counted);
    const aggregationTemporality = this.#sinceWhen;
    return { descriptor, aggregationTemporality, dataPointType: 3, isMonotonic: true, dataPoints };
  }

  #durations(
    { name, help: description }: ExportedDurations,
    counted: ReturnType<ExportedDurations['points']>,
  ): MetricData {
    const values = counted.map(({ histogram, attributes }) => ({
      value: histogramValue(histogram, this.#boundsMs),
      attributes:
        name === 'db.client.operation.duration'
          ? { ...attributes, ...this.#namespace }
          : attributes,
    }));
    return {
      descriptor: { name, unit: 's', description, valueType: 1 },
      aggregationTemporality: this.#sinceWhen,
      dataPointType: 0,
      dataPoints: this.#temporality.histograms(name, values),
    };
  }

  get #sinceWhen(): typeof CUMULATIVE | typeof DELTA {
    return this.#temporality.kind === 'delta' ? DELTA : CUMULATIVE;
  }
}

function hasPoints({ dataPoints }: MetricData): boolean {
  return dataPoints.length > 0;
}
