import { padded } from './width.ts';

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One character for each value, the last ones of as many as there is room for; a hole for what is not known. */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = values.slice(-width);
  const most = Math.max(0, ...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === undefined) return ' ';
    if (most === 0) return LEVELS[0];
    return LEVELS[Math.min(LEVELS.length - 1, Math.floor((value / most) * LEVELS.length))];
  });
  return bars.join('').padStart(width);
}

/** Dots of a braille character, by column and row from the bottom. */
const DOTS = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const;
const BLANK = 0x2800;
const DOT_ROWS = 4;
const DOT_COLUMNS = 2;

/** What a plot is to show. */
export interface PlotInput {
  readonly title: string;
  readonly values: readonly (number | undefined)[];
  /** Columns it may take, with its labels. */
  readonly width: number;
  /** Lines of dots, without the title. */
  readonly height: number;
  readonly format: (value: number) => string;
  /** The top of the scale. Default: the greatest value. */
  readonly top?: number;
}

/**
 * A plot of the latest values, filled below, two values to a character: a line with the title, and lines of dots with
 * the top and the bottom of the scale at their left.
 */
export function plotLines({ title, values, width, height, format, top }: PlotInput): string[] {
  const greatest = Math.max(0, ...values.map((value) => value ?? 0));
  const scale = top ?? greatest;
  const labels = [format(scale), '0'];
  const margin = Math.max(...labels.map((label) => label.length));
  const cells = Math.max(1, width - margin - 1);
  const heights = dotHeights(values.slice(-cells * DOT_COLUMNS), scale, height * DOT_ROWS);
  const missing = cells * DOT_COLUMNS - heights.length;
  const columns = [...Array.from({ length: missing }, () => 0), ...heights];
  const last = values.at(-1);
  const now = last === undefined ? 'unknown' : format(last);
  const lines = Array.from({ length: height }, (_, line) => {
    const label = line === 0 ? labels[0] : line === height - 1 ? labels[1] : '';
    const text = Array.from({ length: cells }, (_unused, cell) =>
      cellAt(columns, cell, (height - 1 - line) * DOT_ROWS),
    ).join('');
    return `${padded(label, margin, 'left')} ${text}`;
  });
  return [`${title}: ${now}`, ...lines];
}

/** How many dots each value has; at least one for what is above nothing. */
function dotHeights(
  values: readonly (number | undefined)[],
  scale: number,
  dots: number,
): number[] {
  return values.map((value) => {
    if (value === undefined || value <= 0 || scale <= 0) return 0;
    return Math.min(dots, Math.max(1, Math.round((value / scale) * dots)));
  });
}

function cellAt(columns: readonly number[], cell: number, bottom: number): string {
  let code = BLANK;
  for (let column = 0; column < DOT_COLUMNS; column++) {
    const filled = Math.min(DOT_ROWS, columns[cell * DOT_COLUMNS + column] - bottom);
    for (let row = 0; row < filled; row++) code |= DOTS[column][row];
  }
  return String.fromCodePoint(code);
}
