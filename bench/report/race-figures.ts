import type { Outcome } from '../race.ts';
import { isMeasured } from './bars.ts';
import type { Bars, Figure, Percentiles } from './figure.ts';
import { cpu, loopUtilization, memory, type SliceFigure, tail, throughput } from './race-table.ts';
import { spreadOf } from './spread.ts';

const MEASURES: readonly (Pick<Bars, 'title' | 'unit' | 'better'> & { of: SliceFigure })[] = [
  { title: 'operations per second', unit: '/s', better: 'higher', of: throughput },
  { title: 'p99 of calls', unit: ' ms', better: 'lower', of: tail },
  { title: 'CPU per operation', unit: ' us', better: 'lower', of: cpu },
  { title: 'event-loop utilization', unit: '', of: loopUtilization },
  { title: 'resident memory', unit: ' MiB', of: memory },
];

const OURS = ['subject', 'codec'];
const isOurs = ({ entry }: Outcome): boolean => OURS.includes(entry.contender.role);

/** What a race is drawn as, without its void slices. Who did not run, or has no such figure, has no bar. */
export function raceFigures(outcomes: readonly Outcome[]): Figure[] {
  const bars = MEASURES.map(({ of, ...measure }) => barsOf(measure, outcomes, of));
  const all = [...bars, percentilesOf(outcomes)];
  return all.filter((figure) => ('rows' in figure ? figure.rows : figure.series).length > 0);
}

export function barsOf(
  measure: Pick<Bars, 'title' | 'unit' | 'better'>,
  outcomes: readonly Outcome[],
  of: SliceFigure,
): Bars {
  const rows = outcomes.map((outcome) => ({
    label: outcome.entry.label,
    ours: isOurs(outcome),
    rounds: outcome.slices.map((slice) => (slice.void === undefined ? of(slice) : null)),
  }));
  return {
    kind: 'bars',
    ...measure,
    rows: rows.filter(isMeasured),
  };
}

/** At every percentile that all rounds have, their median: of the same rounds everywhere, so that no line goes down. */
function percentilesOf(outcomes: readonly Outcome[]): Percentiles {
  const series = outcomes.map((outcome) => ({
    label: outcome.entry.label,
    ours: isOurs(outcome),
    points: medians(outcome),
  }));
  return {
    kind: 'percentiles',
    title: 'time of calls',
    series: series.filter(({ points }) => points.length > 1),
  };
}

function medians(outcome: Outcome): [percentile: number, milliseconds: number][] {
  const slices = outcome.slices.filter((slice) => slice.void === undefined);
  const rounds = new Map<number, number[]>();
  for (const { latency } of slices) {
    for (const [percentile, milliseconds] of latency?.percentiles ?? []) {
      rounds.set(percentile, [...(rounds.get(percentile) ?? []), milliseconds]);
    }
  }
  return [...rounds]
    .filter(([, times]) => times.length === slices.length)
    .map(([percentile, times]) => [percentile, spreadOf(times).median]);
}
