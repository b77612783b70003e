import { Random } from '../support/random.ts';

/** By how much one side is the other's multiple, and how sure that is. */
export interface RatioInterval {
  readonly ratio: number;
  /** It is hardly less and hardly more than these. */
  readonly least: number;
  readonly most: number;
}

const DRAWS = 1000;
const CONFIDENCE = 0.98;

/**
 * The ratio of a quantile of one side's figures to that of the other's, and its interval: what comes out when figures
 * are drawn again from those that there are (bootstrap). The same figures give the same interval.
 */
export function ratioInterval(
  over: readonly number[],
  under: readonly number[],
  share: number,
): RatioInterval {
  const random = new Random(over.length);
  const drawn = (figures: readonly number[]): number[] =>
    figures.map(() => figures[random.below(figures.length)]);
  const ratioOf = (a: readonly number[], b: readonly number[]): number =>
    quantile(a, share) / quantile(b, share);
  const ratios = Array.from({ length: DRAWS }, () => ratioOf(drawn(over), drawn(under)));
  return {
    ratio: ratioOf(over, under),
    least: quantile(ratios, (1 - CONFIDENCE) / 2),
    most: quantile(ratios, (1 + CONFIDENCE) / 2),
  };
}

/** Between two figures it is as far from both as the share says. NaN of none. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low = Number.NaN, high = low] = sorted.slice(below, below + 2);
  return low + (high - low) * (place - below);
}
