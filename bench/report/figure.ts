/** What a report draws beside its tables, and what `compare` reads. Plain data, kept in the JSON as it is. */
export type Figure = Bars | Percentiles | Curve | Growth;

/** A bar for each row: as long as the median of its rounds, with their spread. */
export interface Bars {
  readonly kind: 'bars';
  /** What is measured, such as `CPU per operation`; unlike any other of its section. */
  readonly title: string;
  /** Such as ` us`, ` ms` or `/s`. */
  readonly unit: string;
  /** Absent where neither is: `compare` then leaves it out. */
  readonly better?: 'higher' | 'lower';
  readonly rows: readonly Bar[];
}

export interface Bar extends Line {
  /**
   * A figure for each round, finite, from 0 up, or null where the round gave none: at one index stands what was taken
   * side by side. With a 0 among them `compare` leaves the row out.
   */
  readonly rounds: readonly (number | null)[];
}

/** Times of calls over percentiles, on an axis of 1 / (1 - p). */
export interface Percentiles {
  readonly kind: 'percentiles';
  readonly title: string;
  readonly series: readonly PercentileLine[];
}

export interface PercentileLine extends Line {
  /** From the lowest percentile to the highest. 100 is on no logarithmic axis and left out. */
  readonly points: readonly (readonly [percentile: number, milliseconds: number])[];
}

/** Times of calls over the rate at which they were asked for. */
export interface Curve {
  readonly kind: 'curve';
  readonly title: string;
  readonly series: readonly CurveLine[];
}

export interface CurveLine extends Line {
  /** From the lowest rate to the highest. */
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  /** Operations per second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Set where what was measured says nothing about the rate: the point is shown beside the line. */
  readonly void?: boolean;
}

/** What something costs over how much there is of another thing; both axes are logarithmic. */
export interface Growth {
  readonly kind: 'growth';
  /** What is measured, such as `CPU per get`. */
  readonly title: string;
  /** Such as ` us`. */
  readonly unit: string;
  /** What there is more of, such as `servers`. */
  readonly over: string;
  readonly series: readonly GrowthLine[];
}

export interface GrowthLine extends Line {
  /** From the least to the most; all above 0. */
  readonly points: readonly (readonly [x: number, cost: number])[];
}

interface Line {
  readonly label: string;
  /** memvolley, or a way of using it: it stands out, and is what `compare` judges. Default: false. */
  readonly ours?: boolean;
}
