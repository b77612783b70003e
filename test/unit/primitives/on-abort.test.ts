import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAbort } from '../../../src/primitives/on-abort.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('a signal has one listener however many wait for it, and none when nobody does', () => {
  const { signal } = new AbortController();
  const forget = Array.from({ length: 20 }, () => onAbort(signal, () => assert.fail()));
  assert.equal(listeners(signal), 1);
  for (const each of forget.slice(1)) each();
  assert.equal(listeners(signal), 1);
  forget[0]();
  forget[0]();
  assert.equal(listeners(signal), 0);
});

test('everyone who still waits is called once, also when one callback is given twice', () => {
  const controller = new AbortController();
  const { signal } = controller;
  let calls = 0;
  const count = (): void => {
    calls++;
  };
  onAbort(signal, count);
  onAbort(signal, count);
  const forget = onAbort(signal, () => assert.fail());
  forget();
  controller.abort();
  assert.equal(calls, 2);
  assert.equal(listeners(signal), 0);
});

test('a callback may keep another from being called', () => {
  const controller = new AbortController();
  let forgetSecond = (): void => assert.fail();
  onAbort(controller.signal, () => forgetSecond());
  forgetSecond = onAbort(controller.signal, () => assert.fail());
  controller.abort();
});

test('signals are strangers to each other, and an aborted one calls nobody', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  onAbort(one.signal, () => assert.fail());
  other.abort();
  onAbort(other.signal, () => assert.fail());
  assert.equal(listeners(one.signal), 1);
});
