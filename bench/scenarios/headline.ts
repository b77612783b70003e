import type { Bench, Section } from '../bench.ts';
import type { Contender } from '../contenders/contender.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { entriesOf, type Outcome, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import {
  cpu,
  fastest,
  medianOf,
  memory,
  middle,
  type SliceFigure,
  tail,
  throughput,
} from '../report/race-table.ts';
import { ratioOf } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';
import { codecHeadline } from './codec.ts';
import { importTime } from './import-time.ts';

type Opponent = 'fastest memcached client' | 'heaviest memcached client' | 'ioredis' | 'raw socket';

interface Target {
  readonly what: string;
  readonly figure: SliceFigure;
  readonly against: Opponent;
  readonly required: Verdict['required'];
}

interface Case {
  readonly load: LoadCase;
  readonly targets: readonly Target[];
}

const faster = (against: Opponent, atLeast: number): Target => ({
  what: 'throughput',
  figure: throughput,
  against,
  required: { atLeast },
});
const lower = (what: string, figure: SliceFigure, against: Opponent, atMost: number): Target => ({
  what,
  figure,
  against,
  required: { atMost },
});
const FASTEST = 'fastest memcached client';

const CASES: readonly Case[] = [
  {
    load: { operation: 'get', size: 100, kind: 'string', concurrency: 512 },
    targets: [
      faster(FASTEST, 6),
      faster('ioredis', 4),
      faster('raw socket', 0.4),
      lower('p99', tail, FASTEST, 0.35),
      lower('RSS', memory, 'heaviest memcached client', 1),
    ],
  },
  {
    load: { operation: 'get', size: 100, kind: 'string', concurrency: 64 },
    targets: [faster(FASTEST, 2.5), lower('CPU per get', cpu, FASTEST, 0.25)],
  },
  {
    load: { operation: 'get', size: 100, kind: 'string', concurrency: 1 },
    targets: [lower('p50', middle, FASTEST, 1.05)],
  },
  {
    load: { operation: 'getMany', size: 100, kind: 'string', concurrency: 16 },
    targets: [faster(FASTEST, 3), faster('ioredis', 1.6), faster('raw socket', 0.65)],
  },
  {
    load: { operation: 'set', size: 100, kind: 'string', concurrency: 512 },
    targets: [faster(FASTEST, 3.5)],
  },
  {
    load: { operation: 'get', size: 1000, kind: 'string', concurrency: 512 },
    targets: [faster(FASTEST, 4)],
  },
  {
    load: { operation: 'get', size: 10_000, kind: 'buffer', concurrency: 512 },
    targets: [faster(FASTEST, 2.8)],
  },
  {
    load: { operation: 'get', size: 100_000, kind: 'buffer', concurrency: 64 },
    targets: [faster(FASTEST, 1.5)],
  },
];

/** Only whom a target names: the whole run has to stay under five minutes. */
function contendersFor(bench: Bench, targets: readonly Target[]): Contender[] {
  const always = ['subject', 'memcached client'];
  return bench.contenders.filter(
    ({ name, role }) => always.includes(role) || targets.some(({ against }) => against === name),
  );
}

function opponentOf(against: Opponent, outcomes: readonly Outcome[]): Outcome | undefined {
  const ran = outcomes.filter(({ slices }) => slices.length > 0);
  const clients = ran.filter(({ entry }) => entry.contender.role === 'memcached client');
  if (against === FASTEST) return fastest(clients);
  if (against === 'heaviest memcached client') {
    return clients.toSorted((a, b) => medianOf(b, memory) - medianOf(a, memory))[0];
  }
  return ran.find(({ entry }) => entry.contender.name === against);
}

function verdictOf(load: LoadCase, target: Target, outcomes: readonly Outcome[]): Verdict {
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

export async function* headline(bench: Bench): AsyncGenerator<Section> {
  for (const { load, targets } of CASES) {
    const title = describeLoad(load);
    const outcomes = await race(bench, title, entriesOf(contendersFor(bench, targets), load));
    const verdicts = targets.map((target) => verdictOf(load, target, outcomes));
    yield { ...raceSection(title, outcomes), verdicts };
  }
  yield* codecHeadline(bench);
  yield* importTime(bench);
}
