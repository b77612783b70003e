import { shareOf } from './axis.ts';
import type { Plot, Point } from './plot.ts';

const WIDTH = 76;
const HEIGHT = 11;
const LABEL_WIDTH = 8;

/** A plot as lines of text: a mark where a series has its highest value within a column. */
export function plotText({ title, x, y, series }: Plot): string {
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => ' '));
  const columnOf = (value: number): number => Math.round(shareOf(x, value) * (WIDTH - 1));
  for (const { mark, points } of series.toReversed()) {
    for (const [column, value] of highest(points, columnOf)) {
      grid[HEIGHT - 1 - Math.round(shareOf(y, value) * (HEIGHT - 1))][column] = mark;
    }
  }
  const middle = y.logarithmic ? Math.sqrt(y.low * y.high) : (y.low + y.high) / 2;
  const labels = new Map([
    [0, y.text(y.high)],
    [(HEIGHT - 1) / 2, y.text(middle)],
    [HEIGHT - 1, y.text(y.low)],
  ]);
  const blank = ' '.repeat(LABEL_WIDTH);
  return [
    `${title}: ${series.map(({ mark, name }) => `${mark} ${name}`).join(', ')}`,
    ...grid.map((row, i) =>
      `${(labels.get(i) ?? '').padStart(LABEL_WIDTH)} |${row.join('')}`.trimEnd(),
    ),
    `${blank} +${'-'.repeat(WIDTH)}`,
    `${blank}  ${ticksBelow(x.ticks.map((tick) => [columnOf(tick), x.text(tick)]))}`,
  ].join('\n');
}

function highest(
  points: readonly Point[],
  columnOf: (value: number) => number,
): Map<number, number> {
  const columns = new Map<number, number>();
  for (const [at, value] of points) {
    const column = columnOf(at);
    columns.set(column, Math.max(value, columns.get(column) ?? value));
  }
  return columns;
}

/** Every text around its column, where the one before it leaves room. */
function ticksBelow(ticks: readonly (readonly [column: number, text: string])[]): string {
  return ticks.reduce((line, [column, text]) => {
    const start = Math.min(WIDTH - text.length, column - (text.length >> 1));
    return line === '' || start > line.length ? line.padEnd(Math.max(0, start)) + text : line;
  }, '');
}
