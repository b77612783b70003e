import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { type Abortable, AbortWatch, aborted, watchOf } from '../../../src/client/abort-watch.ts';
import type { MemcacheError, Sent } from '../../../src/errors.ts';

class Waiting implements Abortable {
  watch: AbortWatch | undefined;
  settled = false;
  readonly sent: Sent;
  readonly told: MemcacheError[] = [];

  constructor(sent: Sent = 'no') {
    this.sent = sent;
  }

  abandon(error: MemcacheError): void {
    this.told.push(error);
    this.watch?.settled(this);
  }
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('a signal has one listener however many calls wait on it, and none when they are settled', () => {
  const { signal } = new AbortController();
  const watch = watchOf(signal);
  assert.equal(watchOf(signal), watch);
  const calls = Array.from({ length: 20 }, () => new Waiting());
  for (const call of calls) watch.add(call);
  assert.equal(listeners(signal), 1);
  for (const call of calls.slice(1)) watch.settled(call);
  assert.equal(listeners(signal), 1);
  watch.settled(calls[0]);
  watch.settled(calls[0]);
  assert.equal(listeners(signal), 0);
  watch.add(calls[1]);
  assert.equal(listeners(signal), 1);
});

test('every waiting call is told once, with the reason and what was sent of it', () => {
  const controller = new AbortController();
  const watch = watchOf(controller.signal);
  const calls = [new Waiting('no'), new Waiting('maybe'), new Waiting('yes')];
  for (const call of calls) {
    call.watch = watch;
    watch.add(call);
  }
  const settled = new Waiting();
  watch.add(settled);
  watch.settled(settled);
  const reason = new Error('enough');
  controller.abort(reason);
  for (const call of calls) {
    const [error, ...more] = call.told;
    assert.deepEqual(more, []);
    assert.equal(error?.code, 'ERR_MEMCACHE_ABORTED');
    assert.equal(error.sent, call.sent);
    assert.equal(error.cause, reason);
  }
  assert.deepEqual(settled.told, []);
  assert.equal(listeners(controller.signal), 0);
});

test('signals have watches of their own', () => {
  const [a, b] = [new AbortController(), new AbortController()];
  assert.notEqual(watchOf(a.signal), watchOf(b.signal));
  const call = new Waiting();
  watchOf(b.signal).add(call);
  a.abort();
  assert.deepEqual(call.told, []);
  assert.ok(watchOf(a.signal) instanceof AbortWatch);
});

test('the error has the code, the reason and nothing else of the call', () => {
  const error = aborted('why', 'maybe');
  const { code, sent, cause, retryable, message } = error;
  assert.deepEqual(
    { code, sent, cause, retryable },
    { code: 'ERR_MEMCACHE_ABORTED', sent: 'maybe', cause: 'why', retryable: false },
  );
  assert.equal(message, 'the call was aborted');
});
