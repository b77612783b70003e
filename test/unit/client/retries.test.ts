import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyOrder } from '../../../src/client/key-order.ts';
import { type FailedOperation, Retries } from '../../../src/client/retries.ts';
import { MemcacheError, type MemcacheErrorCode } from '../../../src/errors.ts';
import { RetryBudget } from '../../../src/retry/budget.ts';
import { RETRY_DEFAULTS, type RetryOptions } from '../../../src/retry/policy.ts';
import { until } from '../../support/fault-lab.ts';

const failure = (code: MemcacheErrorCode = 'ERR_MEMCACHE_CONNECTION_LOST'): MemcacheError =>
  new MemcacheError(code, 'x', { sent: 'maybe' });

/** Retries with a budget of 100, and a count of what has been charged to it. */
function retriesFor(t: TestContext, options: Partial<RetryOptions> = {}, perCharge = 3) {
  const budget = new RetryBudget(
    1,
    () => 0,
    () => 0,
  );
  const told: [error: MemcacheError, attempt: number][] = [];
  const order = new KeyOrder();
  const retries = new Retries({
    options: { ...RETRY_DEFAULTS, ...options },
    budget,
    order,
    perCharge,
    retried: (error, attempt) => void told.push([error, attempt]),
  });
  t.after(() => retries.end());
  const again = (failed: Partial<FailedOperation>, operation = (): void => {}): boolean =>
    retries.again(
      {
        error: failure(),
        verb: 'get',
        attempt: 1,
        deadline: Infinity,
        sent: 'maybe',
        elsewhere: false,
        ...failed,
      },
      operation,
    );
  const left = (): number => {
    let tokens = 0;
    while (budget.take()) tokens++;
    return tokens;
  };
  return { retries, again, told, left, order };
}

/** A pause with next to no jitter to wait for. */
const PAUSING = { attempts: 10, delayMs: 20, maxDelayMs: 20 };
const REFUSED = 'ERR_MEMCACHE_CONNECT';

test('what may be tried at once is, inside the call', (t) => {
  const { again, told } = retriesFor(t);
  const error = failure();
  let runs = 0;
  assert.equal(
    again({ error }, () => runs++),
    true,
  );
  assert.equal(runs, 1);
  assert.deepEqual(told, [[error, 1]]);
});

test('what may not is not, and costs nothing', (t) => {
  const { again, told, left } = retriesFor(t);
  const never = (): void => assert.fail('it was run');
  assert.equal(again({ attempt: 2 }, never), false);
  assert.equal(again({ verb: 'incr' }, never), false);
  assert.equal(again({ error: failure('ERR_MEMCACHE_TIMEOUT') }, never), false);
  assert.equal(again({ error: failure(REFUSED) }, never), false);
  assert.deepEqual(told, []);
  assert.equal(left(), 100);
});

test('an empty budget ends it', (t) => {
  const { again, told, left } = retriesFor(t);
  left();
  assert.equal(again({}), false);
  assert.deepEqual(told, []);
});

test('what failed together is charged once for as many operations as a volley holds', (t) => {
  const { again, left } = retriesFor(t, {}, 3);
  const error = failure();
  for (let i = 0; i < 7; i++) again({ error });
  assert.equal(left(), 97, '7 operations of volleys of 3');
});

test('failures of their own are charged each', (t) => {
  const { again, left } = retriesFor(t);
  for (let i = 0; i < 7; i++) again({});
  assert.equal(left(), 93);
});

test('after a pause it is run once, and not before', async (t) => {
  const { again, told } = retriesFor(t, { ...PAUSING, delayMs: 1000, maxDelayMs: 1000 });
  t.mock.method(Math, 'random', () => 0.03);
  let runs = 0;
  assert.equal(
    again({ error: failure(REFUSED) }, () => runs++),
    true,
  );
  assert.equal(told.length, 1);
  assert.equal(runs, 0);
  await sleep(10);
  assert.equal(runs, 0);
  await until(() => runs > 0);
  await sleep(60);
  assert.equal(runs, 1);
});

test('what failed together comes back together', async (t) => {
  const { again } = retriesFor(t, { ...PAUSING, delayMs: 40, maxDelayMs: 40 });
  const error = failure(REFUSED);
  const ran: number[] = [];
  for (let i = 0; i < 50; i++) again({ error }, () => void ran.push(i));
  await until(() => ran.length > 0);
  assert.deepEqual(
    ran,
    Array.from({ length: 50 }, (_, i) => i),
  );
});

