import { type Axis, compact, logarithmicAxis } from '../plot/axis.ts';
import type { Plot, Point, Series } from '../plot/plot.ts';
import type { Curve, CurvePoint, Figure, Growth, Percentiles } from './figure.ts';

/** The number of a label's color in the palette. */
export type ColorOf = (label: string) => number;

/** The same color for a label wherever it comes. */
export function colorsOf(figures: readonly Figure[]): ColorOf {
  const labels = new Map<string, number>();
  for (const figure of figures) {
    for (const { label } of 'rows' in figure ? figure.rows : figure.series) {
      if (!labels.has(label)) labels.set(label, labels.size);
    }
  }
  return (label) => labels.get(label) ?? 0;
}

const MARKS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const milliseconds = (value: number): string => `${compact(value)} ms`;

/** The lines of a figure that has lines. */
export function plotsOf(figure: Percentiles | Curve | Growth, colorOf: ColorOf): Plot[] {
  const line = (label: string, points: readonly Point[], aside: readonly Point[] = []): Series => {
    const color = colorOf(label);
    return { name: label, mark: MARKS[color % MARKS.length], color, points, aside };
  };
  if (figure.kind === 'percentiles') {
    const series = figure.series.map(({ label, points }) =>
      line(
        label,
        points.map(([percentile, time]) => [rarity(percentile), time]),
      ),
    );
    return plotOf(figure.title, series, percentileAxis);
  }
  if (figure.kind === 'growth') {
    const { title, over, unit } = figure;
    const series = figure.series.map(({ label, points }) => line(label, points));
    const cost = (value: number): string => `${compact(value)}${unit}`;
    return plotOf(`${title} over ${over}`, series, logarithmicAxis, cost);
  }
  return (['p50', 'p99'] as const).flatMap((time) => {
    const of = (points: readonly CurvePoint[]): Point[] =>
      points.map((point) => [point.rate, point[time]]);
    const series = figure.series.map(({ label, points }) =>
      line(
        label,
        of(points.filter((point) => point.void !== true)),
        of(points.filter((point) => point.void === true)),
      ),
    );
    return plotOf(`${figure.title}: ${time}`, series, rateAxis);
  });
}

/** None without a point. */
function plotOf(
  title: string,
  series: readonly Series[],
  xAxis: (values: readonly number[]) => Axis,
  text: (value: number) => string = milliseconds,
): Plot[] {
  const believed = series.flatMap(({ points }) => points);
  const all = [...believed, ...series.flatMap(({ aside = [] }) => aside)];
  if (all.length === 0) return [];
  const x = xAxis(all.map(([at]) => at));
  const values = (believed.length > 0 ? believed : all).map(([, value]) => value);
  return [{ title, x, y: logarithmicAxis(values, { text }), series }];
}

const rateAxis = (rates: readonly number[]): Axis =>
  logarithmicAxis(rates, { text: (rate) => `${compact(rate)}/s` });

/** One call of how many takes longer: what the axis of percentiles is logarithmic in. */
const rarity = (percentile: number): number => 1 / (1 - percentile / 100);

const TICKS = [0, 50, 90, 99, 99.9, 99.99, 99.999].map(rarity);

function percentileAxis(rarities: readonly number[]): Axis {
  const high = Math.max(10, ...rarities);
  return {
    low: 1,
    high,
    logarithmic: true,
    ticks: TICKS.filter((tick) => tick <= high * (1 + 1e-9)),
    text: (value) => (value === 1 ? 'least' : `p${Number((100 - 100 / value).toFixed(4))}`),
  };
}
