import { type Axis, shareOf } from './axis.ts';
import { colorClass } from './palette.ts';
import type { Plot, Point, Series } from './plot.ts';

/** The ground between the axes. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const TEXT_GAP = 8;
const LEGEND_LINE = 18;
const LEGEND_SAMPLE = 16;
/** A guess at the width of a character, rather too wide. */
const CHARACTER = 7.4;
/** More points than these are a line without dots. */
const MOST_DOTS = 40;

export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const round = (value: number): string => String(Number(value.toFixed(1)));

export function label(x: number, y: number, text: string, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${more}>${escaped(text)}</text>`;
}

const xOf = (axis: Axis, { left, width }: Box, value: number): number =>
  left + width * shareOf(axis, value);
const yOf = (axis: Axis, { top, height }: Box, value: number): number =>
  top + height * (1 - shareOf(axis, value));

/** Texts below the box. */
export function xLabels(axis: Axis, box: Box): string[] {
  const y = box.top + box.height + 2 * TEXT_GAP;
  return axis.ticks.map((tick) =>
    label(xOf(axis, box, tick), y, axis.text(tick), ' class="quiet" text-anchor="middle"'),
  );
}

function yGrid(axis: Axis, box: Box): string[] {
  return axis.ticks.flatMap((tick) => {
    const y = yOf(axis, box, tick);
    return [
      `<line class="grid" x1="${box.left}" x2="${round(box.left + box.width)}" y1="${round(y)}" y2="${round(y)}"/>`,
      label(box.left - TEXT_GAP, y + 4, axis.text(tick), ' class="quiet" text-anchor="end"'),
    ];
  });
}

function drawSeries({ x, y }: Plot, box: Box, series: Series): string {
  const { name, color, points, aside = [] } = series;
  const dot = (point: Point, fill: string): string =>
    `<circle cx="${round(xOf(x, box, point[0]))}" cy="${round(yOf(y, box, point[1]))}" r="2.5" fill="${fill}" stroke="currentColor"><title>${escaped(`${name}: ${x.text(point[0])}, ${y.text(point[1])}`)}</title></circle>`;
  const path = points
    .map((point) => `${round(xOf(x, box, point[0]))},${round(yOf(y, box, point[1]))}`)
    .join(' ');
  return [
    `<g class="series ${colorClass(color)}">`,
    `<polyline points="${path}" fill="none" stroke="currentColor"/>`,
    ...(points.length > MOST_DOTS ? [] : points.map((point) => dot(point, 'currentColor'))),
    ...aside.map((point) => dot(point, 'none')),
    '</g>',
  ].join('');
}

/** Grid, lines and the texts of both axes. */
export function drawPlot(plot: Plot, box: Box): string[] {
  return [
    ...yGrid(plot.y, box),
    ...xLabels(plot.x, box),
    ...plot.series.map((series) => drawSeries(plot, box, series)).toReversed(),
  ];
}

/** The names beside samples of their lines, in as many rows as it takes from `top` down. */
export function drawLegend(
  series: readonly Series[],
  { left, top, width }: Omit<Box, 'height'>,
): { readonly elements: readonly string[]; readonly height: number } {
  let [x, y] = [left, top];
  const elements = series.flatMap(({ name, color }) => {
    const taken = LEGEND_SAMPLE + TEXT_GAP + name.length * CHARACTER;
    if (x > left && x + taken > left + width) [x, y] = [left, y + LEGEND_LINE];
    const at = x;
    x += taken + 2 * TEXT_GAP;
    const sample = `<line x1="${round(at)}" x2="${round(at + LEGEND_SAMPLE)}" y1="${y - 4}" y2="${y - 4}" stroke="currentColor" stroke-width="3"/>`;
    return [
      `<g class="${colorClass(color)}">${sample}</g>`,
      label(at + LEGEND_SAMPLE + TEXT_GAP, y, name),
    ];
  });
  return { elements, height: y - top + LEGEND_LINE };
}
