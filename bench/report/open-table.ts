import type { Slice } from '../load/load-case.ts';
import type { Outcome } from '../race.ts';
import {
  cpu,
  failuresOf,
  loopUtilization,
  medianOf,
  middle,
  rareTail,
  type SliceFigure,
  tail,
  throughput,
} from './race-table.ts';
import { ratioOfPairs, roundOff, type Spread, spreadOf, spreadText } from './spread.ts';
import type { Table } from './table.ts';

/** Beyond it a p99 is too long, and a rate not held. */
export const LONGEST_P99_MS = 5;

/**
 * A single slice can be struck by the machine: a point is void when more than half of its slices are, but already when
 * one answer was missing or wrong. Of its reasons one that is not only lateness is told.
 */
export function voidOf({ slices }: Pick<Outcome, 'slices'>): Slice['void'] {
  const wrong = slices.find(({ misses }) => misses > 0);
  const voids = slices.flatMap((slice) => slice.void ?? []);
  const reason = voids.find(({ late }) => !late) ?? voids.at(0);
  return wrong?.void ?? (voids.length * 2 > slices.length ? reason : undefined);
}

/** Without the slices that are void; where the whole point is, it is shown as it was. */
export function standing(outcome: Outcome): Outcome {
  if (voidOf(outcome) !== undefined) return outcome;
  return { ...outcome, slices: outcome.slices.filter((slice) => slice.void === undefined) };
}

/** Of the rounds in which neither side is void; of all of a side that is void altogether. */
export function openRatio(over: Outcome, under: Outcome, figure: SliceFigure): Spread | undefined {
  const counts = ({ slices }: Outcome, all: boolean): number[] =>
    slices.map((slice) => (all || slice.void === undefined ? figure(slice) : Number.NaN));
  const [above, below] = [over, under].map((side) => counts(side, voidOf(side) !== undefined));
  return ratioOfPairs(above, below);
}

export const lag: SliceFigure = (slice) => slice.lag?.p99 ?? Number.NaN;

/** The figures of one rate, each client's tail against memvolley's. */
export function openTable(title: string, outcomes: readonly Outcome[], reference: Outcome): Table {
  return {
    title,
    head: [
      '',
      'answers/s',
      'p50 ms',
      'p99 ms [min..max]',
      `p99 to ${reference.entry.label}'s`,
      'p99.9 ms',
      'lag p99 ms',
      'CPU us/op',
      'ELU',
      '',
    ],
    rows: outcomes.map((outcome) => rowOf(outcome, reference)),
    remarks: true,
    notes: failuresOf(outcomes),
  };
}

function rowOf(outcome: Outcome, reference: Outcome): string[] {
  const { entry, slices } = standing(outcome);
  if (slices.length === 0) return [entry.label, '-'];
  const median = (figure: SliceFigure): string => roundOff(medianOf({ entry, slices }, figure));
  const ratio = openRatio(outcome, reference, tail);
  const nothing = voidOf(outcome);
  return [
    entry.label,
    Math.round(medianOf({ entry, slices }, throughput)).toLocaleString('en-US'),
    median(middle),
    spreadText(spreadOf(slices.map(tail))),
    ratio === undefined || outcome === reference ? '1' : `${roundOff(ratio.median)}x`,
    median(rareTail),
    median(lag),
    median(cpu),
    median(loopUtilization),
    nothing === undefined ? '' : `void: ${nothing.reason}`,
  ];
}
