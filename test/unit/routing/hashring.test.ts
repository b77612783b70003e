import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashring } from '../../../src/routing/hashring.ts';
import type { HashNode } from '../../../src/routing/hasher.ts';
import { ketama } from '../../../src/routing/ketama.ts';

const nodes = (count: number): HashNode[] =>
  Array.from({ length: count }, (_, i) => ({ name: `10.0.0.${i}:11212`, weight: 1 }));

const differences = (count: number): number => {
  const [one, other] = [hashring(nodes(count)), ketama()(nodes(count))];
  const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`);
  return keys.filter((key) => one.locate(key) !== other.locate(key)).length;
};

test('it is the ring of libmemcached, but for a label a server where shares round down', () => {
  for (const count of [2, 3, 4, 5, 8]) assert.equal(differences(count), 0);
  for (const count of [7, 49]) assert.ok(differences(count) > 0);
});
