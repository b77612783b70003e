import type { Fetching } from './fetching.ts';
import { type KeyFetch, Loading, WAIT } from './key-fetch.ts';
import type { Terms } from './terms.ts';

export interface Waiting {
  readonly room: Fetching;
  readonly terms: Terms;
  readonly signal: AbortSignal | undefined;
}

/** What a caller is given after its first step: the value, or a promise of it. */
export function answerOf(waiting: Waiting, fetch: KeyFetch, step: unknown): unknown {
  if (step instanceof Loading) return step.answer;
  return step === WAIT || step instanceof Promise ? wait(waiting, fetch, step) : step;
}

async function wait(waiting: Waiting, fetch: KeyFetch, first: unknown): Promise<unknown> {
  const { room, terms, signal } = waiting;
  const end = room.clock.now() + terms.waitMs;
  let step = await first;
  for (let round = 0; step === WAIT; round++) {
    const moment = await room.pauses.pause(fetch.id, round, end);
    // Nobody is there to be answered.
    if (signal?.aborted === true) return undefined;
    step = await fetch.again(moment >= end);
  }
  return step instanceof Loading ? step.answer : step;
}

/** A key of several, and its first step. */
export interface Begun {
  readonly fetch: KeyFetch;
  readonly step: unknown;
}

let calls = 0;

/**
 * The same for several keys of one call. They pause and look together, so that what they come to load they load
 * together; what is loading meanwhile is awaited in the end. Never rejects.
 */
export async function answersOf(
  waiting: Waiting,
  begun: readonly Begun[],
): Promise<readonly PromiseSettledResult<unknown>[]> {
  const { room, terms, signal } = waiting;
  const by = `call ${calls++}`;
  const end = room.clock.now() + terms.waitMs;
  let steps = await Promise.all(begun.map(({ step }) => decided(step)));
  for (let round = 0; steps.includes(WAIT); round++) {
    const moment = await room.pauses.pause(by, round, end);
    if (signal?.aborted === true) return [];
    const next = steps.map((step, place) =>
      step === WAIT ? decided(begun[place].fetch.again(moment >= end)) : step,
    );
    steps = await Promise.all(next);
  }
  return Promise.allSettled(steps.map((step) => (step instanceof Loading ? step.answer : step)));
}

async function decided(step: unknown): Promise<unknown> {
  try {
    return await step;
  } catch (error) {
    return new Loading(Promise.reject(error));
  }
}
