import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperationTimes } from '../../../src/observability/operation-times.ts';
import { ServerTimes, Timing } from '../../../src/observability/timing.ts';

test('nothing is counted before somebody asks', () => {
  const timing = new Timing(false);
  const times = new OperationTimes(timing);
  times.of('get').succeeded('hit', 1);
  assert.equal(timing.on, false);
  assert.deepEqual(times.durations(), []);
  assert.equal(times.latency(), undefined);
  assert.equal(times.latencies(), undefined);
});

test('durations are told apart by verb and by what came of it', () => {
  const timing = new Timing(false);
  timing.durations = true;
  const times = new OperationTimes(timing);
  times.of('get').succeeded('hit', 1);
  times.of('get').succeeded('hit', 2);
  times.of('get').failed('ERR_MEMCACHE_TIMEOUT', 3);
  times.of('set').succeeded('stored', 4);
  assert.deepEqual(
    times
      .durations()
      .map(({ command, result, error, count, sumMs }) => [command, result, error, count, sumMs]),
    [
      ['get', 'hit', undefined, 2, 3],
      ['get', undefined, 'ERR_MEMCACHE_TIMEOUT', 1, 3],
      ['set', 'stored', undefined, 1, 4],
    ],
  );
});

test('percentiles are of all, of each verb and of each server', async () => {
  const timing = new Timing(true);
  const times = new OperationTimes(timing);
  const server = new ServerTimes(timing);
  times.of('get').succeeded('hit', 1);
  times.of('set').succeeded('stored', 100);
  server.used(10);
  for (let i = 0; i < 500 && server.latency() === undefined; i++) await sleep(10);
  for (let i = 0; i < 500 && times.latencies()?.['set'] === undefined; i++) await sleep(10);
  assert.equal(times.latency()?.count, 2);
  assert.equal(times.latencies()?.['get'].max, 1);
  assert.equal(times.latencies()?.['set'].count, 1);
  const median = server.latency()?.p50 ?? 0;
  assert.ok(median >= 9.9 && median <= 10.1);
  assert.equal(server.durations().use.count, 0);
});

test('errors of any number of names take bounded room', () => {
  const timing = new Timing(false);
  timing.durations = true;
  const times = new OperationTimes(timing);
  for (let i = 0; i < 1000; i++) times.of('fetch').failed(`E${i % 500}`, 1);
  const durations = times.durations();
  assert.equal(durations.length, 65);
  assert.equal(
    durations.reduce((sum, { count }) => sum + count, 0),
    1000,
  );
  assert.equal(durations.find(({ error }) => error === 'other')?.count, 1000 - 2 * 64);
});
