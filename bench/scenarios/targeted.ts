import type { Bench, Section } from '../bench.ts';
import type { Contender } from '../contenders/contender.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { entriesOf, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { cpu, memory, middle, tail } from '../report/race-table.ts';
import { FASTEST, faster, lower, type Target, verdictOf } from '../report/targets.ts';

/** A load with what memvolley is to be in it. */
interface Targeted {
  readonly load: LoadCase;
  readonly targets: readonly Target[];
  /** Part of the run without flags, which has to stay under five minutes; the others are a scenario of their own. */
  readonly headline: boolean;
}

const gets = (callers: number): LoadCase => ({
  operation: 'get',
  size: 100,
  kind: 'string',
  concurrency: callers,
});
const SMALL = gets(512);
/**
 * Of the few keys of that size that are usual (1677, 167, 16) callers would often want the same, and equal keys of a
 * volley are asked for once. Of so many one call in twenty wants what another waits for.
 */
const LARGE_KEYS = { 10_000: 5000, 100_000: 512, 1_000_000: 128 } as const;
const large = (size: keyof typeof LARGE_KEYS, callers: number): LoadCase => ({
  ...gets(callers),
  size,
  kind: 'buffer',
  keys: LARGE_KEYS[size],
});

export const TARGETED: readonly Targeted[] = [
  {
    load: SMALL,
    targets: [
      faster(FASTEST, 9),
      faster('ioredis', 6),
      faster('raw socket', 0.5),
      lower('p99', tail, FASTEST, 0.25),
      lower('CPU per get', cpu, FASTEST, 0.1),
      lower('RSS', memory, 'heaviest memcached client', 1),
    ],
    headline: true,
  },
  { load: gets(4096), targets: [faster(FASTEST, 7)], headline: false },
  {
    load: gets(64),
    targets: [faster(FASTEST, 3.5), lower('CPU per get', cpu, FASTEST, 0.2)],
    headline: true,
  },
  {
    load: gets(16),
    targets: [faster(FASTEST, 1.6), lower('CPU per get', cpu, FASTEST, 0.3)],
    headline: false,
  },
  { load: gets(1), targets: [lower('p50', middle, FASTEST, 1.05)], headline: true },
  {
    load: { ...gets(16), operation: 'getMany' },
    targets: [
      faster(FASTEST, 3.5),
      faster('ioredis', 2),
      faster('pylibmc', 2.5),
      faster('raw socket', 0.8),
    ],
    headline: true,
  },
  {
    load: { ...SMALL, operation: 'set' },
    targets: [faster(FASTEST, 4.5), faster('raw socket, quiet stores', 0.45)],
    headline: true,
  },
  { load: { ...SMALL, operation: 'mixed' }, targets: [faster(FASTEST, 6)], headline: true },
  { load: { ...SMALL, size: 1000 }, targets: [faster(FASTEST, 5)], headline: true },
  {
    load: large(10_000, 512),
    targets: [faster(FASTEST, 3.5), faster('raw socket', 0.65)],
    headline: true,
  },
  { load: large(100_000, 64), targets: [faster(FASTEST, 2)], headline: true },
  { load: large(1_000_000, 16), targets: [faster(FASTEST, 1.5)], headline: false },
  {
    load: { ...SMALL, size: 1000, kind: 'object' },
    targets: [faster(FASTEST, 3)],
    headline: false,
  },
  {
    load: { ...SMALL, size: 8000, kind: 'object' },
    targets: [faster(FASTEST, 2)],
    headline: false,
  },
];

/** What a load is held against, wherever it is run. */
export function targetsOf(load: LoadCase): readonly Target[] {
  const name = describeLoad(load);
  return TARGETED.find((one) => describeLoad(one.load) === name)?.targets ?? [];
}

/** Only whom a target names: every client more takes half a minute of all cases together. */
function contendersFor(bench: Bench, targets: readonly Target[]): Contender[] {
  const always = ['subject', 'memcached client'];
  return bench.contenders.filter(
    ({ name, role }) => always.includes(role) || targets.some(({ against }) => against === name),
  );
}

export async function targetedSection(
  bench: Bench,
  { load, targets }: Pick<Targeted, 'load' | 'targets'>,
): Promise<Section> {
  const title = describeLoad(load);
  const outcomes = await race(bench, title, entriesOf(contendersFor(bench, targets), load));
  const verdicts = targets.map((target) => verdictOf(load, target, outcomes));
  return { ...raceSection(title, outcomes), verdicts };
}
