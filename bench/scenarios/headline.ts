import type { Bench, Section } from '../bench.ts';
import type { Contender } from '../contenders/contender.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { entriesOf, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { cpu, memory, middle, tail } from '../report/race-table.ts';
import { FASTEST, faster, lower, type Target, verdictOf } from '../report/targets.ts';
import { codecHeadline } from './codec.ts';
import { importTime } from './import-time.ts';

interface Case {
  readonly load: LoadCase;
  readonly targets: readonly Target[];
}

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
    targets: [
      faster(FASTEST, 3),
      faster('ioredis', 1.6),
      faster('pylibmc', 2.5),
      faster('raw socket', 0.65),
    ],
  },
  {
    load: { operation: 'set', size: 100, kind: 'string', concurrency: 512 },
    targets: [faster(FASTEST, 3.5), faster('raw socket, quiet stores', 0.45)],
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
