import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  MemvolleyInstrumentation,
  memvolleyMetrics,
  type MemvolleyMetrics,
} from '../../src/adapters/opentelemetry/index.ts';
import type { FleetClient } from '../../src/index.ts';
import { isHeard } from '../support/traced.ts';
import { backend } from './backend.ts';

const server = backend();

/** A MeterProvider with its exporter in memory. */
class Exported {
  readonly provider: MeterProvider;
  readonly #exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #reader: PeriodicExportingMetricReader;

  constructor(...metricProducers: MemvolleyMetrics[]) {
    this.#reader = new PeriodicExportingMetricReader({
      exporter: this.#exporter,
      exportIntervalMillis: 3_600_000,
      metricProducers,
    });
    this.provider = new MeterProvider({ readers: [this.#reader] });
  }

  /** What is exported now, by name. */
  async take(): Promise<Map<string, MetricData>> {
    this.#exporter.reset();
    await this.#reader.forceFlush();
    const metrics = this.#exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .filter(({ scope }) => scope.name === 'memvolley')
      .flatMap((scope) => scope.metrics);
    return new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider.shutdown();
  }
}

/** The one point with these attributes, whatever others it has. */
function point(metric: MetricData | undefined, wanted: Attributes = {}): DataPoint<unknown> {
  assert.ok(metric !== undefined);
  const points = (metric.dataPoints as DataPoint<unknown>[]).filter(({ attributes }) =>
    Object.entries(wanted).every(([name, value]) => attributes[name] === value),
  );
  assert.equal(points.length, 1, `${points.length} of ${metric.descriptor.name}`);
  return points[0];
}

async function load(cache: FleetClient): Promise<void> {
  await cache.set('a', 'x');
  await Promise.all(['a', 'a', 'none'].map((key) => cache.get(key)));
  await assert.rejects(cache.incr('a'));
}

test('a counted load is what is exported, by the names and units of the conventions', async () => {
  const cache = server.client();
  await using exported = new Exported(memvolleyMetrics({ pages: cache }, { namespace: 'n' }));
  await load(cache);
  const metrics = await exported.take();
  const client = { 'memvolley.client': 'pages' };

  assert.equal(point(metrics.get('memvolley.gets'), client).value, 3);
  const hits = metrics.get('memvolley.get.results');
  assert.equal(point(hits, { ...client, 'memvolley.result': 'hit' }).value, 2);
  assert.equal(point(metrics.get('memvolley.volley.keys'), client).value, 2);
  assert.equal(hits?.dataPointType, DataPointType.SUM);
  assert.equal(hits.isMonotonic, true);
  assert.equal(hits.descriptor.unit, '{key}');
  const written = point(metrics.get('memvolley.io'), { 'memvolley.direction': 'write' });
  assert.equal(written.value, cache.metrics().bytesWritten);
  assert.equal(metrics.get('memvolley.io')?.descriptor.unit, 'By');

  const state = metrics.get('memvolley.server.state');
  const where = { 'server.address': '127.0.0.1', 'server.port': server.server.port };
  assert.equal(point(state, { ...where, 'memvolley.state': 'up' }).value, 1);
  assert.equal(point(state, { ...where, 'memvolley.state': 'down' }).value, 0);
  assert.equal(state?.dataPointType, DataPointType.GAUGE);

  const pool = { 'db.client.connection.pool.name': `${server.address}/pages` };
  const count = metrics.get('db.client.connection.count');
  assert.equal(point(count, { ...pool, 'db.client.connection.state': 'idle' }).value, 1);
  assert.equal(point(count, { ...pool, 'db.client.connection.state': 'used' }).value, 0);
  assert.equal(count?.dataPointType, DataPointType.SUM);
  assert.equal(count.isMonotonic, false);
  assert.equal(count.descriptor.unit, '{connection}');
  assert.equal(point(metrics.get('db.client.connection.pending_requests'), pool).value, 0);
});

test('durations are histograms in seconds, over the bounds of the conventions', async () => {
  const cache = server.client();
  await using exported = new Exported(memvolleyMetrics(cache, { namespace: 'n' }));
  await load(cache);
  const metrics = await exported.take();
  const durations = metrics.get('db.client.operation.duration');
  assert.equal(durations?.dataPointType, DataPointType.HISTOGRAM);
  assert.equal(durations.descriptor.unit, 's');
  const hit = point(durations, { 'db.operation.name': 'get', 'memvolley.result': 'hit' });
  assert.deepEqual(hit.attributes, {
    'db.system.name': 'memcached',
    'db.operation.name': 'get',
    'db.namespace': 'n',
    'memvolley.client': 'default',
    'memvolley.result': 'hit',
  });
  const { count, sum, buckets } = hit.value as Histogram;
  assert.equal(count, 2);
  assert.ok(sum !== undefined && sum > 0 && sum < 20, `${sum} s`);
  assert.deepEqual(buckets.boundaries, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
  assert.equal(buckets.counts.length, 10);
  assert.equal(
    buckets.counts.reduce((all, each) => all + each),
    2,
  );
  const refused = point(durations, { 'error.type': 'ERR_MEMCACHE_CLIENT' });
  assert.equal((refused.value as Histogram).count, 1);
  const pool = { 'db.client.connection.pool.name': server.address };
  for (const part of ['create_time', 'wait_time', 'use_time']) {
    const metric = metrics.get(`db.client.connection.${part}`);
    assert.ok((point(metric, pool).value as Histogram).count > 0, part);
    assert.equal(metric?.descriptor.unit, 's');
  }
});

test('delta is since the collection before, cumulative since the beginning', async () => {
  const cache = server.client();
  const options = { buckets: 'fine' } as const;
  await using whole = new Exported(memvolleyMetrics(cache, options));
  await using delta = new Exported(memvolleyMetrics(cache, { ...options, temporality: 'delta' }));
  const taken: unknown[] = [];
  for (const gets of [3, 2, 0]) {
    await Promise.all(Array.from({ length: gets }, (_, key) => cache.get(`key-${key}`)));
    for (const exported of [whole, delta]) {
      const metrics = await exported.take();
      const counter = metrics.get('memvolley.gets');
      const durations = metrics.get('db.client.operation.duration');
      const { count } = point(durations, { 'db.operation.name': 'get' }).value as Histogram;
      taken.push([counter?.aggregationTemporality, point(counter).value, count]);
      assert.equal(durations?.aggregationTemporality, counter?.aggregationTemporality);
    }
  }
  const { CUMULATIVE, DELTA } = AggregationTemporality;
  assert.deepEqual(taken, [
    [CUMULATIVE, 3, 3],
    [DELTA, 3, 3],
    [CUMULATIVE, 5, 5],
    [DELTA, 2, 2],
    [CUMULATIVE, 5, 5],
    [DELTA, 0, 0],
  ]);
});

test('without durations nothing is counted in buckets', async () => {
  const cache = server.client();
  await using exported = new Exported(memvolleyMetrics(cache, { durations: false }));
  await load(cache);
  const metrics = await exported.take();
  assert.ok(metrics.has('memvolley.gets'));
  assert.ok(!metrics.has('db.client.operation.duration'));
  assert.deepEqual(cache.durations().operations, []);
});

test('a MeterProvider alone observes the same numbers, and may have each duration recorded', async () => {
  const cache = server.client();
  await using exported = new Exported();
  const instrumentation = new MemvolleyInstrumentation({
    spans: 'none',
    clients: { pages: cache },
    durations: 'fine',
    namespace: 'n',
  });
  instrumentation.setMeterProvider(exported.provider);
  await load(cache);
  const metrics = await exported.take();
  const client = { 'memvolley.client': 'pages' };
  assert.equal(point(metrics.get('memvolley.gets'), client).value, 3);
  const count = metrics.get('db.client.connection.count');
  assert.equal(point(count, { 'db.client.connection.state': 'idle' }).value, 1);
  const hit = point(metrics.get('db.client.operation.duration'), { 'memvolley.result': 'hit' });
  assert.deepEqual(hit.attributes, {
    'db.system.name': 'memcached',
    'db.operation.name': 'get',
    'db.namespace': 'n',
    'server.address': '127.0.0.1',
    'server.port': server.server.port,
    'memvolley.result': 'hit',
  });
  const { count: hits, buckets } = hit.value as Histogram;
  assert.equal(hits, 2);
  assert.equal(buckets.boundaries[0], 0.0001);

  instrumentation.disable();
  assert.equal(isHeard('command'), false);
  await load(cache);
  const afterwards = await exported.take();
  assert.equal(point(afterwards.get('memvolley.gets')).value, 3, 'no longer observed');
  const { value } = point(afterwards.get('db.client.operation.duration'), {
    'memvolley.result': 'hit',
  });
  assert.equal((value as Histogram).count, 2, 'nothing more is recorded');
});

test('the same numbers by either way', async () => {
  const cache = server.client();
  await using produced = new Exported(memvolleyMetrics(cache));
  await using observed = new Exported();
  const instrumentation = new MemvolleyInstrumentation({ spans: 'none', clients: cache });
  instrumentation.setMeterProvider(observed.provider);
  await load(cache);
  const shape = (metrics: Map<string, MetricData>): object[] =>
    [...metrics.values()]
      .filter(({ dataPointType }) => dataPointType !== DataPointType.HISTOGRAM)
      .map(({ descriptor: { name, unit, description }, dataPointType, dataPoints }) => ({
        name,
        unit,
        description,
        dataPointType,
        points: dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  assert.deepEqual(shape(await produced.take()), shape(await observed.take()));
  instrumentation.disable();
});
