import { shareOf } from './axis.ts';
import type { Plot } from './plot.ts';

const WIDTH = 76;
const HEIGHT = 11;
const LABEL_WIDTH = 8;

/** A plot as lines of text: the mark of a series along its line, the first series before the others. */
export function plotText({ title, x, y, series }: Plot): string {
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => ' '));
  const columnOf = (value: number): number => Math.round(shareOf(x, value) * (WIDTH - 1));
  for (const { mark, points } of series.toReversed()) {
    const places = points.map(([at, value]) => [columnOf(at), shareOf(y, value)] as const);
    for (const [column, share] of highest(places)) {
      grid[HEIGHT - 1 - Math.round(share * (HEIGHT - 1))][column] = mark;
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

type Place = readonly [column: number, share: number];

/** Where a line is in every column that it comes through, at its highest. */
function highest(places: readonly Place[]): Map<number, number> {
  const columns = new Map<number, number>();
  for (const [i, [column, share]] of places.entries()) {
    const [from, before] = places[Math.max(0, i - 1)];
    for (let at = from; at <= column; at++) {
      const part = column === from ? 1 : (at - from) / (column - from);
      const height = before + part * (share - before);
      columns.set(at, Math.max(height, columns.get(at) ?? height));
    }
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
