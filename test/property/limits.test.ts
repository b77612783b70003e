// Whatever comes, is answered, late or lost: what waits stays within its bounds, in order, and nobody waits for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type ClientOptions, createClient } from '../../src/index.ts';
import { startFakeMemcached } from '../../src/testing/index.ts';
import { keysOn, OUT_AT_ONCE } from '../support/fleet-lab.ts';
import { runs } from '../support/runs.ts';
import { among, changes, gets, Lab, step, timeouts } from './held-lab.ts';

/** More than any of the limits below. */
const MANY = Array.from({ length: 12 }, (_, i) => `k${i}`);

interface Limits {
  readonly inFlight: number;
  readonly queued: number;
  readonly pending: number;
  readonly queueMs: number;
  readonly window: boolean;
}

const limits: fc.Arbitrary<Limits> = fc.record({
  inFlight: fc.integer({ min: 1, max: 4 }),
  queued: fc.integer({ min: 1, max: 8 }),
  pending: fc.constantFrom(5, 100_000),
  queueMs: fc.constantFrom(0, 0, 25),
  window: fc.boolean(),
});

const optionsOf = (given: Limits, whenFull: ClientOptions['whenFull']): Partial<ClientOptions> => ({
  whenFull,
  volleyKeys: 2,
  maxInFlight: { operations: given.inFlight },
  maxQueued: { operations: given.queued },
  maxPending: { operations: given.pending },
  maxQueueMs: given.queueMs,
  window: { adaptive: given.window, min: 1, max: 3 },
});

const many = fc
  .tuple(fc.boolean(), timeouts)
  .map(([stores, ms]) =>
    step(`${stores ? 'setMany' : 'getMany'} ${ms ?? ''}`, (lab) =>
      stores ? lab.setMany(MANY, ms) : lab.get(MANY, ms),
    ),
  );

const steps = among(
  { weight: 6, arbitrary: gets },
  { weight: 6, arbitrary: changes },
  { weight: 2, arbitrary: many },
);

/** There is room again. The pause after a reset may not be over. */
async function assertWell(lab: Lab): Promise<void> {
  for (let i = 0; i < 100; i++) {
    lab.change('a', true, undefined);
    await lab.end();
    if (lab.latest('a') === 'done') return;
    await sleep(5);
  }
  assert.fail('a lone call is never answered');
}

/** A request of two keys may go alone where one is allowed; callers of one key go with it. */
const LARGEST_REQUEST = 2;

function assertBounds(lab: Lab, given: Limits, whenFull: ClientOptions['whenFull']): void {
  const { pending, servers, window, timeouts: late, aborts: aborted } = lab.client.metrics();
  const { queued, inFlight } = servers['test:11211'];
  const owed = lab.server.owed;
  assert.ok(owed <= Math.max(given.inFlight, LARGEST_REQUEST), `${owed} keys are owed`);
  // What callers gave up leaves the window, and is still owed.
  if (window !== undefined && late + aborted === 0)
    assert.ok(owed <= Math.max(3, LARGEST_REQUEST), `${owed} keys are owed with a window`);
  if (whenFull !== 'wait') {
    const waiting = queued.operations + inFlight.operations;
    assert.ok(waiting <= given.queued, `${waiting} wait`);
  }
  // A call is taken as a whole.
  const most = given.pending - 1 + MANY.length;
  assert.ok(pending.operations <= most, `${pending.operations} are pending`);
  assert.ok(pending.operations >= 0 && queued.operations >= 0 && inFlight.operations >= 0);
}

