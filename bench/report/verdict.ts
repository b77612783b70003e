import { roundOff, type Spread, spreadText } from './spread.ts';
import type { Table } from './table.ts';

/** A target and what was measured against it. */
export interface Verdict {
  readonly target: string;
  readonly required: { readonly atLeast: number } | { readonly atMost: number };
  /** Such as `x` or ` ms`. */
  readonly unit: string;
  /** Absent where a side of the comparison did not run. */
  readonly measured: Spread | undefined;
  /** Whom it was measured against in this run. */
  readonly against: string;
}

export type Standing = 'met' | 'missed' | 'not measured';

/** A target is met by the median. */
export function standingOf({ required, measured }: Verdict): Standing {
  if (measured === undefined || !Number.isFinite(measured.median)) return 'not measured';
  const met =
    'atLeast' in required
      ? measured.median >= required.atLeast
      : measured.median <= required.atMost;
  return met ? 'met' : 'missed';
}

export function verdictTable(verdicts: readonly Verdict[]): Table {
  return {
    title: 'Targets',
    head: ['target', 'against', 'required', 'measured [min..max]', ''],
    rows: verdicts.map((verdict) => [
      verdict.target,
      verdict.against,
      'atLeast' in verdict.required
        ? `>= ${roundOff(verdict.required.atLeast)}${verdict.unit}`
        : `<= ${roundOff(verdict.required.atMost)}${verdict.unit}`,
      verdict.measured === undefined ? '-' : spreadText(verdict.measured, verdict.unit),
      standingOf(verdict),
    ]),
  };
}
