import assert from 'node:assert/strict';
import Module from 'node:module';
import { test } from 'node:test';
import {
  AggregatorRegistry,
  Counter,
  type OpenMetricsContentType,
  register,
  Registry,
} from 'prom-client';
import { collectMetrics } from '../../src/adapters/prometheus/index.ts';
import { readExposition } from '../support/exposition-text.ts';
import { backend } from './backend.ts';

const server = backend();

test('a counted load is what is scraped', async () => {
  const cache = server.client({ offload: 'never' });
  const registry = new Registry();
  const { unregister } = collectMetrics(cache, { register: registry, labels: { team: 'search' } });
  await cache.setMany([
    ['a', 'x'],
    ['b', 'y'],
  ]);
  await Promise.all(['a', 'a', 'b', 'none'].map((key) => cache.get(key)));
  await cache.delete('a');
  const text = await registry.metrics();
  const { value, types } = readExposition(text);
  const mine = { client: 'default', team: 'search' };
  assert.equal(value('memvolley_gets_total', mine), 4);
  assert.equal(value('memvolley_get_results_total', { result: 'hit', ...mine }), 3);
  assert.equal(value('memvolley_get_results_total', { result: 'miss' }), 1);
  assert.equal(value('memvolley_commands_total', { kind: 'get' }), 1);
  assert.equal(value('memvolley_commands_total', { kind: 'store' }), 2);
  assert.equal(value('memvolley_commands_total', { kind: 'delete' }), 1);
  assert.equal(value('memvolley_volley_keys_total'), 3);
  assert.equal(value('memvolley_shared_keys_total'), 1);
  assert.equal(value('memvolley_encoded_total', { place: 'main' }), 2);
  assert.equal(value('memvolley_connections_opened_total', { cause: 'first' }), 1);
  const address = { server: server.address };
  assert.equal(value('memvolley_server_connections', address), 1);
  assert.equal(value('memvolley_server_state', { ...address, state: 'up' }), 1);
  assert.equal(value('memvolley_server_state', { ...address, state: 'down' }), 0);
  assert.equal(value('memvolley_io_bytes_total', { direction: 'read' }), cache.metrics().bytesRead);
  assert.equal(types.get('memvolley_gets_total'), 'counter');
  assert.equal(types.get('memvolley_server_state'), 'gauge');
  unregister();
  assert.equal((await registry.metrics()).trim(), '');
});

test('what is scraped twice does not go down, and a closed client keeps what it has counted', async () => {
  const cache = server.client();
  const registry = new Registry();
  collectMetrics({ pages: cache }, { register: registry });
  await cache.set('key', 'value');
  const before = readExposition(await registry.metrics());
  await Promise.all([cache.get('key'), cache.get('none'), cache.add('key', 1)]);
  await cache.close();
  const text = await registry.metrics();
  const after = readExposition(text);
  const grown = before.samples.filter(({ name, labels, value }) => {
    if (!name.endsWith('_total')) return false;
    assert.ok(after.value(name, labels) >= value, name);
    return after.value(name, labels) > value;
  });
  assert.ok(grown.length >= 5, `${grown.length} have grown`);
  assert.equal(after.value('memvolley_gets_total', { client: 'pages' }), 2);
  assert.equal(after.value('memvolley_server_connections'), 0);
  assert.equal(await registry.metrics(), text, 'nothing moves any more');
});

test('several clients share a registry, come and go', async () => {
  const [pages, sessions, others] = [server.client(), server.client(), server.client()];
  const registry = new Registry();
  const first = collectMetrics({ pages, sessions }, { register: registry });
  const second = collectMetrics({ others }, { register: registry });
  await Promise.all([pages.get('a'), pages.get('b'), sessions.get('a')]);
  const all = readExposition(await registry.metrics());
  const gets = (client: string): number => all.value('memvolley_gets_total', { client });
  assert.deepEqual([gets('pages'), gets('sessions'), gets('others')], [2, 1, 0]);
  assert.throws(
    () => collectMetrics({ pages: others }, { register: registry }),
    /^IllegalInputError: a client is shown as 'pages' in this registry already: name each, as in collectMetrics\(\{ pages: cache \}\)$/,
  );
  first.unregister();
  first.unregister();
  const { samples } = readExposition(await registry.metrics());
  assert.deepEqual(new Set(samples.map(({ labels }) => labels['client'])), new Set(['others']));
  second.unregister();
  assert.deepEqual(registry.getMetricsAsArray(), []);
  collectMetrics({ pages }, { register: registry }).unregister();
});

test('a registry that was cleared takes them anew', async () => {
  const cache = server.client();
  const registry = new Registry();
  const old = collectMetrics(cache, { register: registry });
  registry.clear();
  collectMetrics(cache, { register: registry });
  old.unregister();
  registry.resetMetrics();
  await cache.get('key');
  assert.equal(readExposition(await registry.metrics()).value('memvolley_gets_total'), 1);
});

test('without a registry it is the global one of prom-client', async () => {
  const cache = server.client();
  const { unregister } = collectMetrics(cache, { prefix: 'app_cache_' });
  await cache.get('key');
  assert.equal(readExposition(await register.metrics()).value('app_cache_gets_total'), 1);
  unregister();
  assert.deepEqual(register.getMetricsAsArray(), []);
});

test('OpenMetrics, JSON and the sum of a cluster', async () => {
  const cache = server.client();
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const { unregister } = collectMetrics(cache, { register: open });
  await cache.get('key');
  const text = await open.metrics();
  assert.match(text, /# TYPE memvolley_gets counter\nmemvolley_gets_total\{client="default"\} 1\n/);
  assert.ok(!text.includes('_total_total') && text.endsWith('# EOF\n'));
  assert.equal(await open.metrics(), text, 'a second time too');
  unregister();
  assert.deepEqual(open.getMetricsAsArray(), []);

  const registry = new Registry();
  registry.setDefaultLabels({ zone: 'z1', client: 'never' });
  collectMetrics(cache, { register: registry });
  const json = (await registry.getMetricsAsJSON()) as unknown as object[];
  const summed = AggregatorRegistry.aggregate([json, json]);
  const labels = { zone: 'z1', client: 'default' };
  assert.equal(readExposition(await summed.metrics()).value('memvolley_gets_total', labels), 2);
});

test('a name that is taken is refused, and nothing is registered', () => {
  const registry = new Registry();
  const name = 'memvolley_retries_total';
  registry.registerMetric(new Counter({ name, help: 'mine', registers: [] }));
  assert.throws(() => collectMetrics(server.cache, { register: registry }), {
    name: 'IllegalInputError',
    code: 'ERR_MEMCACHE_OPTION',
    message: `the registry has a metric ${name} of somebody else: option 'prefix' can tell them apart`,
  });
  assert.equal(registry.getMetricsAsArray().length, 1);
});

test('without prom-client a registry has to be given', () => {
  const loader = Module as unknown as Record<
    '_load',
    (request: string, ...rest: unknown[]) => unknown
  >;
  const { ['_load']: load } = loader;
  loader['_load'] = (request, ...rest) => {
    if (request === 'prom-client') throw new Error(`Cannot find module '${request}'`);
    return load(request, ...rest);
  };
  try {
    assert.throws(() => collectMetrics(server.cache), {
      name: 'MemcacheError',
      code: 'ERR_MEMCACHE_UNSUPPORTED',
      message:
        "memvolley/prometheus cannot load the package prom-client: install it, or give a Registry as 'register'",
    });
    collectMetrics(server.cache, { register: new Registry() }).unregister();
  } finally {
    loader['_load'] = load;
  }
});
