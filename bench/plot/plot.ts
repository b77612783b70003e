import type { Axis } from './axis.ts';

export type Point = readonly [x: number, y: number];

/** One line of a plot. */
export interface Series {
  readonly name: string;
  /** In a plot of text: one character. */
  readonly mark: string;
  /** Its number in the palette. */
  readonly color: number;
  /** In the order of x. */
  readonly points: readonly Point[];
  /** Not to be believed: hollow dots beside the line. */
  readonly aside?: readonly Point[];
}

/** Lines over a common x, to be drawn as a picture or as text. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}
