import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectMetrics } from '../../../../src/adapters/prometheus/index.ts';
import { createClient } from '../../../../src/index.ts';

const register = new Registry();
const cache = createClient('h');

const refused = (message: string | RegExp): object => ({
  name: 'IllegalInputError',
  code: 'ERR_MEMCACHE_OPTION',
  message,
});

for (const [what, given, got] of [
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an address', '127.0.0.1', 'a string'],
  ['no clients', {}, 'an object'],
  ['clients that are none', { pages: cache, users: 7 }, "a number as 'users'"],
  ['a client without a name', { '': cache }, "an object as ''"],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => collectMetrics(given as never, { register }),
      refused(`collectMetrics takes a client, or an object of clients by name; got ${got}`),
    );
  });
}

for (const [options, message] of [
  [7, 'the options of collectMetrics must be an object; got a number'],
  [{ registry: register }, "unknown option 'registry': did you mean 'register'?"],
  [{ register: {} }, "option 'register' must be a Registry of prom-client; got an object"],
  [
    { prefix: '1_' },
    "option 'prefix' must be letters, digits and underscores, no digit first; got a string",
  ],
  [{ labels: { a: 1 } }, /^option 'labels' must be an object of strings, .*; got an object$/],
  [
    { labels: { client: 'x' } },
    /^option 'labels' must be .* not client, le, .*server.*; got an object$/,
  ],
  [{ labels: { 'a-b': 'x' } }, /^option 'labels' must be /],
  [{ labels: ['x'] }, /^option 'labels' must be .*; got an array$/],
] as const) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () =>
        collectMetrics(
          cache,
          (typeof options === 'object' ? { register, ...options } : options) as never,
        ),
      refused(message),
    );
  });
}

test('nothing of that is left in the registry, and options of undefined count as left out', () => {
  assert.deepEqual(register.getMetricsAsArray(), []);
  collectMetrics(cache, { register, prefix: undefined, labels: undefined }).unregister();
});

test('one scrape asks each client once', async () => {
  const asked = { metrics: 0, durations: 0 };
  const counting = {
    metrics: () => (asked.metrics++, cache.metrics()),
    durations: () => (asked.durations++, cache.durations()),
  };
  const { unregister } = collectMetrics(counting, { register });
  assert.deepEqual(asked, { metrics: 0, durations: 1 }, 'durations are counted from now on');
  await register.metrics();
  assert.deepEqual(asked, { metrics: 1, durations: 2 });
  await register.getMetricsAsJSON();
  assert.deepEqual(asked, { metrics: 2, durations: 3 });
  unregister();
  collectMetrics(counting, { register, durations: false }).unregister();
  assert.deepEqual(asked, { metrics: 2, durations: 3 }, 'or are not');
});
