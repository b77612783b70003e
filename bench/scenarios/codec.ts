import type { Bench, Section } from '../bench.ts';
import { ALWAYS, AUTO, INLINE } from '../contenders/codec-modes.ts';
import type { Contender } from '../contenders/contender.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import type { ValueKind } from '../load/values.ts';
import { entriesOf, type Outcome, race } from '../race.ts';
import { barsOf } from '../report/race-figures.ts';
import { failuresOf, mainThread, medianOf, raceData } from '../report/race-table.ts';
import { ratioOf, roundOff, spreadText } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const SIZES = [1000, 10_000, 100_000, 1_000_000];
const VALUES_AT_ONCE = 64;
const BYTES_AT_ONCE = 4_000_000;
const MOST_SECONDS = 0.3;
/** The case the worker pool is there for; at every other it must only not be slower. */
const OFFLOAD_PAYS = { operation: 'encode', size: 10_000, kind: 'buffer' } as const;

function caseOf(operation: 'encode' | 'decode', size: number, kind: ValueKind): LoadCase {
  const concurrency = Math.max(1, Math.min(VALUES_AT_ONCE, Math.floor(BYTES_AT_ONCE / size)));
  return { operation, size, kind, concurrency };
}

/** What values cost the main thread: that is the time in which a service answers nobody. */
export async function* codec(bench: Bench): AsyncGenerator<Section> {
  const { sizes = SIZES, kinds = ['buffer', 'object'] } = bench.selection;
  const loads = (['encode', 'decode'] as const).flatMap((operation) =>
    kinds.flatMap((kind) => sizes.map((size) => caseOf(operation, size, kind))),
  );
  yield* codecSection(bench, loads);
}

/** What fits the headline run: stores of bytes at every size, and of objects at the size that matters most. */
export async function* codecHeadline(bench: Bench): AsyncGenerator<Section> {
  const bytes = SIZES.map((size) => caseOf('encode', size, 'buffer'));
  yield* codecSection(bench, [...bytes, caseOf('encode', OFFLOAD_PAYS.size, 'object')]);
}

async function* codecSection(bench: Bench, loads: readonly LoadCase[]): AsyncGenerator<Section> {
  const seconds = Math.min(bench.selection.seconds, MOST_SECONDS);
  // Its workers need a core: here nothing is pinned.
  const free: Bench = {
    ...bench,
    pinning: { ...bench.pinning, client: undefined },
    selection: { ...bench.selection, seconds, warmUpSeconds: seconds },
  };
  const modes: readonly Contender[] = [INLINE, AUTO, ALWAYS];
  const results: { load: LoadCase; outcomes: Outcome[] }[] = [];
  for (const load of loads) {
    results.push({ load, outcomes: await race(free, describeLoad(load), entriesOf(modes, load)) });
  }
  yield {
    table: {
      title: 'codec: main-thread us per value (not pinned; records as JSON bytes, or as objects)',
      head: ['', 'inline', 'auto', 'always', 'auto / inline', 'always / inline'],
      rows: results.map(({ load, outcomes }) => rowOf(load, outcomes)),
      notes: results.flatMap(({ load, outcomes }) =>
        failuresOf(outcomes).map((note) => `${describeLoad(load)}, ${note}`),
      ),
    },
    figures: results.map(({ load, outcomes }) =>
      barsOf({ title: describeLoad(load), unit: ' us', better: 'lower' }, outcomes, mainThread),
    ),
    data: results.map(({ outcomes }) => raceData(outcomes)),
    verdicts: results.flatMap(({ load, outcomes }) => verdictsOf(load, outcomes)),
  };
}

const figuresOf = ({ slices }: Outcome): number[] => slices.map(mainThread);

function rowOf(load: LoadCase, outcomes: readonly Outcome[]): string[] {
  const [inline, ...offloaded] = outcomes;
  return [
    describeLoad(load),
    ...outcomes.map((outcome) => roundOff(medianOf(outcome, mainThread))),
    ...offloaded.map((outcome) =>
      outcome.slices.length === 0
        ? '-'
        : spreadText(ratioOf(figuresOf(outcome), figuresOf(inline))),
    ),
  ];
}

function verdictsOf(load: LoadCase, [inline, auto, always]: readonly Outcome[]): Verdict[] {
  const ratio = (over: Outcome, under: Outcome): Verdict['measured'] =>
    over.slices.length > 0 && under.slices.length > 0
      ? ratioOf(figuresOf(over), figuresOf(under))
      : undefined;
  const target = `${describeLoad(load)}: main-thread time`;
  const better = medianOf(always, mainThread) < medianOf(inline, mainThread) ? always : inline;
  const verdicts: Verdict[] = [
    {
      target: `${target}, auto`,
      against: better.entry.label,
      required: { atMost: 1.05 },
      unit: 'x',
      measured: ratio(auto, better),
    },
  ];
  const pays = Object.entries(OFFLOAD_PAYS).every(
    ([name, value]) => load[name as keyof LoadCase] === value,
  );
  if (!pays) return verdicts;
  const offload = {
    target: `${target}, always`,
    against: inline.entry.label,
    required: { atMost: 0.5 },
    unit: 'x',
  };
  return [...verdicts, { ...offload, measured: ratio(always, inline) }];
}
