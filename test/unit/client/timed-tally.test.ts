import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tally } from '../../../src/client/tally.ts';
import { TimedTally } from '../../../src/client/timed-tally.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { OperationTimes } from '../../../src/observability/operation-times.ts';
import { Timing } from '../../../src/observability/timing.ts';

test('calls are counted where they were, and timed from when they began, by what came of them', () => {
  const timing = new Timing(false);
  timing.durations = true;
  const times = new OperationTimes(timing);
  const counted: string[] = [];
  const inner: Tally = {
    settled: (call) => counted.push(`${call.operations} settled`),
    carried: ({ to }) => counted.push(`carried by ${to.server}`),
  };
  let now = 100;
  const tally = new TimedTally({ began: now, times: times.of('getMany'), now: () => now, inner });
  const to = { server: 'a:1', serverAddress: 'a', serverPort: 1 };
  tally.carried({ to, batch: undefined });
  now = 103;
  tally.settled({ operations: 2, bytes: 0 }, new Map([['a', 1]]), undefined);
  now = 105;
  const error = new MemcacheError('ERR_MEMCACHE_SERVER', 'no');
  tally.settled({ operations: 1, bytes: 0 }, undefined, error);
  assert.deepEqual(counted, ['carried by a:1', '2 settled', '1 settled']);
  assert.deepEqual(
    times.durations().map(({ command, result, error: name, count, sumMs }) => ({
      command,
      outcome: result ?? name,
      count,
      sumMs,
    })),
    [
      { command: 'getMany', outcome: 'partial', count: 1, sumMs: 3 },
      { command: 'getMany', outcome: 'ERR_MEMCACHE_SERVER', count: 1, sumMs: 5 },
    ],
  );
});
