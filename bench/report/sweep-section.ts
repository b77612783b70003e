import { SUBJECT } from '../contenders/roster.ts';
import type { Slice } from '../load/load-case.ts';
import type { Entry, Outcome } from '../race.ts';
import type { Curve } from './figure.ts';
import { lag, LONGEST_P99_MS, standing, voidOf } from './open-table.ts';
import { failuresOf, medianOf, middle, tail, throughput } from './race-table.ts';
import { ratioOfPairs, roundOff, spreadOf, spreadText } from './spread.ts';
import type { Table } from './table.ts';
import type { Verdict } from './verdict.ts';

const TIMES_RIVAL = 5;
const HIGHEST = `highest rate with a p99 under ${LONGEST_P99_MS} ms`;

/** What a client did at each rate of a sweep. */
export interface Climb {
  readonly entry: Entry;
  readonly points: Map<number, Slice[]>;
  /** The highest rate that it held, in each round; NaN where it did not take part. */
  readonly knees: number[];
  /** What ended it in one of them, if anything did. */
  failure?: string;
}

const byRate = ({ entry, points }: Climb): { rate: number; outcome: Outcome }[] =>
  [...points]
    .toSorted(([a], [b]) => a - b)
    .map(([rate, slices]) => ({ rate, outcome: { entry, slices } }));

/** The highest rates, round by round. Nobody is measured on wrong answers: of who gave one there are none. */
function kneesOf({ points, knees }: Climb): readonly number[] {
  const wrong = [...points.values()].flat().some(({ misses }) => misses > 0);
  return knees.map((rate) => (wrong ? Number.NaN : rate));
}

const known = (rates: readonly number[]): number[] => rates.filter((rate) => !Number.isNaN(rate));

function knee(climb: Climb): number {
  const knees = known(kneesOf(climb));
  return knees.length === 0 ? 0 : spreadOf(knees).median;
}

export function sweepTable(title: string, climbs: readonly Climb[]): Table {
  const failures = climbs.map(({ entry, failure }): Outcome => ({
    entry,
    slices: [],
    ...(failure !== undefined && { failure }),
  }));
  return {
    title: `${title}: up to the ${HIGHEST}`,
    head: ['', 'asked/s', 'answers/s', 'p50 ms', 'p99 ms', 'lag p99 ms', ''],
    rows: climbs.flatMap(rowsOf),
    remarks: true,
    notes: [...climbs.flatMap(kneeText), ...failuresOf(failures)],
  };
}

function kneeText(climb: Climb): string[] {
  const { entry } = climb;
  const knees = known(kneesOf(climb));
  if (knees.length === 0) return [];
  const highest = spreadText(spreadOf(knees.map((rate) => rate / 1000)));
  return [`${entry.label}: ${HIGHEST}, in thousands ${highest}`];
}

function rowsOf(climb: Climb): string[][] {
  return byRate(climb).map(({ rate, outcome }, at) => {
    const nothing = voidOf(outcome);
    const shown = standing(outcome);
    return [
      at === 0 ? climb.entry.label : '',
      rate.toLocaleString('en-US'),
      Math.round(medianOf(shown, throughput)).toLocaleString('en-US'),
      ...[middle, tail, lag].map((figure) => roundOff(medianOf(shown, figure))),
      nothing === undefined ? '' : `void: ${nothing.reason}`,
    ];
  });
}

export function sweepCurve(climbs: readonly Climb[]): Curve {
  const series = climbs.map((climb) => ({
    label: climb.entry.label,
    ours: climb.entry.contender === SUBJECT,
    points: byRate(climb)
      .map(({ rate, outcome }) => ({
        rate,
        p50: medianOf(standing(outcome), middle),
        p99: medianOf(standing(outcome), tail),
        void: voidOf(outcome) !== undefined,
      }))
      // Where every call failed there is no latency.
      .filter(({ p99 }) => p99 > 0),
  }));
  return {
    kind: 'curve',
    title: 'latency over rate',
    series: series.filter(({ points }) => points.length > 0),
  };
}

export const sweepData = (climbs: readonly Climb[]): object[] =>
  climbs.map(({ entry, points, knees, failure }) => ({
    contender: entry.label,
    load: entry.load,
    failure,
    highestRates: knees,
    points: [...points].map(([perSecond, slices]) => ({ perSecond, slices })),
  }));

/** Against whoever holds the highest rate of all others, in the median of its rounds. */
export function sweepVerdict(title: string, climbs: readonly Climb[]): Verdict {
  const subject = climbs.find(({ entry }) => entry.contender === SUBJECT);
  const rival = climbs
    .filter((climb) => climb !== subject && knee(climb) > 0)
    .toSorted((a, b) => knee(b) - knee(a))
    .at(0);
  const ran = subject !== undefined && rival !== undefined;
  return {
    target: `${title}: ${HIGHEST}`,
    against: rival?.entry.label ?? 'best rival',
    required: { atLeast: TIMES_RIVAL },
    unit: 'x',
    measured: ran ? ratioOfPairs(kneesOf(subject), kneesOf(rival)) : undefined,
  };
}
