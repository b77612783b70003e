import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { unlessAborted } from '../../../src/client/unless-aborted.ts';

const never = new Promise<never>(() => {});

test('without a signal it is the same promise', () => {
  assert.equal(unlessAborted(never, undefined), never);
});

test('an abort rejects the one who gave the signal; nobody is listened to afterwards', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const waits = unlessAborted(never, signal);
  assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(unlessAborted(Promise.reject(new Error('no')), signal), { message: 'no' });
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  const reason = new Error('changed my mind');
  controller.abort(reason);
  await assert.rejects(waits, { code: 'ERR_MEMCACHE_ABORTED', sent: 'yes', cause: reason });
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a signal that was aborted before does so, too, and what fails later is nobody’s', async () => {
  const signal = AbortSignal.abort();
  const fails = Promise.resolve().then(() => {
    throw new Error('later');
  });
  await assert.rejects(unlessAborted(fails, signal), { code: 'ERR_MEMCACHE_ABORTED' });
  await new Promise((resolve) => setImmediate(resolve));
});
