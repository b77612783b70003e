import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryBudget } from '../../../src/retry/budget.ts';

function budgetOf(ratio: number, before = 0) {
  let traffic = before;
  let now = 0;
  const budget = new RetryBudget(
    ratio,
    () => traffic,
    () => now,
  );
  return {
    budget,
    operations: (count: number) => {
      traffic += count;
    },
    wait: (ms: number) => {
      now += ms;
    },
    /** Takes until there is no more; how often that went well. */
    drain: (): number => {
      let taken = 0;
      while (taken < 10_000 && budget.take()) taken++;
      return taken;
    },
  };
}

test('a burst is allowed however little there was before', () => {
  const { drain } = budgetOf(0.2);
  assert.equal(drain(), 100);
});

test('after it a share of the ordinary operations is, and each is charged once', () => {
  const { drain, operations } = budgetOf(0.2);
  drain();
  operations(50);
  assert.equal(drain(), 10);
  assert.equal(drain(), 0);
  operations(5);
  assert.equal(drain(), 1);
});

test('what was asked before it was made earns nothing', () => {
  const { drain } = budgetOf(0.2, 1_000_000);
  assert.equal(drain(), 100);
  assert.equal(drain(), 0);
});

test('what is not used is saved up to the burst, no further', () => {
  const { drain, operations, wait } = budgetOf(1);
  operations(1_000_000);
  wait(3_600_000);
  assert.equal(drain(), 100);
});

test('a quiet client has ten a second', () => {
  const { drain, wait } = budgetOf(0.2);
  drain();
  wait(99);
  assert.equal(drain(), 0);
  wait(1);
  assert.equal(drain(), 1);
  wait(1000);
  assert.equal(drain(), 10);
});

test('a share of 0 is nothing at all, of 1 is all', () => {
  const none = budgetOf(0);
  none.operations(1000);
  none.wait(10_000);
  assert.equal(none.drain(), 0);
  const all = budgetOf(1);
  all.drain();
  all.operations(37);
  assert.equal(all.drain(), 37);
});
