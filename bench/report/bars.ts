import { compact } from '../plot/axis.ts';
import type { Bars } from './figure.ts';
import { type Spread, spreadOf } from './spread.ts';

/** A bar, measured: its ends as shares of the longest of its figure. */
export interface MeasuredBar {
  readonly label: string;
  readonly ours: boolean;
  readonly shares: Spread;
  /** The median, and apart from it how far the rounds lie apart. */
  readonly median: string;
  readonly range: string;
}

export function measuredBars({ rows, unit }: Bars): MeasuredBar[] {
  const longest = Math.max(Number.MIN_VALUE, ...rows.flatMap(({ rounds }) => rounds));
  return rows.map(({ label, ours = false, rounds }) => {
    const { median, min, max } = spreadOf(rounds);
    return {
      label,
      ours,
      shares: { median: median / longest, min: min / longest, max: max / longest },
      median: `${compact(median)}${unit}`,
      range: rounds.length > 1 ? `[${compact(min)}..${compact(max)}]` : '',
    };
  });
}
