import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterPoll, afterPromises, OncePerTurn } from '../../../src/primitives/once-per-turn.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('however often it is asked for, it runs once, and later again', () => {
  let runs = 0;
  const waiting: (() => void)[] = [];
  const once = new OncePerTurn(() => runs++);
  const schedule = (run: () => void): void => void waiting.push(run);
  once.request(schedule);
  once.request(schedule);
  assert.deepEqual([once.pending, waiting.length, runs], [true, 1, 0]);
  waiting.pop()?.();
  assert.deepEqual([once.pending, runs], [false, 1]);
  once.request(schedule);
  assert.equal(waiting.length, 1);
});

test('work may ask for itself again', () => {
  let runs = 0;
  const waiting: (() => void)[] = [];
  const schedule = (run: () => void): void => void waiting.push(run);
  const once: OncePerTurn = new OncePerTurn(() => {
    if (++runs === 1) once.request(schedule);
  });
  once.request(schedule);
  waiting.shift()?.();
  assert.deepEqual([once.pending, waiting.length], [true, 1]);
  waiting.shift()?.();
  assert.deepEqual([once.pending, runs], [false, 2]);
});

test('work that throws may be asked for again', () => {
  const once = new OncePerTurn(() => {
    throw new Error('work failed');
  });
  let run = (): void => {};
  once.request((scheduled) => {
    run = scheduled;
  });
  assert.throws(() => run(), /work failed/);
  assert.equal(once.pending, false);
});

test('afterPromises waits for every promise job of the moment, and not for the loop', async () => {
  const order: string[] = [];
  // From a callback of the loop, as a socket's: there, a plain nextTick runs before all promise jobs.
  await turn();
  setImmediate(() => {
    setImmediate(() => order.push('poll'));
    afterPromises(() => order.push('work'));
    void (async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      order.push('promises');
    })();
  });
  await turn();
  await turn();
  assert.deepEqual(order, ['promises', 'work', 'poll']);
});

test('afterPoll runs when the loop has polled', async () => {
  const order: string[] = [];
  afterPoll(() => order.push('work'));
  afterPromises(() => order.push('promises'));
  await turn();
  assert.deepEqual(order, ['promises', 'work']);
});
