import type { Bench, Section } from '../bench.ts';
import { LOOP_ALONE, SUBJECT } from '../contenders/roster.ts';
import type { Garbage } from '../load/garbage-watch.ts';
import { describeLoad, type LoadCase, type Slice } from '../load/load-case.ts';
import { entriesOf, type Outcome, race } from '../race.ts';
import { barsOf } from '../report/race-figures.ts';
import {
  failuresOf,
  medianOf,
  raceData,
  type SliceFigure,
  throughput,
} from '../report/race-table.ts';
import { roundOff, type Spread, spreadOf, spreadText } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const LOAD: LoadCase = {
  operation: 'get',
  size: 100,
  kind: 'string',
  concurrency: 512,
  garbage: true,
};
const MOST_BYTES = 250;
const LONGEST_SCAVENGE_MS = 2;

const of = (slice: Slice, figure: keyof Garbage): number => slice.garbage?.[figure] ?? Number.NaN;
const bytes: SliceFigure = (slice) => of(slice, 'bytes') / slice.operations;
const perMillion: SliceFigure = (slice) => (of(slice, 'scavenges') / slice.operations) * 1e6;
const perSecond: SliceFigure = (slice) => of(slice, 'scavenges') / slice.seconds;
const longest: SliceFigure = (slice) => of(slice, 'longestScavengeMs');

/** What a get leaves on the heap, and what it costs to clear it away. */
export async function* garbage(bench: Bench): AsyncGenerator<Section> {
  const clients = bench.contenders.filter(
    ({ role }) => role === 'subject' || role === 'memcached client',
  );
  const title = `garbage: ${describeLoad(LOAD)}`;
  const outcomes = await race(bench, title, entriesOf([LOOP_ALONE, ...clients], LOAD));
  const [alone, ...others] = outcomes;
  const subject = others.find(({ entry }) => entry.contender === SUBJECT);
  yield {
    table: {
      title,
      head: [
        '',
        'heap B/get',
        'without the caller',
        'scavenges/s',
        'per million gets',
        'longest ms [min..max]',
        'ops/s',
      ],
      rows: outcomes.map((outcome) => rowOf(outcome, alone)),
      notes: [
        'the caller: an await for each get and a clock for one in eight, as the loop alone has them, who asks nobody',
        ...failuresOf(outcomes),
      ],
    },
    figures: [
      barsOf({ title: 'heap per get', unit: ' B', better: 'lower' }, others, bytes),
      barsOf({ title: 'longest scavenge', unit: ' ms', better: 'lower' }, others, longest),
    ],
    data: raceData(outcomes),
    verdicts: verdictsOf(subject, alone),
  };
}

/** Bytes that are the client's own, round by round. */
function ownBytes({ slices }: Outcome, alone: Outcome): Spread | undefined {
  const rounds = Math.min(slices.length, alone.slices.length);
  if (rounds === 0) return undefined;
  return spreadOf(
    Array.from({ length: rounds }, (_, i) => bytes(slices[i]) - bytes(alone.slices[i])),
  );
}

function rowOf(outcome: Outcome, alone: Outcome): string[] {
  const { entry, slices } = outcome;
  if (slices.length === 0) return [entry.label, '-'];
  const own = outcome === alone ? undefined : ownBytes(outcome, alone);
  return [
    entry.label,
    roundOff(medianOf(outcome, bytes)),
    own === undefined ? '-' : spreadText(own),
    roundOff(medianOf(outcome, perSecond)),
    roundOff(medianOf(outcome, perMillion)),
    spreadText(spreadOf(slices.map(longest))),
    Math.round(medianOf(outcome, throughput)).toLocaleString('en-US'),
  ];
}

function verdictsOf(subject: Outcome | undefined, alone: Outcome): Verdict[] {
  const name = describeLoad(LOAD);
  const slices = subject?.slices ?? [];
  return [
    {
      target: `${name}: heap of a get, without its caller`,
      against: 'a fixed size',
      required: { atMost: MOST_BYTES },
      unit: ' B',
      measured: subject && ownBytes(subject, alone),
    },
    {
      target: `${name}: longest scavenge of a round`,
      against: 'a fixed time',
      required: { atMost: LONGEST_SCAVENGE_MS },
      unit: ' ms',
      measured: slices.length > 0 ? spreadOf(slices.map(longest)) : undefined,
    },
  ];
}
