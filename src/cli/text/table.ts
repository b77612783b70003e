import { clipped, displayWidth, padded } from './width.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right. Default: left. */
  readonly side?: 'left' | 'right';
  /** Which columns go first where there is no room for all: those with the greatest number. Default 0: it stays. */
  readonly dispensable?: number;
}

const GAP = 2;

/** Lines of a table that is no wider than `width`: columns that can be done without go, then the first one is cut. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paintTitle: (title: string) => string = (title) => title,
): string[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[i] ?? ''))),
  );
  const shown = fitting(columns, widths, width);
  const others = shown.reduce((sum, i) => sum + widths[i] + GAP, 0) - widths[0] - GAP;
  widths[0] = Math.max(1, Math.min(widths[0], width - others));
  const line = (cells: readonly string[], paint = (cell: string): string => cell): string =>
    shown
      .map((i) => {
        const cell = i === 0 ? clipped(cells[0] ?? '', widths[0]) : (cells[i] ?? '');
        return paint(padded(cell, widths[i], columns[i].side === 'right' ? 'left' : 'right'));
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const title = line(
    columns.map((column) => column.title),
    paintTitle,
  );
  return [title, ...rows.map((row) => line(row))];
}

/** Numbers of the columns that there is room for. */
function fitting(
  columns: readonly Column[],
  widths: readonly number[],
  width: number,
): readonly number[] {
  let shown = columns.map((_, i) => i);
  const total = (): number => shown.reduce((sum, i) => sum + widths[i] + GAP, -GAP);
  while (total() > width) {
    const ranks = shown.map((i) => columns[i].dispensable ?? 0);
    const most = Math.max(...ranks);
    if (most === 0) return shown;
    const gone = shown[ranks.lastIndexOf(most)];
    shown = shown.filter((i) => i !== gone);
  }
  return shown;
}
