import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { DURATION_FIGURES } from '../../../../src/adapters/duration-figures.ts';
import { FIGURES } from '../../../../src/adapters/figures.ts';
import { collectMetrics } from '../../../../src/adapters/prometheus/index.ts';
import { createClient } from '../../../../src/index.ts';

const guide = new URL('../../../../../src/adapters/prometheus/README.md', import.meta.url);

test('the table of metrics is the list of metrics, with the types and labels they have', () => {
  const registry = new Registry();
  const { unregister } = collectMetrics(createClient('h'), { register: registry });
  const families = registry.getMetricsAsArray() as unknown as { name: string; type: string }[];
  unregister();
  // One more for each client: failures are a counter of their own, told by their error.
  const labels = [
    ...FIGURES.map((figure) => figure.labels),
    ...DURATION_FIGURES.map((figure) => figure.labels.filter((label) => label !== 'error')),
    ['command', 'error'],
  ];
  const [, section] = readFileSync(guide, 'utf8').split('\n## Metrics\n');
  const rows = [...section.matchAll(/^\| `(\w+)` +\| (\w+) +\| ([^|]*?) +\|/gm)];
  assert.deepEqual(
    rows.map(([, name, type, told]) => [name, type, [...told.matchAll(/\w+/g)].join()]),
    families.map(({ name, type }, at) => [name, type, labels[at].join()]),
  );
});
