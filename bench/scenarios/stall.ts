import type { Bench, Section } from '../bench.ts';
import { memvolleyWith } from '../contenders/memvolley-with.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase, type Slice } from '../load/load-case.ts';
import { type Outcome, race } from '../race.ts';
import { barsOf } from '../report/race-figures.ts';
import {
  cpu,
  failuresOf,
  mainThread,
  medianOf,
  middle,
  raceData,
  type SliceFigure,
} from '../report/race-table.ts';
import { ratioOf, roundOff, spreadOf, spreadText } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const LOAD: LoadCase = { operation: 'setBurst', size: 10_000, kind: 'object', concurrency: 1000 };
const MOST_OF_INLINE = 0.4;
/** A burst takes a tenth of one: a round is to have some. */
const LEAST_SECONDS = 1;

const MODES = [
  { label: 'inline', contender: memvolleyWith({ offload: 'never' }) },
  { label: 'auto', contender: SUBJECT },
  { label: 'always', contender: memvolleyWith({ offload: 'always' }) },
];

const stallsOf = ({ stallsMs }: Slice): readonly number[] => stallsMs ?? [];
/** Of the bursts of a round: what usually happens, not the worst that ever did. */
const usualStall: SliceFigure = (slice) => spreadOf(stallsOf(slice)).median;
/** Its median over the rounds is shown: what the worst burst of a round usually is. */
const worstStall: SliceFigure = (slice) => spreadOf(stallsOf(slice)).max;

/** How long a service answers nobody while it stores many objects at once. */
export async function* stall(bench: Bench): AsyncGenerator<Section> {
  const seconds = Math.max(LEAST_SECONDS, bench.selection.seconds);
  // Its workers need a core: here the client is not pinned.
  const free: Bench = {
    ...bench,
    pinning: { ...bench.pinning, client: undefined },
    selection: { ...bench.selection, seconds, warmUpSeconds: seconds },
  };
  const title = describeLoad(LOAD);
  const entries = MODES.map((mode) => ({ ...mode, load: LOAD }));
  const outcomes = await race(free, title, entries);
  const [inline, auto] = outcomes;
  yield {
    table: {
      title: `stall: longest time between two turns of the event loop in ${title} (not pinned)`,
      head: [
        '',
        'stall ms',
        'to inline',
        'worst of a round ms',
        'burst ms',
        'main-thread us/set',
        'CPU us/set',
      ],
      rows: outcomes.map((outcome) => rowOf(outcome, inline)),
      notes: failuresOf(outcomes),
    },
    figures: [
      barsOf({ title: 'longest stall', unit: ' ms', better: 'lower' }, outcomes, usualStall),
    ],
    data: raceData(outcomes),
    verdicts: [verdictOf(title, auto, inline)],
  };
}

function rowOf(outcome: Outcome, inline: Outcome): string[] {
  const { entry, slices } = outcome;
  if (slices.length === 0) return [entry.label, '-'];
  const stalls = slices.map(usualStall);
  const compared = outcome !== inline && inline.slices.length > 0;
  return [
    entry.label,
    spreadText(spreadOf(stalls)),
    compared ? spreadText(ratioOf(stalls, inline.slices.map(usualStall))) : '1',
    ...[worstStall, middle, mainThread, cpu].map((figure) => roundOff(medianOf(outcome, figure))),
  ];
}

function verdictOf(title: string, auto: Outcome, inline: Outcome): Verdict {
  const ran = auto.slices.length > 0 && inline.slices.length > 0;
  return {
    target: `${title}: longest stall, auto`,
    against: inline.entry.label,
    required: { atMost: MOST_OF_INLINE },
    unit: 'x',
    measured: ran ? ratioOf(auto.slices.map(usualStall), inline.slices.map(usualStall)) : undefined,
  };
}
