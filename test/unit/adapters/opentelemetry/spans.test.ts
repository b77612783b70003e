import assert from 'node:assert/strict';
import { tracingChannel } from 'node:diagnostics_channel';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { MemvolleyInstrumentation } from '../../../../src/adapters/opentelemetry/index.ts';
import {
  type BatchMessage,
  CHANNELS,
  type CommandMessage,
  MemcacheError,
  MemcacheServerError,
} from '../../../../src/index.ts';
import { Traced } from '../../../support/traced.ts';

const traced = new Traced();
const instrumentation = new MemvolleyInstrumentation();
instrumentation.setTracerProvider(traced.provider);
after(() => {
  instrumentation.disable();
});

const commands = tracingChannel<unknown, CommandMessage>(CHANNELS.command);
const batches = tracingChannel<unknown, BatchMessage>(CHANNELS.batch);

const PLACE = { server: 'cache-1:11211', serverAddress: 'cache-1', serverPort: 11211 };
const NOWHERE = { server: undefined, serverAddress: undefined, serverPort: undefined };

function command(name: string, more: Partial<CommandMessage> = {}): CommandMessage {
  return {
    command: name,
    client: 1,
    batchSize: undefined,
    ...NOWHERE,
    batches: [],
    result: undefined,
    ...more,
  };
}

/** An operation as the client tells it; what `inside` answers is its result. */
async function operate(
  message: CommandMessage,
  inside: () => unknown = () => 'hit',
): Promise<void> {
  await commands.tracePromise(async () => inside(), message).catch(() => {});
}

async function send(message: Partial<BatchMessage>, failure?: MemcacheError): Promise<void> {
  const whole = { id: 1, client: 1, command: 'get', keys: 2, callers: 3, bytes: 10, ...PLACE };
  const begin = async (): Promise<void> => {
    if (failure !== undefined) throw failure;
  };
  await batches.tracePromise(begin, { ...whole, ...message }).catch(() => {});
}

test('an operation is a span of a client, named after what it did where', async () => {
  const message = command('get');
  await operate(message, () => {
    Object.assign(message, PLACE);
    return 'hit';
  });
  const [span] = traced.take();
  assert.equal(span.name, 'get cache-1:11211');
  assert.equal(span.kind, SpanKind.CLIENT);
  assert.deepEqual(span.attributes, {
    'db.system.name': 'memcached',
    'db.operation.name': 'get',
    'server.address': 'cache-1',
    'server.port': 11211,
    'memvolley.result': 'hit',
  });
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  assert.equal(span.instrumentationScope.name, 'memvolley');
});

test('the size of a batch is told from two on', async () => {
  await operate(command('getMany', { batchSize: 1 }));
  await operate(command('getMany', { batchSize: 2 }));
  assert.deepEqual(
    traced.take().map(({ name, attributes }) => [name, attributes['db.operation.batch.size']]),
    [
      ['getMany', undefined],
      ['getMany', 2],
    ],
  );
});

test('a failure is told by its code, and what the server said', async () => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  const said = new MemcacheServerError('ERR_MEMCACHE_SERVER', 'out of memory', { sent: 'yes' });
  await operate(command('set'), failing(said));
  await operate(command('get'), failing(new MemcacheError('ERR_MEMCACHE_TIMEOUT', 'late')));
  await operate(command('fetch'), failing(new TypeError('user:1 is no user')));
  await operate(command('fetch'), failing(undefined));
  const told = traced
    .take()
    .map(({ attributes, status }) => [
      attributes['error.type'],
      attributes['db.response.status_code'],
      status,
    ]);
  const code = SpanStatusCode.ERROR;
  assert.deepEqual(told, [
    ['ERR_MEMCACHE_SERVER', 'SERVER_ERROR', { code, message: 'out of memory' }],
    ['ERR_MEMCACHE_TIMEOUT', undefined, { code, message: 'late' }],
    ['TypeError', undefined, { code }],
    ['_OTHER', undefined, { code }],
  ]);
});

test('it is a child of what the caller is in, and what it calls is its child', async () => {
  const tracer = traced.provider.getTracer('test');
  const caller = tracer.startSpan('caller');
  await context.with(trace.setSpan(context.active(), caller), () =>
    operate(command('fetch'), async () => {
      await setImmediate();
      tracer.startSpan('load').end();
    }),
  );
  tracer.startSpan('afterwards').end();
  const [load, fetch, afterwards] = traced.take();
  assert.equal(fetch.parentSpanContext?.spanId, caller.spanContext().spanId);
  assert.equal(load.parentSpanContext?.spanId, fetch.spanContext().spanId);
  assert.equal(afterwards.parentSpanContext, undefined);
});

test('a batch begins a trace of its own, and what it carried links to it', async () => {
  const tracer = traced.provider.getTracer('test');
  await context.with(trace.setSpan(context.active(), tracer.startSpan('caller')), async () => {
    await send({ id: 7 });
    await send({ id: 8, keys: 1 });
  });
  await operate(command('getMany', { batches: [7, 8, 9] }));
  const [batch, single, operation] = traced.take();
  assert.equal(batch.name, 'BATCH get cache-1:11211');
  assert.equal(batch.parentSpanContext, undefined);
  assert.deepEqual(batch.attributes, {
    'db.system.name': 'memcached',
    'db.operation.name': 'BATCH get',
    'server.address': 'cache-1',
    'server.port': 11211,
    'memvolley.batch.callers': 3,
    'db.operation.batch.size': 2,
  });
  assert.equal(single.name, 'get cache-1:11211');
  assert.equal(single.attributes['db.operation.batch.size'], undefined);
  assert.deepEqual(
    operation.links.map((link) => link.context),
    [batch.spanContext(), single.spanContext()],
  );
});

test('a batch that fails says why', async () => {
  await send({}, new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'gone'));
  const [batch] = traced.take();
  assert.equal(batch.attributes['error.type'], 'ERR_MEMCACHE_CONNECTION_LOST');
  assert.deepEqual(batch.status, { code: SpanStatusCode.ERROR, message: 'gone' });
});

test('of batches long gone nothing is kept', async () => {
  await send({ id: 1000 });
  for (let id = 1001; id < 1001 + 4096; id++) void send({ id });
  await operate(command('getMany', { batches: [1000, 1001] }));
  assert.equal(traced.taken('getMany')[0].links.length, 1);
});

test('a namespace stands in the name, and operations alone may have spans', async () => {
  instrumentation.setConfig({ namespace: 'sessions', spans: 'operations' });
  await send({ id: 5000 });
  await operate(command('get', { ...PLACE, batches: [5000] }));
  const [span, ...others] = traced.take();
  assert.deepEqual([span.name, others.length, span.links], ['get sessions', 0, []]);
  assert.equal(span.attributes['db.namespace'], 'sessions');
  instrumentation.setConfig({});
});

test('an operation that began before anybody listened has no span', async () => {
  instrumentation.disable();
  await operate(command('get'), () => {
    instrumentation.enable();
  });
  assert.deepEqual(traced.take(), []);
});
