import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLatencies, percentileOf } from '../../../bench/load/latencies.ts';
import { openLoop } from '../../../bench/load/open-loop.ts';

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** A call a millisecond; `start` is what each does. */
async function run(calls: number, start: (call: number) => Promise<unknown>) {
  const latencies = newLatencies();
  const started: number[] = [];
  const operation = {
    keysOf: () => 2,
    start: (call: number) => {
      started.push(call);
      return start(call);
    },
    answered: (reply: unknown) => reply === 'right',
  };
  const due = Float64Array.from({ length: calls }, (_, call) => call);
  const work = await openLoop(operation, { startedAt: performance.now(), due }, latencies);
  return { work, latencies, started };
}

const right = () => Promise.resolve('right');

test('every call is started once, in order, and counted with its keys', async () => {
  const { work, latencies, started } = await run(40, right);
  assert.deepEqual(
    started,
    Array.from({ length: 40 }, (_, call) => call),
  );
  assert.equal(work.operations, 80);
  assert.equal(work.misses, 0);
  assert.equal(latencies.totalCount, 40);
});

test('a stall counts for the calls that were due in it, not only for the one that stalls', async () => {
  const { work, latencies } = await run(400, (call) => {
    if (call === 20) block(200);
    return right();
  });
  // What was due in the first half of the stall was at least half of it late.
  assert.ok(percentileOf(latencies, 80) >= 95, `p80 ${percentileOf(latencies, 80)} ms`);
  assert.ok((work.lag?.p99 ?? 0) >= 190, `lag ${work.lag?.p99} ms`);
});

test('a load that cannot be kept up with is void, and only late', async () => {
  const { work } = await run(40, () => {
    block(5);
    return right();
  });
  assert.equal(work.void?.late, true);
  assert.match(work.void.reason, /^fell behind: call 40 of 40 was \d+ ms late$/);
});

test('far behind, the rest is not started', async () => {
  const { work, started } = await run(2000, (call) => {
    if (call === 5) block(1200);
    return right();
  });
  assert.ok(started.length < 1000, `${started.length} were started`);
  assert.equal(work.void?.late, true);
});

test('a call that fails, and a wrong answer, make the point void for good', async () => {
  const failed = await run(10, (call) =>
    call === 3 ? Promise.reject(new Error('too many')) : right(),
  );
  assert.deepEqual(failed.work.void, {
    reason: '1 calls failed, the first: too many',
    late: false,
  });
  const wrong = await run(10, (call) => (call === 3 ? Promise.resolve('wrong') : right()));
  assert.deepEqual(wrong.work.void, { reason: '1 values were missing or wrong', late: false });
  assert.equal(wrong.work.misses, 1);
});

test('a call that throws at once is one that failed', async () => {
  const { work } = await run(3, () => {
    throw new Error('refused');
  });
  assert.equal(work.void?.reason, '3 calls failed, the first: refused');
});
