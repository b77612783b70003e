import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GUARDS } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';

const COUNTERS = [
  'gets',
  'hits',
  'misses',
  'stores',
  'deletes',
  'otherCommands',
  'volleys',
  'volleyKeys',
  'sharedKeys',
  'flushes',
  'bytesWritten',
  'bytesRead',
  'connects',
  'reconnects',
  'connectionErrors',
  'timeouts',
  'aborts',
  'retries',
  'failovers',
  'unreadable',
  'shed',
  'rejected',
  'protocolErrors',
] as const;

test('every counter starts at zero and a quotient of nothing is zero', () => {
  const snapshot = new Metrics().snapshot();
  const { guards, ...numbers } = snapshot;
  assert.deepEqual(Object.keys(numbers), [
    ...COUNTERS,
    'keysPerVolley',
    'hitRate',
    'commandsPerFlush',
  ]);
  for (const value of Object.values(numbers)) assert.equal(value, 0);
  assert.deepEqual(guards, Object.fromEntries(GUARDS.map((guard) => [guard, 0])));
});

test('a snapshot holds the counters as they were', () => {
  const metrics = new Metrics();
  for (const [index, counter] of COUNTERS.entries()) metrics[counter] = index + 1;
  const snapshot = metrics.snapshot();
  metrics.gets += 100;
  metrics.guards.key += 1;
  assert.equal(snapshot.guards.key, 0);
  for (const [index, counter] of COUNTERS.entries()) assert.equal(snapshot[counter], index + 1);
  assert.equal(Object.getPrototypeOf(snapshot), Object.prototype);
});

test('quotients are derived from their own counters', () => {
  const metrics = new Metrics();
  Object.assign(metrics, {
    volleys: 4,
    volleyKeys: 50,
    sharedKeys: 7,
    hits: 30,
    misses: 10,
    gets: 57,
  });
  Object.assign(metrics, { stores: 3, deletes: 2, otherCommands: 1, flushes: 2 });
  const { keysPerVolley, hitRate, commandsPerFlush } = metrics.snapshot();
  assert.deepEqual(
    { keysPerVolley, hitRate, commandsPerFlush },
    { keysPerVolley: 12.5, hitRate: 0.75, commandsPerFlush: 5 },
  );
});
