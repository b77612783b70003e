import { heightOf, type Panel, rangeOf } from './panels.ts';

const WIDTH = 76;
const HEIGHT = 9;
const LABEL_WIDTH = 8;

const figure = (value: number): string =>
  (value >= 100 ? value.toFixed(0) : value.toPrecision(3)).padStart(LABEL_WIDTH);

/** A panel as lines of text: a mark where a series has its highest value within a column. */
export function plotText(panel: Panel, seconds: number): string {
  const range = rangeOf(panel);
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => ' '));
  for (const { mark, points } of panel.series.toReversed()) {
    for (const [column, value] of highest(points, seconds)) {
      const share = heightOf(value, range, panel.logarithmic);
      grid[HEIGHT - 1 - Math.round(share * (HEIGHT - 1))][column] = mark;
    }
  }
  const middle = panel.logarithmic
    ? Math.sqrt(range.low * range.high)
    : (range.low + range.high) / 2;
  const labels = new Map([
    [0, figure(range.high)],
    [(HEIGHT - 1) / 2, figure(middle)],
    [HEIGHT - 1, figure(range.low)],
  ]);
  const blank = ' '.repeat(LABEL_WIDTH);
  const end = `${Math.round(seconds)} s`;
  return [
    `${panel.title}: ${panel.series.map(({ mark, name }) => `${mark} ${name}`).join(', ')}`,
    ...grid.map((row, i) => `${labels.get(i) ?? blank} |${row.join('')}`.trimEnd()),
    `${blank} +${'-'.repeat(WIDTH)}`,
    `${blank}  0 s${end.padStart(WIDTH - 3)}`,
  ].join('\n');
}

function highest(
  points: readonly (readonly [number, number])[],
  seconds: number,
): Map<number, number> {
  const columns = new Map<number, number>();
  for (const [at, value] of points) {
    const column = Math.min(WIDTH - 1, Math.floor((at / seconds) * WIDTH));
    columns.set(column, Math.max(value, columns.get(column) ?? value));
  }
  return columns;
}
