/** Plain text: the first column to the left, figures to the right; the last one to the left where it is `remarks`. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly remarks?: boolean;
  readonly notes?: readonly string[];
}

export function tableText({ title, head, rows, remarks = false, notes = [] }: Table): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const isText = (column: number): boolean =>
    column === 0 || (remarks && column === head.length - 1);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd();
  return [
    title,
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...notes,
  ].join('\n');
}
