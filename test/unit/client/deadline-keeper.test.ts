import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineKeeper, type Waiter } from '../../../src/client/deadline-keeper.ts';
import { MemcacheError, type Sent } from '../../../src/errors.ts';
import type { Sweeper, Ticker } from '../../../src/primitives/ticker.ts';
import { timedOut } from '../../../src/server/refusals.ts';

class Call implements Waiter {
  readonly deadline: number;
  readonly sent: Sent;
  settled = false;
  readonly failures: [number, MemcacheError][] = [];

  constructor(deadline: number, sent: Sent = 'no') {
    this.deadline = deadline;
    this.sent = sent;
  }

  fail(tag: number, error: MemcacheError): void {
    this.failures.push([tag, error]);
  }
}

function keeper(): { wait: DeadlineKeeper; woken: Sweeper[] } {
  const woken: Sweeper[] = [];
  const ticker = { wake: (sweeper: Sweeper) => woken.push(sweeper) };
  const late = (sent: Sent): MemcacheError => timedOut('codec', 'the worker pool', sent);
  return { wait: new DeadlineKeeper(ticker as unknown as Ticker, late), woken };
}

test('it is busy while somebody waits, and says so to the ticker', () => {
  const { wait, woken } = keeper();
  assert.equal(wait.busy, false);
  const stillWaits = wait.add(new Call(10), 0);
  assert.equal(wait.busy, true);
  assert.deepEqual(woken, [wait]);
  assert.equal(stillWaits(), true);
  assert.equal(wait.busy, false);
  assert.equal(stillWaits(), false);
});

test('whoever is overdue fails, as what was sent of it says; the others go on waiting', () => {
  const { wait } = keeper();
  const [store, read, patient] = [new Call(10), new Call(10, 'yes'), new Call(20)];
  const ends = [wait.add(store, 1), wait.add(read, 2), wait.add(patient, 3)];
  wait.sweep(9);
  assert.deepEqual(store.failures, []);
  wait.sweep(10);
  wait.sweep(11);
  for (const [waiter, tag, sent] of [[store, 1, 'no'] as const, [read, 2, 'yes'] as const]) {
    assert.equal(waiter.failures.length, 1);
    const [[at, error]] = waiter.failures;
    assert.equal(at, tag);
    assert.equal(error.code, 'ERR_MEMCACHE_TIMEOUT');
    assert.equal(error.sent, sent);
  }
  assert.deepEqual(
    ends.map((stillWaits) => stillWaits()),
    [false, false, true],
  );
  assert.deepEqual(patient.failures, []);
});

test('whoever is settled already is forgotten and told nothing', () => {
  const { wait } = keeper();
  const waiter = new Call(10);
  const stillWaits = wait.add(waiter, 0);
  waiter.settled = true;
  wait.sweep(1);
  assert.equal(wait.busy, false);
  assert.deepEqual(waiter.failures, []);
  assert.equal(stillWaits(), false);
  const other = new Call(10);
  const otherWaits = wait.add(other, 0);
  other.settled = true;
  assert.equal(otherWaits(), false);
});

test('with the end of the client whoever still waits fails', () => {
  const { wait } = keeper();
  const [store, read, settled] = [new Call(10), new Call(10, 'yes'), new Call(10)];
  const ends = [wait.add(store, 1), wait.add(read, 2), wait.add(settled, 3)];
  settled.settled = true;
  wait.end((sent) => new MemcacheError('ERR_MEMCACHE_CLOSED', 'closed', { sent }));
  assert.deepEqual(
    [store, read].map(({ failures }) => failures.map(([tag, { sent }]) => [tag, sent])),
    [[[1, 'no']], [[2, 'yes']]],
  );
  assert.deepEqual(settled.failures, []);
  assert.deepEqual(
    ends.map((stillWaits) => stillWaits()),
    [false, false, false],
  );
  assert.equal(wait.busy, false);
});

test('released, what each waited to do is done in the order they came, but for who has given up', () => {
  const { wait } = keeper();
  const done: number[] = [];
  const calls = [0, 1, 2, 3].map((tag) => {
    const call = new Call(tag === 2 ? 10 : 20);
    wait.add(call, tag, () => {
      done.push(tag);
      // What comes meanwhile waits anew.
      if (tag === 0) wait.add(new Call(20), 9, () => void done.push(9));
    });
    return call;
  });
  calls[1].settled = true;
  wait.sweep(10);
  assert.equal(calls[2].failures.length, 1);
  wait.release();
  assert.deepEqual(done, [0, 3]);
  assert.equal(wait.busy, true);
  wait.release();
  assert.deepEqual(done, [0, 3, 9]);
  assert.equal(wait.busy, false);
});
