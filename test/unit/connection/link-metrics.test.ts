import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkMetrics } from '../../../src/connection/link-metrics.ts';
import { MemcacheConnectionError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';

test('the first connection is made, later ones are made again, and an answered probe is neither', () => {
  const metrics = new Metrics();
  const counts = new LinkMetrics(metrics);
  counts.down(new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', 'refused'));
  counts.ready();
  counts.ready();
  assert.deepEqual([metrics.connects, metrics.reconnects], [1, 0]);
  counts.down(undefined);
  counts.ready();
  assert.deepEqual([metrics.connects, metrics.reconnects], [1, 1]);
  assert.equal(metrics.connectionErrors, 1);
});
