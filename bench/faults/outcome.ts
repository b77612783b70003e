import type { FaultCase } from './fault-case.ts';
import type { Callers } from './load/callers.ts';
import type { Finding } from './load/ledger.ts';
import type { Tally } from './load/tally.ts';
import { SETTINGS } from './stage/settings.ts';

/** What came of a case; plain data, for the table and the JSON. */
export interface Outcome {
  readonly family: string;
  readonly name: string;
  /** Calls from the moment of the fault until its effects were over. */
  readonly operations: number;
  readonly findings: Readonly<Record<Finding, number>>;
  readonly unanswered: number;
  /** Unhandled rejections and uncaught exceptions. */
  readonly unhandled: number;
  readonly errors: Readonly<Record<string, number>>;
  /** The longest a call took, as a part of the time it had. */
  readonly worst: number;
  /** Milliseconds this process was held up at worst. */
  readonly lagMs: number;
  readonly struck: number;
  /** Milliseconds from the end of the fault to the first of three good rounds; undefined: it did not recover. */
  readonly recoveredAfterMs: number | undefined;
  /** Sockets that were not there before. */
  readonly socketsLeft: number;
  /** What must not be; empty when all is well. */
  readonly broken: readonly string[];
}

export type Measured = Pick<
  Outcome,
  'operations' | 'unhandled' | 'struck' | 'recoveredAfterMs' | 'socketsLeft'
>;

export function outcomeOf(
  one: FaultCase,
  tally: Tally,
  callers: Callers,
  measured: Measured,
): Outcome {
  const { findings, unanswered, worst, errors } = tally;
  return {
    family: one.family,
    name: one.name,
    ...measured,
    findings,
    unanswered,
    errors: Object.fromEntries(errors),
    worst,
    lagMs: callers.lagMs,
    broken: complaints(one, tally, measured),
  };
}

export function notRun({ family, name }: FaultCase, { message }: Error): Outcome {
  return {
    family,
    name,
    operations: 0,
    findings: { right: 0, miss: 0, lost: 0, stale: 0, wrong: 0 },
    unanswered: 0,
    unhandled: 0,
    errors: {},
    worst: 0,
    lagMs: 0,
    struck: 0,
    recoveredAfterMs: undefined,
    socketsLeft: 0,
    broken: [`could not be run: ${message}`],
  };
}

function complaints(one: FaultCase, tally: Tally, measured: Measured): string[] {
  const { wrong, lost, stale } = tally.findings;
  const count = (much: number, what: string): string[] => (much > 0 ? [`${much} ${what}`] : []);
  return [
    ...count(wrong, 'wrong values'),
    ...count(tally.unanswered, 'calls unanswered'),
    ...count(measured.unhandled, 'unhandled'),
    ...count(tally.foreign, 'errors of another kind'),
    ...count(mayLose(one) ? 0 : lost, 'misses for what is stored'),
    ...count(mayBeOld(one) ? 0 : stale, 'old values'),
    ...count(measured.socketsLeft, 'sockets left'),
    ...(measured.struck === 0 ? ['the fault did not strike'] : []),
    ...(measured.recoveredAfterMs === undefined ? ['did not recover'] : []),
  ];
}

/** A stand-in never had what its neighbour has, and some clients take errors for misses because they are told to. */
function mayLose({ fault, setting }: FaultCase): boolean {
  const { servers, options } = SETTINGS[setting];
  return (
    fault.loses === true || fault.mayMiss === true || servers > 1 || options.onError === 'miss'
  );
}

/** What a server kept while others stood in for it; what was repeated behind something newer. */
function mayBeOld({ setting }: FaultCase): boolean {
  const { servers, options } = SETTINGS[setting];
  return servers > 1 || options.retry?.maybeSent === 'sets';
}
