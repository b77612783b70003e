/** A straight line through points of which some lie far off, and how sure its slope is. */
export interface Trend {
  /** The median of the slopes of all pairs of points (Theil and Sen). */
  readonly slope: number;
  /** The slope is hardly less and hardly more than these: 95 times of 100 it lies between them (Sen). */
  readonly least: number;
  readonly most: number;
}

const Z_95 = 1.96;

/**
 * Theil and Sen's slope: up to 29 % of the points may lie anywhere. Its interval is that of Kendall's rank correlation
 * (P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968). NaN for fewer than two points.
 */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend {
  const slopes: number[] = [];
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      const run = points[i][0] - points[j][0];
      if (run !== 0) slopes.push((points[i][1] - points[j][1]) / run);
    }
  }
  slopes.sort((a, b) => a - b);
  const n = points.length;
  const width = (Z_95 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2;
  const middle = (slopes.length - 1) / 2;
  const at = (place: number): number =>
    slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(place)))] ?? Number.NaN;
  return { slope: medianOfSorted(slopes), least: at(middle - width), most: at(middle + width) };
}

export function median(values: readonly number[]): number {
  return medianOfSorted(values.toSorted((a, b) => a - b));
}

function medianOfSorted(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]
    : ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
}
