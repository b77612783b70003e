import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counts } from '../../../src/observability/counts.ts';

test('a client counts what its servers count, and what belongs to none', () => {
  const counts = new Counts();
  const [one, other] = [counts.join(), counts.join()];
  one.gets = 3;
  one.hits = 2;
  one.misses = 1;
  other.gets = 4;
  other.stores = 1;
  counts.own.retries = 5;
  counts.own.guards.key = 1;
  const { gets, stores, retries, hitRate, guards } = counts.snapshot();
  assert.deepEqual([gets, stores, retries, guards.key], [7, 1, 5, 1]);
  assert.ok(Math.abs(hitRate - 2 / 3) < 1e-9);
  assert.equal(counts.operations, 8);
});

test('what a server has counted that is gone stays, once', () => {
  const counts = new Counts();
  const gone = counts.join();
  gone.gets = 3;
  counts.leave(gone);
  counts.leave(gone);
  assert.equal(counts.snapshot().gets, 3);
  assert.equal(counts.operations, 3);
});
