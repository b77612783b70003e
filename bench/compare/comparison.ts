import { isMeasured } from '../report/bars.ts';
import type { Bar, Bars } from '../report/figure.ts';
import type { Report } from '../report/json.ts';
import { spreadOf } from '../report/spread.ts';
import { UsageError } from '../usage-error.ts';
import { type Shift, shiftOf } from './rank-interval.ts';

/** How sure an interval is. There are dozens in a comparison: of 95 % every twentieth would be wrong. */
export const CONFIDENCE = 0.99;

export interface Judging {
  /** What has to have changed at least, in percent. */
  readonly threshold: number;
  /** Figures without others beside them count too, though they hold for one machine at one hour. */
  readonly absolute: boolean;
}

export type Change = 'regressed' | 'improved' | 'alike' | 'not judged';

/** One figure of memvolley in two runs. */
export interface Comparison {
  readonly section: string;
  readonly figure: string;
  readonly label: string;
  /** Medians: beside the others in the same rounds, or as they are, in `unit`. */
  readonly before: number;
  readonly after: number;
  readonly unit: string;
  /** After over before: 1.1 is ten percent more. Absent where too few rounds are left to be sure of anything. */
  readonly factor?: Shift;
  readonly change: Change;
}

interface Case {
  readonly section: string;
  readonly bars: Bars;
  readonly row: Bar;
}

/** Throws UsageError where the runs are not of the same cases, or have too few rounds to tell anything. */
export function comparisonsOf(before: Report, after: Report, judging: Judging): Comparison[] {
  const [old, fresh] = [casesOf(before), casesOf(after)];
  refuseOthers(old, fresh);
  return [...old].map(([name, then]) => {
    const now = fresh.get(name);
    if (now === undefined) throw new Error(`${name} is in one run only`);
    return compared(then, now, judging);
  });
}

const isComparable = (bar: Bar): boolean => bar.ours === true && isMeasured(bar);

function casesOf({ sections }: Report): Map<string, Case> {
  const cases = new Map<string, Case>();
  for (const { table, figures = [] } of sections) {
    for (const bars of figures) {
      if (bars.kind !== 'bars' || bars.better === undefined) continue;
      for (const row of bars.rows.filter(isComparable)) {
        cases.set(`${table.title}: ${bars.title}, ${row.label}`, {
          section: table.title,
          bars,
          row,
        });
      }
    }
  }
  return cases;
}

const NAMED = 3;

function refuseOthers(old: Map<string, Case>, fresh: Map<string, Case>): void {
  const only = (of: Map<string, Case>, other: Map<string, Case>): string[] =>
    [...of.keys()].filter((name) => !other.has(name));
  const sides = [
    ['first', only(old, fresh)],
    ['second', only(fresh, old)],
  ] as const;
  const told = sides
    .filter(([, names]) => names.length > 0)
    .map(([side, names]) => {
      const more = names.length > NAMED ? `; and ${names.length - NAMED} more` : '';
      return `only the ${side} has: ${names.slice(0, NAMED).join('; ')}${more}`;
    });
  if (told.length > 0) throw new UsageError(`the runs are of different cases. ${told.join('. ')}`);
  if (old.size === 0) throw new UsageError('the runs have no figures of memvolley to compare');
}

function compared(then: Case, now: Case, judging: Judging): Comparison {
  const beside = othersIn(then, now);
  const [before, after] = [then, now].map((one) => roundsBeside(one, beside));
  const logarithms = [before, after].map((rounds) => rounds.map(Math.log));
  const shift = shiftOf(logarithms[0], logarithms[1], CONFIDENCE);
  const { section, bars, row } = now;
  const dropped = before.length < then.row.rounds.length || after.length < row.rounds.length;
  if (shift === undefined && !dropped) {
    throw new UsageError(
      `${section} has ${before.length} and ${after.length} rounds: that is too few to be ${CONFIDENCE * 100} % sure of anything, take five in both runs`,
    );
  }
  const factor = shift && {
    estimate: Math.exp(shift.estimate),
    low: Math.exp(shift.low),
    high: Math.exp(shift.high),
  };
  const isJudged = factor !== undefined && (beside.length > 0 || judging.absolute);
  return {
    section,
    figure: bars.title,
    label: row.label,
    before: spreadOf(before).median,
    after: spreadOf(after).median,
    unit: beside.length > 0 ? 'x' : bars.unit,
    ...(factor !== undefined && { factor }),
    change: isJudged ? changeOf(factor, bars.better ?? 'higher', judging.threshold) : 'not judged',
  };
}

/** Who else has a figure in every round of both runs; if nobody has, those who have some. */
function othersIn(...cases: readonly [Case, Case]): string[] {
  const labelled = (accepts: (bar: Bar) => boolean): string[] => {
    const [then, now] = cases.map(({ bars }) =>
      bars.rows.filter((bar) => bar.ours !== true && isMeasured(bar) && accepts(bar)),
    );
    return then.map(({ label }) => label).filter((name) => now.some(({ label }) => label === name));
  };
  const whole = labelled(({ rounds }) => !rounds.includes(null));
  return whole.length > 0 ? whole : labelled(() => true);
}

/**
 * What everybody else did in a round is the measure of the machine in it: their geometric mean is 1. Rounds in which
 * somebody has no figure are left out.
 */
function roundsBeside({ bars, row }: Case, labels: readonly string[]): number[] {
  const others = bars.rows.filter(({ label }) => labels.includes(label));
  return row.rounds.flatMap((figure, round) => {
    const besides = others.map(({ rounds }) => rounds.at(round) ?? Number.NaN);
    const sum = besides.reduce((total, one) => total + Math.log(one), 0);
    if (figure === null || Number.isNaN(sum)) return [];
    return [figure / Math.exp(sum / Math.max(1, besides.length))];
  });
}

/** Changed only if the whole interval lies beyond the threshold. */
function changeOf({ low, high }: Shift, better: 'higher' | 'lower', percent: number): Change {
  const [less, more] = [high < 1 - percent / 100, low > 1 + percent / 100];
  if (!less && !more) return 'alike';
  return more === (better === 'higher') ? 'improved' : 'regressed';
}
