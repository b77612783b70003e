import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodecWait, type CodecWaiter } from '../../../src/client/codec-wait.ts';
import { MemcacheError, type Sent } from '../../../src/errors.ts';
import type { Sweeper, Ticker } from '../../../src/primitives/ticker.ts';

class Waiter implements CodecWaiter {
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

function codecWait(): { wait: CodecWait; woken: Sweeper[] } {
  const woken: Sweeper[] = [];
  const ticker = { wake: (sweeper: Sweeper) => woken.push(sweeper) };
  return { wait: new CodecWait(ticker as unknown as Ticker), woken };
}

test('it is busy while somebody waits, and says so to the ticker', () => {
  const { wait, woken } = codecWait();
  assert.equal(wait.busy, false);
  const stillWaits = wait.add(new Waiter(10), 0);
  assert.equal(wait.busy, true);
  assert.deepEqual(woken, [wait]);
  assert.equal(stillWaits(), true);
  assert.equal(wait.busy, false);
  assert.equal(stillWaits(), false);
});

test('whoever is overdue fails, as what was sent of it says; the others go on waiting', () => {
  const { wait } = codecWait();
  const [store, read, patient] = [new Waiter(10), new Waiter(10, 'yes'), new Waiter(20)];
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
  const { wait } = codecWait();
  const waiter = new Waiter(10);
  const stillWaits = wait.add(waiter, 0);
  waiter.settled = true;
  wait.sweep(1);
  assert.equal(wait.busy, false);
  assert.deepEqual(waiter.failures, []);
  assert.equal(stillWaits(), false);
  const other = new Waiter(10);
  const otherWaits = wait.add(other, 0);
  other.settled = true;
  assert.equal(otherWaits(), false);
});

test('with the end of the client whoever still waits fails', () => {
  const { wait } = codecWait();
  const [store, read, settled] = [new Waiter(10), new Waiter(10, 'yes'), new Waiter(10)];
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
