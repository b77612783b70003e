import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { MemvolleyInstrumentation } from '../../src/adapters/opentelemetry/index.ts';
import { createClient, type FleetClient } from '../../src/index.ts';
import { isHeard, Traced } from '../support/traced.ts';
import { backend, PATIENCE_MS } from './backend.ts';

const [one, other] = [backend(), backend()];
const traced = new Traced();
const instrumentation = new MemvolleyInstrumentation({ enabled: false });
instrumentation.setTracerProvider(traced.provider);
const fleets: FleetClient[] = [];
after(() => Promise.all(fleets.map((fleet) => fleet.close())));
beforeEach(() => {
  instrumentation.enable();
});
afterEach(() => {
  instrumentation.disable();
  traced.take();
});

/** The spans of callers, and those of requests. */
function parted(): { operations: ReadableSpan[]; batches: ReadableSpan[] } {
  const spans = traced.take();
  const isBatch = ({ attributes }: ReadableSpan): boolean =>
    'memvolley.batch.callers' in attributes;
  return {
    operations: spans.filter((span) => !isBatch(span)),
    batches: spans.filter(isBatch),
  };
}

const linked = ({ links }: ReadableSpan): string[] => links.map((link) => link.context.spanId);

test('hits and misses of one moment link to the request that carried them', async () => {
  const cache = one.client();
  instrumentation.disable();
  await cache.set('there', 'value');
  instrumentation.enable();
  await Promise.all(['there', 'there', 'not-there'].map((key) => cache.get(key)));
  const { operations, batches } = parted();
  assert.deepEqual(
    operations.map(({ attributes }) => attributes['memvolley.result']),
    ['hit', 'hit', 'miss'],
  );
  assert.equal(batches.length, 1);
  const [batch] = batches;
  const { address, port } = one.server;
  assert.equal(batch.name, `BATCH get ${address}`);
  assert.equal(batch.attributes['db.operation.batch.size'], 2);
  assert.equal(batch.attributes['memvolley.batch.callers'], 3);
  for (const span of operations) {
    assert.equal(span.name, `get ${address}`);
    assert.deepEqual(linked(span), [batch.spanContext().spanId]);
    assert.equal(span.attributes['server.address'], '127.0.0.1');
    assert.equal(span.attributes['server.port'], port);
    assert.equal(span.attributes['network.peer.address'], '127.0.0.1');
    assert.equal(span.attributes['network.peer.port'], port);
  }
});

test('a getMany over two servers is one span, with a link for each', async () => {
  const servers = [one.server.address, other.server.address];
  const cache = createClient({ servers, timeoutMs: PATIENCE_MS });
  fleets.push(cache);
  const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
  await cache.getMany(keys);
  const { operations, batches } = parted();
  assert.equal(operations.length, 1);
  const [span] = operations;
  assert.equal(span.name, 'getMany');
  assert.equal(span.attributes['db.operation.batch.size'], 40);
  assert.equal(span.attributes['server.address'], undefined);
  assert.equal(batches.length, 2);
  assert.deepEqual(
    linked(span).toSorted(),
    batches.map((batch) => batch.spanContext().spanId).toSorted(),
  );
  assert.deepEqual(
    new Set(batches.map(({ attributes }) => attributes['server.port'])),
    new Set([one.server.port, other.server.port]),
  );
});

test('callers that share a request keep the parents they had', async () => {
  const cache = one.client();
  const tracer = traced.provider.getTracer('test');
  const parents = await Promise.all(
    ['a', 'b', 'c'].map(async (key) => {
      const parent = tracer.startSpan(key);
      await context.with(trace.setSpan(context.active(), parent), async () => {
        await cache.get('same');
        tracer.startSpan(`after ${key}`).end();
      });
      return parent.spanContext().spanId;
    }),
  );
  const { operations } = parted();
  const under = (name: string): string[] =>
    operations
      .filter((span) => span.name.startsWith(name))
      .map((span) => span.parentSpanContext?.spanId ?? 'none');
  assert.deepEqual(under('get'), parents);
  assert.deepEqual(under('after').toSorted(), parents.toSorted());
});

test('what a loader does is below its fetch', async () => {
  const cache = one.client();
  const tracer = traced.provider.getTracer('test');
  const loaded = await cache.fetch('loaded', { ttl: 10 }, async () => {
    tracer.startSpan('SELECT').end();
    return 'row';
  });
  assert.equal(loaded, 'row');
  const spans = traced.take();
  const select = spans.find(({ name }) => name === 'SELECT');
  const fetch = spans.find(({ name }) => name.startsWith('fetch'));
  assert.ok(fetch !== undefined);
  assert.equal(select?.parentSpanContext?.spanId, fetch.spanContext().spanId);
});

test('refusals of the server and deadlines are told, and keys are not', async () => {
  const cache = one.client({ retry: { attempts: 1 } });
  await cache.set('canary-text', 'canary-value');
  await assert.rejects(cache.incr('canary-text'));
  one.server.pause();
  try {
    await assert.rejects(cache.get('canary-late', { timeoutMs: 50 }));
  } finally {
    one.server.resume();
  }
  await assert.rejects(cache.get('canary bad key'));
  const { operations } = parted();
  const told = operations.map(({ attributes, status }) => [
    attributes['db.operation.name'],
    attributes['error.type'],
    attributes['db.response.status_code'],
    status.code,
  ]);
  assert.deepEqual(told, [
    ['set', undefined, undefined, 0],
    ['incr', 'ERR_MEMCACHE_CLIENT', 'CLIENT_ERROR', 2],
    ['get', 'ERR_MEMCACHE_TIMEOUT', undefined, 2],
    ['get', 'ERR_MEMCACHE_KEY', undefined, 2],
  ]);
  const text = JSON.stringify(
    operations.map(({ name, attributes, status }) => [name, attributes, status]),
  );
  assert.ok(!text.includes('canary'), text);
});

test('a sampler that wants nothing leaves nothing behind', async () => {
  const cache = one.client();
  const noop = { getTracer: () => trace.getTracer('none') };
  instrumentation.setTracerProvider(noop);
  assert.equal(await cache.get('key'), undefined);
  assert.deepEqual(traced.take(), []);
  instrumentation.setTracerProvider(traced.provider);
});

test('after disable() nobody listens', async () => {
  assert.deepEqual([isHeard('command'), isHeard('batch')], [true, true]);
  instrumentation.enable();
  instrumentation.disable();
  instrumentation.disable();
  assert.deepEqual(
    [isHeard('command'), isHeard('batch'), isHeard('connect')],
    [false, false, false],
  );
  await one.cache.get('key');
  assert.deepEqual(traced.take(), []);
});
