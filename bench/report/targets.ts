import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import type { Outcome } from '../race.ts';
import { fastest, medianOf, memory, type SliceFigure, throughput } from './race-table.ts';
import { ratioOf } from './spread.ts';
import type { Verdict } from './verdict.ts';

type Opponent =
  | 'fastest memcached client'
  | 'heaviest memcached client'
  | 'ioredis'
  | 'pylibmc'
  | 'raw socket'
  | 'raw socket, quiet stores';

/** What memvolley is to be, as a ratio to somebody else's figure in the same round. */
export interface Target {
  readonly what: string;
  readonly figure: SliceFigure;
  readonly against: Opponent;
  readonly required: Verdict['required'];
}

export const FASTEST = 'fastest memcached client';

export const faster = (against: Opponent, atLeast: number): Target => ({
  what: 'throughput',
  figure: throughput,
  against,
  required: { atLeast },
});
export const lower = (
  what: string,
  figure: SliceFigure,
  against: Opponent,
  atMost: number,
): Target => ({ what, figure, against, required: { atMost } });

function opponentOf(against: Opponent, outcomes: readonly Outcome[]): Outcome | undefined {
  const ran = outcomes.filter(({ slices }) => slices.length > 0);
  const clients = ran.filter(({ entry }) => entry.contender.role === 'memcached client');
  if (against === FASTEST) return fastest(clients);
  if (against === 'heaviest memcached client') {
    return clients.toSorted((a, b) => medianOf(b, memory) - medianOf(a, memory))[0];
  }
  return ran.find(({ entry }) => entry.contender.name === against);
}

export function verdictOf(load: LoadCase, target: Target, outcomes: readonly Outcome[]): Verdict {
  const subject = outcomes.find(
    ({ entry }) => entry.contender === SUBJECT && entry.load.operation === load.operation,
  );
  const opponent = opponentOf(target.against, outcomes);
  const ran = subject !== undefined && subject.slices.length > 0 && opponent !== undefined;
  return {
    target: `${describeLoad(load)}: ${target.what}`,
    against: opponent?.entry.label ?? target.against,
    required: target.required,
    unit: 'x',
    measured: ran
      ? ratioOf(subject.slices.map(target.figure), opponent.slices.map(target.figure))
      : undefined,
  };
}
