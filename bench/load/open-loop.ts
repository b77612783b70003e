import type { Histogram } from 'hdr-histogram-js';
import { newLatencies, percentileOf, record } from './latencies.ts';
import type { Work } from './load-case.ts';
import type { Operation } from './operations.ts';

export interface Schedule {
  /** What the times of `due` count from, as `performance.now()` has it. */
  readonly startedAt: number;
  /** Milliseconds, ascending. */
  readonly due: Float64Array;
}

/** A timer of Node is set in whole milliseconds, and for one at least. */
const SHORTEST_TIMER_MS = 1;
/** Further behind than this the rest is not issued: what would be measured is the length of the slice. */
const GIVE_UP_MS = 1000;
/** At the end of the schedule, in milliseconds and as a share of its length: more is a load that was not kept up with. */
const BEHIND_MS = 20;
const BEHIND_SHARE = 0.02;
/** For the last answers, once all calls are issued. Longer than any client's own patience. */
const PATIENCE_MS = 15_000;

/** What has become of the calls. */
class Tally {
  issued = 0;
  settled = 0;
  operations = 0;
  wrong = 0;
  rejected = 0;
  firstRejection = '';
}

/**
 * Starts calls when they are due, whatever has become of those before, and times each from when it was DUE: who is
 * stalled does not only answer late what he was asked, but also what he would have been. All calls that are due are
 * started together; in between the loop waits in one timer, which wakes after a millisecond or two.
 */
export async function openLoop(
  operation: Operation,
  schedule: Schedule,
  latencies: Histogram,
): Promise<Work> {
  const { startedAt, due } = schedule;
  const tally = new Tally();
  const lags = newLatencies();

  async function call(number: number, dueAt: number): Promise<void> {
    try {
      const reply = await operation.start(number);
      record(latencies, performance.now() - dueAt);
      if (!operation.answered(reply, number)) tally.wrong++;
      tally.operations += operation.keysOf(number);
    } catch (error) {
      if (tally.rejected++ === 0) tally.firstRejection = (error as Error).message;
    }
    tally.settled++;
  }

  /** Milliseconds by which the last call came too late. */
  const lag = await issue(schedule, (number) => {
    const dueAt = startedAt + due[number];
    const late = performance.now() - dueAt;
    record(lags, late);
    tally.issued++;
    void call(number, dueAt);
    return late;
  });
  await allSettled(tally);
  const nothing = voidReason(tally, schedule, lag);
  return {
    operations: tally.operations,
    misses: tally.wrong,
    lag: { p99: percentileOf(lags, 99), max: percentileOf(lags, 100) },
    ...(nothing !== undefined && { void: nothing }),
  };
}

/** Answers how late the last call was. */
function issue({ startedAt, due }: Schedule, start: (number: number) => number): Promise<number> {
  return new Promise((resolve) => {
    let next = 0;
    let late = 0;
    function turn(): void {
      const now = performance.now() - startedAt;
      while (next < due.length && due[next] <= now && late < GIVE_UP_MS) late = start(next++);
      if (next === due.length || late >= GIVE_UP_MS) resolve(late);
      else setTimeout(turn, Math.max(SHORTEST_TIMER_MS, Math.floor(due[next] - now)));
    }
    turn();
  });
}

async function allSettled(tally: Readonly<Tally>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (tally.settled < tally.issued && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, SHORTEST_TIMER_MS));
  }
}

function voidReason(
  { issued, settled, wrong, rejected, firstRejection }: Readonly<Tally>,
  { due }: Schedule,
  lag: number,
): Work['void'] {
  const reason =
    (rejected > 0 && `${rejected} calls failed, the first: ${firstRejection}`) ||
    (settled < issued && `${issued - settled} calls were not answered`) ||
    (wrong > 0 && `${wrong} values were missing or wrong`);
  if (reason !== false) return { reason, late: false };
  const allowed = Math.max(BEHIND_MS, BEHIND_SHARE * due[due.length - 1]);
  if (lag <= allowed) return undefined;
  const text = `fell behind: call ${issued} of ${due.length} was ${Math.round(lag)} ms late`;
  return { reason: text, late: true };
}
