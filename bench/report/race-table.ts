import { SUBJECT } from '../contenders/roster.ts';
import type { Slice } from '../load/load-case.ts';
import type { Outcome } from '../race.ts';
import { ratioOf, roundOff, spreadOf, spreadText } from './spread.ts';
import type { Table } from './table.ts';

/** A figure of a slice. */
export type SliceFigure = (slice: Slice) => number;

export const throughput: SliceFigure = (slice) => slice.operationsPerSecond;
export const middle: SliceFigure = (slice) => slice.latency?.p50 ?? Number.NaN;
export const tail: SliceFigure = (slice) => slice.latency?.p99 ?? Number.NaN;
export const rareTail: SliceFigure = (slice) => slice.latency?.p999 ?? Number.NaN;
export const cpu: SliceFigure = (slice) => slice.cpuMicrosPerOperation;
export const mainThread: SliceFigure = (slice) => slice.mainThreadMicrosPerOperation;
export const loopUtilization: SliceFigure = (slice) => slice.eventLoopUtilization;
export const memory: SliceFigure = (slice) => slice.rssMiB;

/** NaN where a slice has no such figure, too. */
export function medianOf({ slices }: Outcome, figure: SliceFigure): number {
  const figures = slices.map(figure);
  return figures.length === 0 || figures.some(Number.isNaN) ? Number.NaN : spreadOf(figures).median;
}

export function fastest(outcomes: readonly Outcome[]): Outcome | undefined {
  return outcomes
    .filter(({ slices }) => slices.length > 0)
    .toSorted((a, b) => medianOf(b, throughput) - medianOf(a, throughput))[0];
}

/** memvolley where it runs; else the fastest client, so that a run of rivals alone is readable too. */
function referenceOf(outcomes: readonly Outcome[]): Outcome | undefined {
  const ran = outcomes.filter(({ slices }) => slices.length > 0);
  const subject =
    ran.find(({ entry }) => entry.contender === SUBJECT) ??
    ran.find(({ entry }) => entry.contender.role === 'subject');
  return subject ?? fastest(ran.filter(({ entry }) => entry.contender.role !== 'ceiling'));
}

const HEAD = ['ops/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'CPU us/op', 'ELU', 'RSS MiB'];

function rowOf(outcome: Outcome, reference: Outcome | undefined): string[] {
  const { entry, slices } = outcome;
  if (slices.length === 0) return [entry.label, '-'];
  const median = (figure: SliceFigure): string => roundOff(medianOf(outcome, figure));
  return [
    entry.label,
    Math.round(medianOf(outcome, throughput)).toLocaleString('en-US'),
    reference === undefined || reference === outcome
      ? '1'
      : spreadText(ratioOf(reference.slices.map(throughput), slices.map(throughput))),
    median(middle),
    median(tail),
    median(rareTail),
    median(cpu),
    median(loopUtilization),
    roundOff(Math.max(...slices.map(memory))),
  ];
}

export function raceTable(title: string, outcomes: readonly Outcome[]): Table {
  const reference = referenceOf(outcomes);
  const [first, ...others] = HEAD;
  return {
    title,
    head: ['', first, `${reference?.entry.label ?? 'reference'} is faster by`, ...others],
    rows: outcomes.map((outcome) => rowOf(outcome, reference)),
    notes: failuresOf(outcomes),
  };
}

export function failuresOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ entry, failure }) =>
    failure === undefined ? [] : [`${entry.label}: ${failure}`],
  );
}

/** The same for the JSON, with every slice. In the open loop the rate is what was asked for, and no client's merit. */
export function raceData(outcomes: readonly Outcome[]): unknown {
  const reference = referenceOf(outcomes);
  return outcomes.map((outcome) => ({
    contender: outcome.entry.label,
    load: outcome.entry.load,
    failure: outcome.failure,
    slices: outcome.slices,
    ...(reference !== undefined &&
      outcome.entry.load.open === undefined &&
      outcome.slices.length > 0 && {
        [`${reference.entry.label} is faster by`]: ratioOf(
          reference.slices.map(throughput),
          outcome.slices.map(throughput),
        ),
      }),
  }));
}