test('a pause that would end after the deadline is not begun', (t) => {
  const { again, left } = retriesFor(t, { ...PAUSING, delayMs: 1000, maxDelayMs: 1000 });
  t.mock.method(Math, 'random', () => 0.5);
  const error = failure(REFUSED);
  const deadline = performance.now() + 400;
  assert.equal(again({ error, deadline }), false);
  assert.equal(left(), 100);
  const { again: other } = retriesFor(t, { ...PAUSING, delayMs: 1000, maxDelayMs: 1000 });
  assert.equal(other({ error, deadline: deadline + 300 }), true);
});

test('each of those that failed together has its own deadline', (t) => {
  const { again } = retriesFor(t, { ...PAUSING, delayMs: 1000, maxDelayMs: 1000 });
  t.mock.method(Math, 'random', () => 0.5);
  const error = failure(REFUSED);
  const now = performance.now();
  assert.deepEqual(
    [now + 5000, now + 400, now + 5000].map((deadline) => again({ error, deadline })),
    [true, false, true],
  );
});

test('with the end what still waits is run at once, and once', async (t) => {
  const { retries, again } = retriesFor(t, { ...PAUSING, delayMs: 30, maxDelayMs: 30 });
  t.mock.method(Math, 'random', () => 1);
  const ran: string[] = [];
  const together = failure(REFUSED);
  again({ error: together }, () => void ran.push('a'));
  again({ error: together }, () => void ran.push('b'));
  again({ error: failure(REFUSED) }, () => void ran.push('c'));
  retries.end();
  assert.deepEqual(ran, ['a', 'b', 'c']);
  retries.end();
  await sleep(50);
  assert.deepEqual(ran, ['a', 'b', 'c']);
});

test('what fails anew while it comes back is no part of the pause that ends', (t) => {
  const { retries, again } = retriesFor(t, PAUSING);
  t.mock.method(Math, 'random', () => 1);
  const error = failure(REFUSED);
  const ran: number[] = [];
  again({ error }, () => {
    ran.push(1);
    again({ error, attempt: 2 }, () => void ran.push(2));
  });
  again({ error }, () => void ran.push(3));
  retries.end();
  assert.deepEqual(ran.slice(0, 2), [1, 3]);
});

test('another server that has its keys is asked without a pause', (t) => {
  const { again } = retriesFor(t, { ...PAUSING, delayMs: 1000, maxDelayMs: 1000 });
  let runs = 0;
  again({ error: failure('ERR_MEMCACHE_UNAVAILABLE'), elsewhere: true }, () => runs++);
  assert.equal(runs, 1);
});

test('what changes a key holds the key while it waits', async (t) => {
  const { again, order } = retriesFor(t, PAUSING);
  const ran: string[] = [];
  const error = failure(REFUSED);
  for (const name of ['first', 'second'])
    assert.ok(again({ error, sent: 'no', verb: 'set', changes: 'k' }, () => void ran.push(name)));
  assert.ok(order.has('k'));
  order.inTurn('k', () => void ran.push('later'));
  await until(() => ran.length === 3);
  assert.deepEqual(ran, ['first', 'second', 'later']);
  assert.equal(order.size, 0);
});

test('a key that waits once more is not overtaken by what waited with it', async (t) => {
  const { again, order } = retriesFor(t, PAUSING);
  const ran: string[] = [];
  const [error, other] = [failure(REFUSED), failure(REFUSED)];
  const wait = (attempt: number, why: MemcacheError, operation: () => void): boolean =>
    again({ error: why, attempt, sent: 'no', verb: 'set', changes: 'k' }, operation);
  wait(1, error, () => {
    ran.push('refused');
    assert.ok(wait(2, other, () => void ran.push('first')));
  });
  wait(1, error, () => void ran.push('second'));
  order.inTurn('k', () => void ran.push('later'));
  await until(() => ran.length === 4);
  assert.deepEqual(ran, ['refused', 'first', 'second', 'later']);
  assert.equal(order.size, 0);
});

test('nothing waits behind a value of its key that is still being encoded', (t) => {
  const { again, order } = retriesFor(t, PAUSING);
  order.begin('k');
  const failed = { error: failure(REFUSED), sent: 'no', verb: 'set', changes: 'k' } as const;
  assert.equal(again(failed), false);
  assert.equal(again({ ...failed, elsewhere: true }), true);
});
