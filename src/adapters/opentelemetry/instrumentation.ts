import type * as Api from '@opentelemetry/api';
import { boolean, oneOf, type Rule, text } from '../../config/check.ts';
import { checkOptions } from '../checked-options.ts';
import { type MeasuredClient, type MeasuredClients, namedClients } from '../named-clients.ts';
import { loadApi } from './api.ts';
import { SCOPE } from './attributes.ts';
import { BatchSpans } from './batch-spans.ts';
import { CONVENTIONAL_MS, FINE_MS } from './bounds.ts';
import { ObservedNumbers } from './observed-numbers.ts';
import { OperationSpans } from './operation-spans.ts';
import { RecordedDurations } from './recorded-durations.ts';

/** What is told to OpenTelemetry of all clients of this process. */
export interface MemvolleyInstrumentationConfig {
  /** Whether it begins at once. Default true. */
  readonly enabled?: boolean | undefined;
  /**
   * What has spans: `all` (the default) are operations and the requests that carry several of them, which operations
   * link to; `operations` are those alone; `none` leaves tracing out.
   */
  readonly spans?: 'all' | 'operations' | 'none' | undefined;
  /** The attribute `db.namespace`, and what stands in names of spans instead of the server. Default: none. */
  readonly namespace?: string | undefined;
  /**
   * Clients whose counters and levels are observable instruments of the MeterProvider. Default: none.
   */
  readonly clients?: MeasuredClients | undefined;
  /**
   * Records `db.client.operation.duration` for each operation, in buckets of the conventions or finer ones, see
   * `memvolleyMetrics`, which does the same at a fraction of the cost. Default `none`.
   */
  readonly durations?: 'conventional' | 'fine' | 'none' | undefined;
}

const RULES: Readonly<Record<keyof MemvolleyInstrumentationConfig, Rule>> = {
  enabled: boolean,
  spans: oneOf('all', 'operations', 'none'),
  namespace: text,
  // Looked into by namedClients.
  clients: { allowed: 'a client, or an object of clients by name', accepts: () => true },
  durations: oneOf('conventional', 'fine', 'none'),
};

/** Something that was begun and can be ended. */
interface Part {
  stop(): void;
}

/**
 * Spans, and if asked for metrics, of all clients in this process, by the conventions for databases. It is what
 * `registerInstrumentations({ instrumentations: [new MemvolleyInstrumentation()] })` and the `instrumentations` of a
 * NodeSDK take; used by itself it takes the providers that are registered globally when it is enabled. It listens to
 * channels (`CHANNELS`) and patches nothing, so it may come before or after memvolley is loaded.
 *
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for an option it cannot work with, and MemcacheError
 * (ERR_MEMCACHE_UNSUPPORTED) if @opentelemetry/api is not installed.
 */
export class MemvolleyInstrumentation {
  /** As tracers and meters are named. */
  readonly instrumentationName: string = SCOPE.name;
  /** The version of what it tells. */
  readonly instrumentationVersion: string = SCOPE.version;
  readonly #api: typeof Api = loadApi();
  #config: MemvolleyInstrumentationConfig = {};
  #clients: ReadonlyMap<string, MeasuredClient> = new Map();
  #tracerProvider: Api.TracerProvider | undefined;
  #meterProvider: Api.MeterProvider | undefined;
  #parts: Part[] | undefined;

  constructor(config: MemvolleyInstrumentationConfig = {}) {
    this.setConfig(config);
    if (config.enabled !== false) this.enable();
  }

  /** Begins to listen; does nothing if it does already. */
  enable(): void {
    this.#parts ??= [...this.#tracing(), ...this.#measuring()];
  }

  /** Stops listening. Spans of operations under way are never ended. */
  disable(): void {
    for (const part of this.#parts ?? []) part.stop();
    this.#parts = undefined;
  }

  /** Where spans go from now on. */
  setTracerProvider(provider: Api.TracerProvider): void {
    this.#again(() => (this.#tracerProvider = provider));
  }

  /** Where metrics go from now on. */
  setMeterProvider(provider: Api.MeterProvider): void {
    this.#again(() => (this.#meterProvider = provider));
  }

  /** What it was made with; `enabled` is true unless that was false. */
  getConfig(): MemvolleyInstrumentationConfig & {
    /** Whether it was to begin at once. */
    enabled: boolean;
  } {
    return { ...this.#config, enabled: this.#config.enabled !== false };
  }

  /** Takes another configuration, all of it; what is begun goes on by that one. Throws as the constructor does. */
  setConfig(config: MemvolleyInstrumentationConfig): void {
    checkOptions('MemvolleyInstrumentation', config, RULES);
    const { clients } = config;
    const named =
      clients === undefined
        ? new Map<string, MeasuredClient>()
        : namedClients("option 'clients'", clients);
    this.#again(() => {
      this.#config = { ...config };
      this.#clients = named;
    });
  }

  #again(change: () => void): void {
    const begun = this.#parts !== undefined;
    this.disable();
    change();
    if (begun) this.enable();
  }

  #tracing(): Part[] {
    const { spans = 'all', namespace } = this.#config;
    if (spans === 'none') return [];
    const provider = this.#tracerProvider ?? this.#api.trace.getTracerProvider();
    const tracer = provider.getTracer(SCOPE.name, SCOPE.version);
    const batches = spans === 'all' ? new BatchSpans(this.#api, tracer) : undefined;
    const operations = new OperationSpans({ api: this.#api, tracer, namespace, batches });
    return batches === undefined ? [operations] : [batches, operations];
  }

  #measuring(): Part[] {
    const { durations = 'none', namespace } = this.#config;
    const provider = this.#meterProvider ?? this.#api.metrics.getMeterProvider();
    const meter = provider.getMeter(SCOPE.name, SCOPE.version);
    const parts: Part[] = [];
    if (this.#clients.size > 0) parts.push(new ObservedNumbers(meter, this.#clients));
    if (durations === 'none') return parts;
    const boundsMs = durations === 'fine' ? FINE_MS : CONVENTIONAL_MS;
    return [
      ...parts,
      new RecordedDurations(
        meter,
        boundsMs.map((bound) => bound / 1000),
        namespace,
      ),
    ];
  }
}
