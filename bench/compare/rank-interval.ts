/** By how much the figures of one side lie above those of another, and how sure that is. */
export interface Shift {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Hodges and Lehmann's shift: the median of all differences between a figure after and one before. Its interval is that
 * of the Mann-Whitney test, exact for any number of figures, whatever they are distributed like; no chance is in it.
 * Undefined for so few that no interval is that sure: at 99 % fewer than five on each side.
 * Throws RangeError for NaN, of which no order is any: nothing found beside it would be true.
 */
export function shiftOf(
  before: readonly number[],
  after: readonly number[],
  confidence: number,
): Shift | undefined {
  if ([...before, ...after].some(Number.isNaN)) throw new RangeError('NaN is no figure');
  const cut = ranksBelow(before.length, after.length, (1 - confidence) / 2);
  if (cut === 0) return undefined;
  const differences = after
    .flatMap((high) => before.map((low) => high - low))
    .toSorted((a, b) => a - b);
  const last = differences.length - 1;
  const estimate = (differences[last >> 1] + differences[(last + 1) >> 1]) / 2;
  return { estimate, low: differences[cut - 1], high: differences[last - cut + 1] };
}

/** How many values of Mann and Whitney's U, from 0 up, together have at most this probability, if both sides are alike. */
function ranksBelow(n: number, m: number, probability: number): number {
  const ways = waysOfU(n, m);
  const all = ways.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [u, count] of ways.entries()) {
    below += count;
    if (below > probability * all) return u;
  }
  return ways.length;
}

/** In how many orders of n and m figures U is 0, 1, 2 and so on: the pairs in which the one of m comes first. */
function waysOfU(n: number, m: number): number[] {
  const empty = (): number[] => Array.from({ length: n * m + 1 }, () => 0);
  // For the orders of the first of m only, by how many there are of n.
  let counts = Array.from({ length: n + 1 }, empty);
  counts[0][0] = 1;
  for (let ofM = 0; ofM <= m; ofM++) {
    const next = Array.from({ length: n + 1 }, empty);
    for (let ofN = 0; ofN <= n; ofN++) {
      for (let u = 0; u <= n * m; u++) {
        // The last is one of m; or one of n, behind all of m that there are.
        const endsWithN = ofN > 0 && u >= ofM ? next[ofN - 1][u - ofM] : 0;
        next[ofN][u] = counts[ofN][u] + endsWithN;
      }
    }
    counts = next;
  }
  return counts[n];
}
