import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { test, type TestContext } from 'node:test';
import { Tracing } from '../../../src/observability/tracing.ts';

interface Message {
  error?: unknown;
  told?: string;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
let names = 0;

function tracing(t: TestContext, events: readonly (typeof EVENTS)[number][] = EVENTS) {
  const name = `test:tracing:${names++}`;
  const heard: string[] = [];
  for (const event of events) {
    const listener = (): void => void heard.push(event);
    const full = `tracing:${name}:${event}`;
    subscribe(full, listener);
    t.after(() => unsubscribe(full, listener));
  }
  return { name, heard, traced: new Tracing<Message>(name) };
}

test('it is active while anybody listens to any of its events', (t) => {
  assert.equal(tracing(t, []).traced.active, false);
  for (const event of EVENTS) assert.equal(tracing(t, [event]).traced.active, true, event);
});

test('a promise is told of as tracePromise does, without its answer', async (t) => {
  const { traced, heard } = tracing(t);
  const message: Message = {};
  const settle = (answer: string): void => {
    message.told = answer.toUpperCase();
  };
  const answer = await traced.promise(message, async () => 'done', settle);
  assert.equal(answer, 'done');
  assert.deepEqual(heard, ['start', 'end', 'asyncStart', 'asyncEnd']);
  assert.deepEqual(message, { told: 'DONE' });
});

test('an error is told, and is the caller’s to handle, once', async (t) => {
  const { traced, heard } = tracing(t);
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const error = new Error('no');
  const message: Message = {};
  await assert.rejects(
    traced.promise(
      message,
      () => Promise.reject(error),
      () => {},
    ),
    error,
  );
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, ['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  assert.equal(message.error, error);
  assert.deepEqual(unhandled, []);
});

test('bound stores are found by what begins and at its end', async (t) => {
  const { name, traced } = tracing(t);
  const store = new AsyncLocalStorage<unknown>();
  const { start } = tracingChannel<unknown, Message>(name);
  start.bindStore(store, () => 'bound');
  t.after(() => start.unbindStore(store));
  let atEnd: unknown;
  const listener = (): void => {
    atEnd = store.getStore();
  };
  subscribe(`tracing:${name}:asyncEnd`, listener);
  t.after(() => unsubscribe(`tracing:${name}:asyncEnd`, listener));
  const found = await traced.promise(
    {},
    async () => store.getStore(),
    () => {},
  );
  assert.equal(found, 'bound');
  assert.equal(atEnd, 'bound');
  assert.equal(channel(`tracing:${name}:asyncEnd`).hasSubscribers, true);
});

test('what is no promise begins and is done', (t) => {
  const { traced, heard } = tracing(t);
  const message: Message = {};
  traced.begin(message);
  assert.deepEqual(heard, ['start', 'end']);
  traced.done(message);
  assert.deepEqual(heard.slice(2), ['asyncStart', 'asyncEnd']);
  const error = new Error('no');
  traced.done(message, error);
  assert.deepEqual(heard.slice(4), ['error', 'asyncStart', 'asyncEnd']);
  assert.equal(message.error, error);
});
