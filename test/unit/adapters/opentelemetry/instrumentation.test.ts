import assert from 'node:assert/strict';
import Module from 'node:module';
import { test } from 'node:test';
import {
  MemvolleyInstrumentation,
  memvolleyMetrics,
} from '../../../../src/adapters/opentelemetry/index.ts';
import { createClient } from '../../../../src/index.ts';
import { isHeard } from '../../../support/traced.ts';

const cache = createClient('h');

const refused = (message: string): object => ({
  name: 'IllegalInputError',
  code: 'ERR_MEMCACHE_OPTION',
  message,
});

for (const [config, message] of [
  [null, 'the options of MemvolleyInstrumentation must be an object; got null'],
  [{ span: 'all' }, "unknown option 'span': did you mean 'spans'?"],
  [{ spans: 'some' }, "option 'spans' must be 'all' or 'operations' or 'none'; got a string"],
  [{ namespace: 7 }, "option 'namespace' must be a string; got a number"],
  [
    { durations: true },
    "option 'durations' must be 'conventional' or 'fine' or 'none'; got a boolean",
  ],
  [
    { clients: 7 },
    "option 'clients' takes a client, or an object of clients by name; got a number",
  ],
] as const) {
  test(`refused: ${JSON.stringify(config)}`, () => {
    assert.throws(() => new MemvolleyInstrumentation(config as never), refused(message));
    assert.equal(isHeard('command'), false);
  });
}

for (const [clients, options, message] of [
  ['h', {}, 'memvolleyMetrics takes a client, or an object of clients by name; got a string'],
  [cache, 7, 'the options of memvolleyMetrics must be an object; got a number'],
  [cache, { bucket: 'fine' }, "unknown option 'bucket': did you mean 'buckets'?"],
  [
    cache,
    { temporality: 'DELTA' },
    "option 'temporality' must be 'cumulative' or 'delta'; got a string",
  ],
] as const) {
  test(`refused by memvolleyMetrics: ${message}`, () => {
    assert.throws(() => memvolleyMetrics(clients as never, options as never), refused(message));
  });
}

test('it is what registerInstrumentations takes', () => {
  const instrumentation = new MemvolleyInstrumentation({ namespace: 'pages' });
  assert.equal(instrumentation.instrumentationName, 'memvolley');
  assert.match(instrumentation.instrumentationVersion, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(instrumentation.getConfig(), { namespace: 'pages', enabled: true });
  assert.equal(isHeard('command'), true);
  instrumentation.disable();
  assert.equal(isHeard('command'), false);
  instrumentation.setConfig({ spans: 'none' });
  instrumentation.enable();
  assert.equal(isHeard('command'), false);
  instrumentation.disable();
});

test('it does not begin unless it is to', () => {
  const instrumentation = new MemvolleyInstrumentation({ enabled: false });
  assert.equal(instrumentation.getConfig().enabled, false);
  assert.equal(isHeard('command'), false);
});

test('without @opentelemetry/api it says what is missing', () => {
  const loader = Module as unknown as Record<
    '_load',
    (request: string, ...rest: unknown[]) => unknown
  >;
  const { ['_load']: load } = loader;
  loader['_load'] = (request, ...rest) => {
    if (request.startsWith('@opentelemetry/')) throw new Error(`Cannot find module '${request}'`);
    return load(request, ...rest);
  };
  try {
    assert.throws(() => new MemvolleyInstrumentation(), {
      name: 'MemcacheError',
      code: 'ERR_MEMCACHE_UNSUPPORTED',
      message:
        'memvolley/opentelemetry cannot load the package @opentelemetry/api: install it beside memvolley',
    });
  } finally {
    loader['_load'] = load;
  }
});