for (const whenFull of ['reject', 'wait', 'shed-oldest'] as const) {
  test(`${whenFull}: bounds hold, each call is answered by what it may see, and nothing stands still`, async () => {
    await fc.assert(
      fc.asyncProperty(limits, steps, async (given, list) => {
        const lab = new Lab(optionsOf(given, whenFull));
        try {
          for (const { act } of list) {
            await act(lab);
            assertBounds(lab, given, whenFull);
          }
          await lab.end();
          lab.setMany(MANY, undefined);
          lab.get(MANY, undefined);
          await lab.end();
          const { pending, servers, window } = lab.client.metrics();
          const nothing = { operations: 0, bytes: 0 };
          assert.deepEqual(pending, nothing);
          assert.deepEqual(servers['test:11211'].queued, nothing);
          assert.deepEqual(servers['test:11211'].inFlight, nothing);
          assert.equal(window?.inFlight ?? 0, 0);
          await assertWell(lab);
        } finally {
          await lab.client.close({ timeoutMs: 0 });
        }
      }),
      runs(30),
    );
  });
}

test('wait: what is more than may wait is answered in full, with every limit at once', async () => {
  await fc.assert(
    fc.asyncProperty(limits, async (given) => {
      const lab = new Lab({ ...optionsOf(given, 'wait'), maxQueueMs: 0 });
      try {
        const entries = MANY.map((key) => [key, `of ${key}`] as const);
        const stored = lab.client.setMany(entries);
        await lab.until(stored);
        const found = lab.client.getMany(MANY);
        await lab.until(found);
        assert.deepEqual(await found, new Map(entries));
      } finally {
        await lab.client.close({ timeoutMs: 0 });
      }
    }),
    runs(15),
  );
});

const asks = fc.array(fc.record({ key: fc.nat({ max: 2 }), stores: fc.boolean() }), {
  minLength: 1,
  maxLength: 40,
});

test('wait: when the server is lost, what waits for it goes to a stand-in, in order', async () => {
  await fc.assert(
    fc.asyncProperty(limits, asks, async (given, list) => {
      const [lost, standIn] = await Promise.all([startFakeMemcached(), startFakeMemcached()]);
      const client = createClient({
        ...OUT_AT_ONCE,
        connectTimeoutMs: 10_000,
        ...optionsOf({ ...given, pending: 100_000, queueMs: 0 }, 'wait'),
        offload: 'never',
        servers: [lost.address, standIn.address],
        timeoutMs: 10_000,
      });
      try {
        await client.connect();
        const keys = keysOn(client, lost, 3);
        lost.pause();
        const calls = list.map(({ key, stores }, i) =>
          stores ? client.set(keys[key], i) : client.get(keys[key]),
        );
        const outcomes = Promise.allSettled(calls);
        await sleep(5);
        await lost.stop();
        assertMoved(list, await outcomes, given.inFlight);
        const { pending, failovers } = client.metrics();
        assert.deepEqual(pending, { operations: 0, bytes: 0 });
        assert.ok(failovers <= list.length);
      } finally {
        await client.close({ timeoutMs: 0 });
        await Promise.all([lost.stop(), standIn.stop()]);
      }
    }),
    runs(20),
  );
});

/** Only what had been written is lost. Who reads sees the last store that was asked for before, or a later one. */
function assertMoved(
  list: readonly { key: number; stores: boolean }[],
  outcomes: readonly PromiseSettledResult<unknown>[],
  inFlight: number,
): void {
  const lost = outcomes.filter(({ status }) => status === 'rejected');
  assert.ok(lost.length <= Math.max(inFlight, LARGEST_REQUEST), `${lost.length} are lost`);
  for (const { reason } of lost as PromiseRejectedResult[])
    assert.deepEqual([reason.code, reason.sent], ['ERR_MEMCACHE_CONNECTION_LOST', 'maybe']);
  list.forEach(({ key, stores }, i) => {
    const outcome = outcomes[i];
    if (stores || outcome.status === 'rejected') return;
    const least = list.findLastIndex(
      (one, j) => j < i && one.key === key && one.stores && outcomes[j].status === 'fulfilled',
    );
    const seen = (outcome.value as number | undefined) ?? -1;
    assert.ok(seen >= least, `the read ${i} sees ${seen}, not ${least}`);
  });
}
