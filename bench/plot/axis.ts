/** One direction of a plot. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
  /** The values that have a line and a text. */
  readonly ticks: readonly number[];
  text(value: number): string;
}

const MOST_TICKS = 5;
/** Fewer powers of ten than these leave an axis that is hard to read. */
const LEAST_POWERS = 3;
/** What a logarithmic axis shows zero as, unless it is told better. */
const FLOOR = 1e-6;

/** Three digits, thousands as k and millions as M. */
export function compact(value: number): string {
  const [scale, suffix] = value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / scale).toPrecision(3))}${suffix}`;
}

/** From 0, so that lengths can be compared. */
export function linearAxis(
  values: readonly number[],
  text: (value: number) => string = compact,
): Axis {
  const high = Math.max(1e-9, ...values);
  const rough = high / (MOST_TICKS - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? rough;
  const ticks = Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
  return { low: 0, high, logarithmic: false, ticks, text };
}

/** A decade at least, from the floor up. */
export function logarithmicAxis(
  values: readonly number[],
  { floor = FLOOR, text = compact }: { floor?: number; text?: (value: number) => string } = {},
): Axis {
  const high = Math.max(floor * 10, ...values);
  const low = Math.max(floor, Math.min(high / 10, ...values.filter((value) => value > 0)));
  const powers = multiples(low, high, [1]);
  const ticks = powers.length < LEAST_POWERS ? multiples(low, high, [1, 2, 5]) : powers;
  return { low, high, logarithmic: true, ticks, text };
}

function multiples(low: number, high: number, of: readonly number[]): number[] {
  const first = Math.floor(Math.log10(low));
  const count = Math.floor(Math.log10(high)) - first + 1;
  const powers = Array.from({ length: count }, (_, i) => 10 ** (first + i));
  const inside = (value: number): boolean =>
    value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  return powers.flatMap((power) => of.map((times) => times * power)).filter(inside);
}

/** Where a value stands between the ends of an axis, 0 to 1. What is beyond an end stands on it. */
export function shareOf({ low, high, logarithmic }: Axis, value: number): number {
  const inside = Math.min(Math.max(value, low), high);
  if (!logarithmic) return (inside - low) / (high - low);
  return Math.log(inside / low) / Math.log(high / low);
}
