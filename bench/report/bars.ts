import { compact } from '../plot/axis.ts';
import type { Bar, Bars } from './figure.ts';
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

/** Of the rounds that gave a figure. */
export const figuresOf = ({ rounds }: Pick<Bar, 'rounds'>): number[] =>
  rounds.filter((figure) => figure !== null);

/** It can be drawn, and divided by: there is a figure, and none is 0. */
export function isMeasured(bar: Pick<Bar, 'rounds'>): boolean {
  const figures = figuresOf(bar);
  return figures.length > 0 && figures.every((figure) => figure > 0);
}

export function measuredBars({ rows, unit }: Bars): MeasuredBar[] {
  const longest = Math.max(Number.MIN_VALUE, ...rows.flatMap(figuresOf));
  return rows.map(({ label, ours = false, ...row }) => {
    const figures = figuresOf(row);
    const { median, min, max } = spreadOf(figures);
    return {
      label,
      ours,
      shares: { median: median / longest, min: min / longest, max: max / longest },
      median: `${compact(median)}${unit}`,
      range: figures.length > 1 ? `[${compact(min)}..${compact(max)}]` : '',
    };
  });
}
