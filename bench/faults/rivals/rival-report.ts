import { spreadOf } from '../../report/spread.ts';
import type { Table } from '../../report/table.ts';
import { RIVAL_TIMEOUT_MS, type RivalOutcome } from './run-rivals.ts';

const HEAD = [
  'faults',
  'operations',
  'wrong values',
  'hangs',
  'misses for errors',
  'crashes',
  'not recovered',
  'recovered ms',
  'worst ms',
];

const number = (value: number): string => value.toLocaleString('en-US');

/** What a client must not do; the process that ended is a crash, too. */
interface Sins {
  readonly wrong: number;
  readonly hangs: number;
  readonly misses: number;
  readonly crashes: number;
  readonly notRecovered: number;
}

function sinsOf({ result, mayMiss, recoveredAfterMs }: RivalOutcome): Sins {
  if (result === undefined) return { wrong: 0, hangs: 0, misses: 0, crashes: 1, notRecovered: 1 };
  return {
    wrong: result.findings.wrong,
    hangs: result.hanging,
    misses: mayMiss ? 0 : result.findings.lost,
    crashes: result.crashes,
    notRecovered: recoveredAfterMs === undefined ? 1 : 0,
  };
}

const sum = (outcomes: readonly RivalOutcome[], figure: (one: RivalOutcome) => number): number =>
  outcomes.reduce((total, one) => total + figure(one), 0);

/** A row for each client. */
export function rivalTable(all: readonly RivalOutcome[]): Table {
  const clients = [...new Set(all.map(({ client }) => client))];
  return {
    title: `clients under the same faults, side by side; every call may take ${RIVAL_TIMEOUT_MS} ms`,
    head: ['', ...HEAD],
    rows: clients.map((client) => clientRow(client, struckOf(all, client))),
    notes: [
      'hangs: calls that had not settled after five times that; misses for errors: a miss for what is stored in a server',
      'that lost nothing; crashes: uncaught exceptions and unhandled rejections, any of which ends a process',
    ],
  };
}

/** Lies in a text protocol do not reach a client of the binary one. */
const struckOf = (all: readonly RivalOutcome[], client: string): RivalOutcome[] =>
  all.filter((one) => one.client === client && one.struck);

function clientRow(client: string, outcomes: readonly RivalOutcome[]): string[] {
  const total = (sin: keyof Sins): string => number(sum(outcomes, (one) => sinsOf(one)[sin]));
  const recovered = outcomes.flatMap(({ recoveredAfterMs }) => recoveredAfterMs ?? []);
  const { median, max } = recovered.length === 0 ? { median: 0, max: 0 } : spreadOf(recovered);
  return [
    client,
    number(outcomes.length),
    number(sum(outcomes, ({ result }) => result?.operations ?? 0)),
    total('wrong'),
    total('hangs'),
    total('misses'),
    total('crashes'),
    total('notRecovered'),
    median.toFixed(0),
    max.toFixed(0),
  ];
}

/** A row for each fault, a column for each client. */
export function faultByFaultTable(all: readonly RivalOutcome[]): Table {
  const clients = [...new Set(all.map(({ client }) => client))];
  const faults = [...new Set(all.map(({ fault }) => fault))];
  return {
    title: 'fault by fault',
    head: ['', ...clients],
    rows: faults.map((fault) => [
      fault,
      ...clients.map((client) =>
        cell(all.find((one) => one.client === client && one.fault === fault)),
      ),
    ]),
  };
}

function cell(one: RivalOutcome | undefined): string {
  if (one === undefined || !one.struck) return '-';
  if (one.result === undefined) return one.failure ?? 'ended';
  const { wrong, hangs, misses, crashes, notRecovered } = sinsOf(one);
  const said = [
    [wrong, 'wrong'],
    [hangs, 'hang'],
    [misses, 'missed'],
    [crashes, 'crash'],
    [notRecovered, 'lost for good'],
  ] as const;
  const found = said.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return found.length === 0 ? 'good' : found.join(', ');
}
