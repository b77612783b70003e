import type { Bench, Section } from '../bench.ts';
import { memvolleyWith } from '../contenders/memvolley-with.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase, sizeText } from '../load/load-case.ts';
import { type Entry, race } from '../race.ts';
import { growthFigure, growthTable, linearVerdict, type Measured } from '../report/growth.ts';
import { barsOf } from '../report/race-figures.ts';
import { cpu, failuresOf, raceData } from '../report/race-table.ts';

/** What grows, and what it is measured by. */
interface Growing extends Omit<Measured, 'points'> {
  readonly load: LoadCase;
  readonly xs: readonly number[];
  label?(x: number): string;
  entry(x: number, bench: Bench): Promise<Omit<Entry, 'label'>> | Omit<Entry, 'label'>;
}

const MOST_SECONDS = 0.5;
const GET: LoadCase = { operation: 'get', size: 100, kind: 'string', concurrency: 512 };
/** So few want so many that hardly ever two want the same, which is asked for once. */
const PAGES: LoadCase = { ...GET, operation: 'getMany', concurrency: 4, keys: 100_000 };
const LARGE: LoadCase = { ...GET, kind: 'buffer', concurrency: 8, keys: 128 };
const KEYS: LoadCase = { ...GET, concurrency: 64 };

const ofSubject = (load: LoadCase): Omit<Entry, 'label'> => ({ contender: SUBJECT, load });

const GROWING: readonly Growing[] = [
  {
    over: 'servers',
    of: 'get',
    load: GET,
    xs: [1, 2, 4, 8, 16],
    entry: async (x, bench) => ({ ...ofSubject(GET), servers: await bench.fleet(x) }),
  },
  {
    over: 'keys of a call',
    of: 'key',
    whole: 'call',
    load: PAGES,
    xs: [1, 10, 100, 1000],
    entry: (x) => ofSubject({ ...PAGES, keysPerCall: x }),
  },
  {
    over: 'connections',
    of: 'get',
    load: GET,
    xs: [1, 2, 4, 8],
    entry: (x) => ({ contender: memvolleyWith({ connections: x }), load: GET }),
  },
  {
    over: 'size of a value',
    of: 'get',
    load: LARGE,
    xs: [100, 1000, 10_000, 100_000, 1_000_000],
    label: sizeText,
    entry: (x) => ofSubject({ ...LARGE, size: x }),
  },
  {
    over: 'keys stored',
    of: 'get',
    load: KEYS,
    xs: [1000, 10_000, 100_000],
    entry: (x) => ofSubject({ ...KEYS, keys: x }),
  },
];

/** How the CPU time of an operation grows with what there is more of. memvolley alone. */
export async function* costs(bench: Bench): AsyncGenerator<Section> {
  const seconds = Math.min(bench.selection.seconds, MOST_SECONDS);
  const selection = { ...bench.selection, seconds, warmUpSeconds: seconds };
  for (const growing of GROWING) yield await costsSection({ ...bench, selection }, growing);
}

async function costsSection(bench: Bench, growing: Growing): Promise<Section> {
  const { load, xs, entry, label = (x: number) => x.toLocaleString('en-US'), ...what } = growing;
  const entries: Entry[] = [];
  for (const x of xs) entries.push({ label: label(x), ...(await entry(x, bench)) });
  const title = `costs: CPU over ${what.over}`;
  const outcomes = await race(bench, title, entries);
  const points = outcomes.map(({ slices }, i) => ({
    x: xs[i],
    label: label(xs[i]),
    rounds: slices.map(cpu),
  }));
  const measured: Measured = { ...what, points };
  return {
    table: growthTable(title, measured, [
      `else as in: ${describeLoad(load)}`,
      ...failuresOf(outcomes),
    ]),
    figures: [
      growthFigure(measured, SUBJECT.name),
      barsOf({ title: 'CPU per operation', unit: ' us', better: 'lower' }, outcomes, cpu),
    ],
    data: raceData(outcomes),
    verdicts: [linearVerdict(measured)],
  };
}
