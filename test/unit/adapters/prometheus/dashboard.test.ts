import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readQuery } from '../../../support/promql.ts';
import { dashboard, expressions, panels } from '../../../support/dashboard.ts';

test('it is what package.json offers', () => {
  const manifest = new URL('../../../../../package.json', import.meta.url);
  const { exports: doors } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    exports: Record<string, string>;
  };
  assert.equal(doors['./grafana-dashboard.json'], './src/adapters/prometheus/dashboard.json');
});

test('every panel has an id and a place of its own, within the width', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos } of panels) {
    const { x, y, w, h } = gridPos;
    assert.ok(x >= 0 && w > 0 && h > 0 && x + w <= 24, title);
    for (let column = x; column < x + w; column++)
      for (let line = y; line < y + h; line++) {
        assert.ok(!taken.has(`${column},${line}`), `${title} lies over another`);
        taken.add(`${column},${line}`);
      }
  }
  const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
  assert.equal(taken.size, 24 * bottom, 'nothing is left empty');
});

test('what it asks for is told by panels, of the source that is chosen', () => {
  for (const { title, type, targets = [], datasource } of panels) {
    if (type === 'row') continue;
    assert.ok(targets.length > 0, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    for (const source of [datasource, ...targets.map((target) => target.datasource)])
      assert.deepEqual(source, { type: 'prometheus', uid: '${datasource}' }, title);
  }
  const { schemaVersion, templating } = dashboard;
  assert.equal(schemaVersion, 39, 'that of Grafana 11');
  assert.deepEqual(
    templating.list.map(({ name }) => name),
    ['datasource', 'job', 'instance', 'client', 'server'],
  );
});

test('every query is of the language, keeps to what was chosen, and names series by what it groups by', () => {
  for (const { expr, legendFormat, title } of expressions) {
    const { isWhole, grouping, selectors } = readQuery(expr);
    assert.ok(isWhole, `${title}: ${expr}`);
    assert.ok(selectors.length > 0, title);
    for (const chosen of ['job', 'instance', 'client'])
      assert.equal(
        expr.split(`${chosen}=~"$${chosen}"`).length - 1,
        expr.split('{').length - 1,
        `${title}: ${chosen} in ${expr}`,
      );
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    assert.deepEqual(
      named.toSorted(),
      grouping.filter((label) => label !== 'le').toSorted(),
      title,
    );
    assert.equal(grouping.includes('le'), expr.includes('histogram_quantile'), title);
  }
});

test('a query that is none is seen', () => {
  assert.equal(readQuery('sum(rate(x{a="b"}[$__rate_interval])').isWhole, false);
  assert.deepEqual(readQuery('sum by (c) (x{a="b"}) / y'), {
    selectors: [
      { metric: 'x', labels: ['a'] },
      { metric: 'y', labels: [] },
    ],
    grouping: ['c'],
    isWhole: true,
  });
});
