// What the dashboard asks for is what a client shows that has met all there is to show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectMetrics } from '../../src/adapters/prometheus/index.ts';
import { createClient } from '../../src/index.ts';
import { dashboard, expressions } from '../support/dashboard.ts';
import { type Exposed, readExposition } from '../support/exposition-text.ts';
import { readQuery } from '../support/promql.ts';
import { backend } from './backend.ts';

/** What Prometheus adds when it scrapes. */
const ADDED = ['job', 'instance'];

const [one, other] = [backend(), backend()];
let met: Promise<Exposed> | undefined;
const shown = (): Promise<Exposed> => (met ??= meet());

async function meet(): Promise<Exposed> {
  const registry = new Registry();
  const servers = [one.server.address, other.server.address];
  const cache = createClient({ servers, offload: 'always', retry: { attempts: 1 } });
  collectMetrics(cache, { register: registry });
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  const value = { text: 'x'.repeat(10_000) };
  await cache.setMany(keys.map((key) => [key, value] as const));
  await Promise.all([...keys, ...keys, 'none'].map((key) => cache.get(key)));
  await cache.delete('key-0');
  await assert.rejects(cache.incr('key-1'));
  const text = await registry.metrics();
  await cache.close();
  return readExposition(text);
}

test('every query asks for metrics and labels that are shown', async () => {
  const { samples: all } = await shown();
  for (const { title, expr } of expressions) {
    const { selectors, grouping } = readQuery(expr);
    for (const { metric, labels } of selectors) {
      const samples = all.filter(({ name }) => name === metric);
      assert.ok(samples.length > 0, `${title}: nothing shows ${metric}`);
      for (const label of [...labels, ...grouping].filter((each) => !ADDED.includes(each)))
        assert.ok(
          samples.every((sample) => label in sample.labels),
          `${title}: ${metric} has no label ${label}`,
        );
    }
  }
});

test('every label that is matched by a value has it', async () => {
  const { samples: all } = await shown();
  for (const { title, expr } of expressions)
    for (const [, metric, matchers] of expr.matchAll(/(\w+)\{([^}]*)\}/g))
      for (const [, label, values] of matchers.matchAll(/(\w+)=~?"([^"$]+)"/g)) {
        const found = all
          .filter(({ name }) => name === metric)
          .map((sample) => sample.labels[label]);
        for (const value of values.split('|'))
          assert.ok(found.includes(value), `${title}: no ${metric} with ${label}="${value}"`);
      }
});

test('every variable is filled from what is shown', async () => {
  const { samples: all } = await shown();
  for (const { name, definition = '' } of dashboard.templating.list.slice(1)) {
    const [, metric, label] = /^label_values\((\w+).*, (\w+)\)$/.exec(definition) ?? [];
    assert.equal(label, name);
    const [sample] = all.filter((each) => each.name === metric);
    assert.ok(sample !== undefined && (ADDED.includes(label) || label in sample.labels), metric);
  }
});

test('every metric that is shown is on the dashboard', async () => {
  const { types } = await shown();
  const asked = new Set(
    expressions.flatMap(({ expr }) => readQuery(expr).selectors.map(({ metric }) => metric)),
  );
  const missing = [...types.keys()].filter(
    (name) => !asked.has(name) && !asked.has(`${name}_bucket`),
  );
  assert.deepEqual(missing.toSorted(), [
    // Shown by server.
    'memvolley_connection_errors_total',
    'memvolley_connections_opened_total',
    // Only where the window is adaptive.
    'memvolley_window_in_flight',
    'memvolley_window_size',
  ]);
});
