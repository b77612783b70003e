import type { Bench, Section } from '../bench.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { raceSection } from '../report/race-section.ts';
import { failuresOf, memory as rss } from '../report/race-table.ts';
import { entriesOf, race } from '../race.ts';
import { roundOff, spreadOf } from '../report/spread.ts';

const LOAD: LoadCase = { operation: 'mixed', size: 100, kind: 'string', concurrency: 512 };
const SLICE_SECONDS = 5;
/** The share of the run at its end, and after the warm-up, whose medians are compared. */
const QUARTER = 0.25;

/** RSS beside the rivals' under one load, then memvolley alone for minutes: what grows without end shows here. */
export async function* memory(bench: Bench): AsyncGenerator<Section> {
  const title = `memory: ${describeLoad(LOAD)}`;
  const outcomes = await race(bench, title, entriesOf(bench.contenders, LOAD));
  yield raceSection(title, outcomes);
  yield* growth(bench);
}

async function* growth(bench: Bench): AsyncGenerator<Section> {
  const { minutes } = bench.selection;
  const rounds = Math.max(4, Math.round((minutes * 60) / SLICE_SECONDS));
  const seconds = (minutes * 60) / rounds;
  const long = { ...bench, selection: { ...bench.selection, rounds, seconds } };
  const entry = { label: SUBJECT.name, contender: SUBJECT, load: LOAD };
  const [outcome] = await race(long, `memory over ${minutes} min`, [entry]);
  const sizes = outcome.slices.map(rss);
  const quarter = Math.max(1, Math.floor(sizes.length * QUARTER));
  const ran = sizes.length > 0;
  const first = ran ? spreadOf(sizes.slice(0, quarter)).median : Number.NaN;
  const last = ran ? spreadOf(sizes.slice(-quarter)).median : Number.NaN;
  yield {
    table: {
      title: `memory: RSS in MiB over ${minutes} min of ${describeLoad(LOAD)}`,
      head: ['', 'first quarter', 'last quarter', 'growth', 'highest'],
      rows: [
        [
          SUBJECT.name,
          roundOff(first),
          roundOff(last),
          (last - first).toFixed(2),
          roundOff(Math.max(...sizes)),
        ],
      ],
      notes: failuresOf([outcome]),
    },
    data: { minutes, rssMiB: sizes, first, last, failure: outcome.failure },
  };
}
