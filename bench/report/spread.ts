/** The middle of some figures and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Round by round, so that a slow minute of the machine strikes both sides of every ratio. */
export function ratioOf(over: readonly number[], under: readonly number[]): Spread {
  const rounds = Math.min(over.length, under.length);
  return spreadOf(Array.from({ length: rounds }, (_, round) => over[round] / under[round]));
}

/** The same of the rounds in which both sides have a figure, the others being NaN. Undefined without one. */
export function ratioOfPairs(
  over: readonly number[],
  under: readonly number[],
): Spread | undefined {
  const ratios = over.map((figure, round) => figure / (under.at(round) ?? Number.NaN));
  const known = ratios.filter((ratio) => !Number.isNaN(ratio));
  return known.length === 0 ? undefined : spreadOf(known);
}

export function roundOff(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function spreadText({ median, min, max }: Spread, unit = ''): string {
  return `${roundOff(median)}${unit} [${roundOff(min)}..${roundOff(max)}]`;
}
