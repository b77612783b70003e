import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fetching } from '../../../src/stampede/fetching.ts';
import { type KeyFetch, Loading, WAIT } from '../../../src/stampede/key-fetch.ts';
import type { Terms } from '../../../src/stampede/terms.ts';
import { answerOf, answersOf, type Waiting } from '../../../src/stampede/waiting.ts';
import { answered, SimulatedClock, watched } from './simulated.ts';

const TERMS: Terms = {
  lockMs: 10_000,
  wait: 'stale',
  waitMs: 1000,
  background: false,
  remembersNothing: false,
  failsWithCache: false,
};

function waitingIn(clock: SimulatedClock, signal?: AbortSignal): Waiting {
  const events = { guarded: () => {}, failedBehind: () => {} };
  return { room: new Fetching(events, clock), terms: TERMS, signal };
}

/** Takes these steps, one each time it looks again. */
class Steps {
  readonly id = 'k';
  /** When it looked, and whether that was the last time. */
  readonly looks: [at: number, last: boolean][] = [];
  readonly #clock: SimulatedClock;
  readonly #steps: (() => unknown)[];

  constructor(clock: SimulatedClock, ...steps: (() => unknown)[]) {
    this.#clock = clock;
    this.#steps = steps;
  }

  async again(last: boolean): Promise<unknown> {
    this.looks.push([this.#clock.now(), last]);
    return last ? 'at last' : (this.#steps.shift()?.() ?? WAIT);
  }

  get fetch(): KeyFetch {
    return this as unknown as KeyFetch;
  }
}

test('a value is the answer, and what is loading a promise of it', async () => {
  const clock = new SimulatedClock();
  const { fetch } = new Steps(clock);
  const waiting = waitingIn(clock);
  assert.equal(answerOf(waiting, fetch, 'now'), 'now');
  assert.equal(answerOf(waiting, fetch, undefined), undefined);
  assert.equal(await answerOf(waiting, fetch, new Loading(Promise.resolve('soon'))), 'soon');
  assert.equal(await answerOf(waiting, fetch, Promise.resolve(new Loading(Promise.resolve(1)))), 1);
});

test('who waits looks again until there is something, and once more in the end', async () => {
  const clock = new SimulatedClock();
  const found = new Steps(
    clock,
    () => WAIT,
    () => 'there',
  );
  const waits = watched(answerOf(waitingIn(clock), found.fetch, WAIT) as Promise<unknown>);
  await clock.advance(100);
  assert.equal(waits.value, 'there');
  assert.equal(found.looks.length, 2);
  const never = new Steps(clock);
  const began = clock.now();
  const ends = watched(answerOf(waitingIn(clock), never.fetch, WAIT) as Promise<unknown>);
  await clock.advance(1000);
  assert.equal(ends.value, 'at last');
  assert.deepEqual(
    never.looks.filter(([, last]) => last),
    [[began + 1000, true]],
  );
});

test('several keys of a call look in the same moments, however long some of them take', async () => {
  const clock = new SimulatedClock(Math.random);
  const slow = async (): Promise<unknown> => {
    await clock.sleep(37);
    return WAIT;
  };
  const keys = [
    new Steps(clock),
    new Steps(clock, slow, slow, slow, slow),
    new Steps(
      clock,
      () => WAIT,
      () => 'there',
    ),
  ];
  const begun = keys.map(({ fetch }) => ({ fetch, step: WAIT }));
  const all = watched(answersOf(waitingIn(clock), begun));
  await clock.advance(1500);
  assert.deepEqual(
    all.value,
    ['at last', 'at last', 'there'].map((value) => ({ status: 'fulfilled', value })),
  );
  const [one, other] = keys.map(({ looks }) => looks);
  assert.deepEqual(one, other);
  assert.equal(one.filter(([, last]) => last).length, 1);
});

test('what fails for one key fails no other, and is nobody’s while others wait', async () => {
  const clock = new SimulatedClock();
  const steps = [
    Promise.reject(new Error('at once')),
    new Loading(Promise.reject(new Error('loading'))),
    WAIT,
    'there',
  ];
  const begun = steps.map((step) => ({ fetch: new Steps(clock).fetch, step }));
  const all = watched(answersOf(waitingIn(clock), begun));
  await clock.advance(500);
  assert.equal(all.state, 'pending');
  await clock.advance(500);
  const results = all.value as PromiseSettledResult<unknown>[];
  assert.deepEqual(
    results.map((each) =>
      each.status === 'rejected' ? (each.reason as Error).message : each.value,
    ),
    ['at once', 'loading', 'at last', 'there'],
  );
});

test('nobody looks for a caller who has gone', async () => {
  const clock = new SimulatedClock();
  const steps = new Steps(clock);
  const waiting = waitingIn(clock, AbortSignal.abort());
  const one = watched(answerOf(waiting, steps.fetch, WAIT) as Promise<unknown>);
  const all = watched(answersOf(waiting, [{ fetch: steps.fetch, step: WAIT }]));
  await clock.advance(2000);
  assert.deepEqual([one], answered(undefined, 1));
  assert.deepEqual(all, { state: 'answered', value: [] });
  assert.deepEqual(steps.looks, []);
});
