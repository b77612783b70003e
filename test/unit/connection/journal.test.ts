import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Command } from '../../../src/connection/command.ts';
import { Journal } from '../../../src/connection/journal.ts';
import { MemcacheConnectionError } from '../../../src/errors.ts';
import type { BatchMessage } from '../../../src/observability/channels.ts';
import { ServerTimes, Timing } from '../../../src/observability/timing.ts';
import { Scope } from '../../../src/primitives/scope.ts';

const TO = { server: 'a:1', serverAddress: 'a', serverPort: 1 };

function newJournal() {
  const timing = new Timing(false);
  const times = new ServerTimes(timing);
  const journal = new Journal({ client: 1, to: TO, times, scope: new Scope() });
  return { timing, times, journal };
}

const commandOf = (size: number | undefined): Command =>
  ({ verb: 'get', operations: 3, bytes: 9, size }) as Command;

function hear(t: TestContext, event: string): BatchMessage[] {
  const heard: BatchMessage[] = [];
  const listener = (message: unknown): void => void heard.push({ ...(message as BatchMessage) });
  const name = `tracing:memvolley:batch:${event}`;
  subscribe(name, listener);
  t.after(() => unsubscribe(name, listener));
  return heard;
}

const lost = (): MemcacheConnectionError =>
  new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost');

test('with nobody listening nothing is told', () => {
  const { journal, times } = newJournal();
  journal.collects();
  journal.queued();
  journal.flushes();
  assert.equal(journal.left(commandOf(2)), undefined);
  journal.settled();
  const { use, wait } = times.durations();
  assert.deepEqual([use.count, wait.count], [0, 0]);
});

test('requests that were written before somebody listened are not taken for later ones', (t) => {
  const { journal } = newJournal();
  journal.flushes();
  journal.left(commandOf(1));
  const [ends, errors] = [hear(t, 'asyncEnd'), hear(t, 'error')];
  journal.flushes();
  const alone = journal.left(commandOf(undefined));
  const by = journal.left(commandOf(2));
  assert.deepEqual(alone, { to: TO, batch: undefined });
  assert.deepEqual(by?.to, TO);
  journal.settled();
  journal.settled(lost);
  assert.deepEqual(ends, []);
  journal.settled(lost);
  assert.equal(ends.length, 1);
  const { id, client, command, keys, callers, bytes, error } = ends[0];
  assert.deepEqual([id, client, command, keys, callers, bytes], [by?.batch, 1, 'get', 2, 3, 9]);
  assert.match(String(error), /lost/);
  assert.equal(errors.length, 1);
});

test('times are those of answered requests, from when they are wanted', () => {
  const { journal, timing, times } = newJournal();
  journal.queued();
  journal.flushes();
  journal.left(commandOf(1));
  timing.durations = true;
  journal.queued();
  journal.queued();
  journal.flushes();
  journal.left(commandOf(1));
  journal.left(commandOf(1));
  journal.settled();
  assert.equal(times.durations().use.count, 0);
  journal.settled();
  journal.settled(lost);
  const { use, wait } = times.durations();
  assert.deepEqual([use.count, wait.count], [1, 2]);
});

test('a request has waited since it was queued itself, whatever waited or was given up before it', async (t) => {
  const { journal, timing, times } = newJournal();
  timing.durations = true;
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  // A dial that fails takes the queue with it.
  journal.collects();
  journal.sealed();
  journal.queued();
  journal.tookBack();
  now += 60_000;
  await setImmediate();
  // Now more is queued than may leave.
  journal.collects();
  now += 10;
  await setImmediate();
  journal.queued();
  journal.sealed();
  journal.queued();
  journal.flushes();
  journal.left(commandOf(1));
  now += 500;
  await setImmediate();
  journal.queued();
  journal.flushes();
  journal.left(commandOf(1));
  journal.left(commandOf(1));
  const { wait } = times.durations();
  assert.deepEqual([wait.count, wait.sumMs], [3, 10 + 500 + 0]);
});

test('requests that leave in one moment are timed one by one, also while answers come between them', async () => {
  const { journal, timing, times } = newJournal();
  timing.durations = true;
  const leave = (requests: number): void => {
    journal.flushes();
    for (let i = 0; i < requests; i++) journal.left(commandOf(undefined));
  };
  leave(3);
  journal.settled();
  leave(1);
  journal.settled(lost);
  journal.settled();
  journal.settled();
  assert.equal(times.durations().use.count, 3);
  // All of that moment have settled: what leaves now is a note of its own.
  leave(1);
  await setImmediate();
  leave(2);
  journal.settled();
  journal.settled();
  journal.settled();
  assert.equal(times.durations().use.count, 6);
});
