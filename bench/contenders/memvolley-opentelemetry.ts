import type { MeterProvider, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { FleetClient } from '../../src/index.ts';
import type { Contender } from './contender.ts';
import { variant } from './memvolley-variant.ts';
import { PUBLISHED, published } from './published.ts';

type Adapter = typeof import('../../src/adapters/opentelemetry/index.ts');

const EXPORT_MS = 1000;

const adapter = async (): Promise<Adapter> =>
  (await import(new URL('opentelemetry.js', PUBLISHED).href)) as Adapter;

/** Clients that are handed to somebody as soon as they are made. */
async function handedTo(take: (client: FleetClient) => void): ReturnType<typeof published> {
  const door = await published();
  const createClient = (options: Parameters<typeof door.createClient>[0]): FleetClient => {
    const client = door.createClient(options);
    take(client);
    return client;
  };
  return { ...door, createClient: createClient as typeof door.createClient };
}

/** A MeterProvider that collects once in a second, from these producers too. */
async function collecting(...metricProducers: MetricProducer[]): Promise<MeterProvider> {
  const sdk = await import('@opentelemetry/sdk-metrics');
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new sdk.InMemoryMetricExporter(sdk.AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: EXPORT_MS,
    exportTimeoutMillis: EXPORT_MS,
    metricProducers,
  });
  return new sdk.MeterProvider({ readers: [reader] });
}

async function produced(): ReturnType<typeof published> {
  const { memvolleyMetrics } = await adapter();
  return handedTo((client) => void collecting(memvolleyMetrics(client)));
}

async function recorded(): ReturnType<typeof published> {
  const { MemvolleyInstrumentation } = await adapter();
  const meterProvider = await collecting();
  return handedTo((clients) => {
    const instrumentation = new MemvolleyInstrumentation({
      enabled: false,
      spans: 'none',
      durations: 'conventional',
      clients,
    });
    instrumentation.setMeterProvider(meterProvider);
    instrumentation.enable();
  });
}

/** Of a hundred traces one is kept, as services with many calls do. */
async function traced(): ReturnType<typeof published> {
  const {
    BasicTracerProvider,
    BatchSpanProcessor,
    InMemorySpanExporter,
    TraceIdRatioBasedSampler,
  } = await import('@opentelemetry/sdk-trace-base');
  const { MemvolleyInstrumentation } = await adapter();
  const exporter = new InMemorySpanExporter();
  setInterval(() => {
    exporter.reset();
  }, EXPORT_MS).unref();
  const provider = new BasicTracerProvider({
    sampler: new TraceIdRatioBasedSampler(0.01),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const instrumentation = new MemvolleyInstrumentation({ enabled: false });
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  return published();
}

/** Metrics as the guide has them: a producer, read once in a second. */
export const METRICS_PRODUCED: Contender = variant('OpenTelemetry metrics', {}, { load: produced });
/** A record of each operation through the API instead. */
export const METRICS_RECORDED: Contender = variant(
  'OpenTelemetry, each duration recorded',
  {},
  { load: recorded },
);
export const TRACED: Contender = variant('OpenTelemetry spans, 1 % sampled', {}, { load: traced });
