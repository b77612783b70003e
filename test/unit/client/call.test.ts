import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { AbortWatch } from '../../../src/client/abort-watch.ts';
import { Call } from '../../../src/client/call.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

class TestCall extends Call<number> {
  win(value: number): void {
    this.resolve(value);
  }

  lose(error: MemcacheError): void {
    this.reject(error);
  }
}

const error = new MemcacheError('ERR_MEMCACHE_TIMEOUT', 'late');

test('a call settles once, with the first outcome', async () => {
  const won = new TestCall(5);
  assert.equal(won.deadline, 5);
  assert.equal(won.settled, false);
  assert.equal(won.awaits(0), true);
  const promise = won.handOut();
  won.win(1);
  won.win(2);
  won.lose(error);
  assert.equal(won.settled, true);
  assert.equal(won.awaits(0), false);
  assert.equal(await promise, 1);

  const lost = new TestCall(5);
  const rejection = lost.handOut();
  lost.lose(error);
  lost.win(1);
  await assert.rejects(rejection, error);
});

test('an outcome from before the promise was handed out is not lost', async () => {
  const call = new TestCall(5);
  call.win(3);
  assert.equal(await call.handOut(), 3);
});

test('promises of several calls are not mixed up', async () => {
  const calls = Array.from({ length: 10 }, () => new TestCall(0));
  const promises = calls.map((call) => call.handOut());
  calls.toReversed().forEach((call, i) => {
    call.win(9 - i);
  });
  assert.deepEqual(await Promise.all(promises), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('what is abandoned rejects', async () => {
  const call = new TestCall(0);
  const promise = call.handOut();
  call.abandon(error);
  await assert.rejects(promise, error);
});

test('the watch is told once that it is over', async () => {
  for (const settle of ['win', 'lose'] as const) {
    const told: unknown[] = [];
    const call = new TestCall(0);
    call.watch = { settled: (which: unknown) => told.push(which) } as unknown as AbortWatch;
    const promise = call.handOut();
    if (settle === 'win') call.win(1);
    else call.lose(error);
    call.lose(error);
    assert.deepEqual(told, [call]);
    await Promise.allSettled([promise]);
  }
});

test('nothing keeps the outcome of the last call of all', async () => {
  class ObjectCall extends Call<object> {
    static ended(): WeakRef<object> {
      const call = new ObjectCall(0);
      const outcome = {};
      call.resolve(outcome);
      return new WeakRef(outcome);
    }
  }
  const outcome = ObjectCall.ended();
  await turn();
  collectGarbage();
  assert.equal(outcome.deref(), undefined);
});
