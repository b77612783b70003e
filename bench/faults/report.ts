import type { Table } from '../report/table.ts';
import { spreadOf } from '../report/spread.ts';
import { familiesOf } from './cases/catalogue.ts';
import type { Outcome } from './outcome.ts';

/** What the run comes to. */
export interface Totals {
  readonly cases: number;
  readonly operations: number;
  /** Values and misses that were looked at. */
  readonly looked: number;
  readonly wrong: number;
  readonly unanswered: number;
  readonly unhandled: number;
  readonly worst: number;
  /** Milliseconds; NaN where nothing recovered. */
  readonly recovery: { readonly median: number; readonly worst: number };
  readonly errors: Readonly<Record<string, number>>;
  /** Cases in which something is that must not be. */
  readonly broken: number;
}

const sum = (outcomes: readonly Outcome[], figure: (one: Outcome) => number): number =>
  outcomes.reduce((total, one) => total + figure(one), 0);

export function totalsOf(outcomes: readonly Outcome[]): Totals {
  const errors: Record<string, number> = {};
  for (const one of outcomes)
    for (const [code, count] of Object.entries(one.errors))
      errors[code] = (errors[code] ?? 0) + count;
  const recovered = outcomes.flatMap(({ recoveredAfterMs }) => recoveredAfterMs ?? []);
  const { median, max } =
    recovered.length === 0 ? { median: Number.NaN, max: Number.NaN } : spreadOf(recovered);
  return {
    cases: outcomes.length,
    operations: sum(outcomes, ({ operations }) => operations),
    looked: sum(outcomes, ({ findings }) => Object.values(findings).reduce((a, b) => a + b, 0)),
    wrong: sum(outcomes, ({ findings }) => findings.wrong),
    unanswered: sum(outcomes, ({ unanswered }) => unanswered),
    unhandled: sum(outcomes, ({ unhandled }) => unhandled),
    worst: Math.max(0, ...outcomes.map(({ worst }) => worst)),
    recovery: { median, worst: max },
    errors,
    broken: outcomes.filter(({ broken }) => broken.length > 0).length,
  };
}

const number = (value: number): string => value.toLocaleString('en-US');
const ms = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(0));

const errorsText = (errors: Totals['errors']): string => {
  const list = Object.entries(errors).toSorted(([, a], [, b]) => b - a);
  return list.length === 0
    ? 'none'
    : list.map(([code, count]) => `${code} ${number(count)}`).join(', ');
};

const HEAD = [
  'cases',
  'operations',
  'values',
  'wrong',
  'unanswered',
  'unhandled',
  'worst / deadline',
  'recovered ms',
  'worst ms',
  'errors',
];

function row(label: string, outcomes: readonly Outcome[]): string[] {
  const { cases, operations, looked, wrong, unanswered, unhandled, worst, recovery, errors } =
    totalsOf(outcomes);
  return [
    label,
    number(cases),
    number(operations),
    number(looked),
    ...[wrong, unanswered, unhandled].map(number),
    worst.toFixed(2),
    ms(recovery.median),
    ms(recovery.worst),
    errorsText(errors),
  ];
}

/** A row for each family, or each case; the last one for all together. */
export function faultTable(outcomes: readonly Outcome[], verbose: boolean): Table {
  const rows = verbose
    ? outcomes.map((one) => row(one.name, [one]))
    : familiesOf(outcomes).map((family) =>
        row(
          family,
          outcomes.filter((one) => one.family === family),
        ),
      );
  return {
    title: 'faults: what callers saw from the moment of a fault until its effects were over',
    head: ['', ...HEAD],
    remarks: true,
    rows: [...rows, row('all', outcomes)],
  };
}

/** The proof in a sentence or two, and what is broken by name. */
export function verdictLines(outcomes: readonly Outcome[]): string[] {
  const totals = totalsOf(outcomes);
  return [
    `faults tried ${number(totals.cases)}, operations under fault ${number(totals.operations)}, ` +
      `wrong values ${number(totals.wrong)}, unanswered ${number(totals.unanswered)}, ` +
      `unhandled ${number(totals.unhandled)}`,
    `worst time to answer ${totals.worst.toFixed(2)} x the deadline; time to recover ` +
      `${ms(totals.recovery.median)} ms (median), ${ms(totals.recovery.worst)} ms (worst)`,
    ...outcomes
      .filter(({ broken }) => broken.length > 0)
      .map(({ name, broken }) => `BROKEN  ${name}: ${broken.join(', ')}`),
  ];
}
