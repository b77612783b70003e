import { quantile, type RatioInterval, ratioInterval } from '../report/ratio-interval.ts';
import type { Times } from './hot-path-process.ts';

/** One round: both trees, measured one right after the other. */
export interface Round {
  readonly parent: Times;
  readonly tree: Times;
}

/** What came of one hot path. */
export interface Judgement {
  readonly name: string;
  readonly standing: 'as fast' | 'slower' | 'broken' | 'skipped';
  /** Of this tree's times to the parent's. Absent where a tree has no such path. */
  readonly ratio?: RatioInterval;
  readonly why?: string;
}

/** How much longer an operation may take than in the parent. */
export const MOST_RATIO = 1.1;

/** Of fewer the interval says nothing: of one it is a point. */
export const LEAST_ROUNDS = 5;

/** Neighbours only ever add to the time of a process: those that they left alone are compared. */
const FASTEST = 0.1;

/** A path is slower when it takes more than a tenth longer, and that surely is not chance. */
export function judge(names: readonly string[], rounds: readonly Round[]): Judgement[] {
  return names.map((name) => {
    const broken = reasonIn(name, rounds, 'tree');
    if (broken !== undefined) return { name, standing: 'broken', why: broken };
    const missing = reasonIn(name, rounds, 'parent');
    if (missing !== undefined)
      return { name, standing: 'skipped', why: `the parent cannot: ${missing}` };
    const ratio = ratioInterval(
      timesIn(name, rounds, 'tree'),
      timesIn(name, rounds, 'parent'),
      FASTEST,
    );
    const slower = ratio.ratio > MOST_RATIO && ratio.least > 1;
    return { name, standing: slower ? 'slower' : 'as fast', ratio };
  });
}

/** The time of a tree that is compared. NaN where it has none. */
export const comparedTime = (name: string, rounds: readonly Round[], side: keyof Round): number =>
  quantile(timesIn(name, rounds, side), FASTEST);

const timesIn = (name: string, rounds: readonly Round[], side: keyof Round): number[] =>
  rounds.map((round) => round[side][name]).filter((time) => typeof time === 'number');

function reasonIn(name: string, rounds: readonly Round[], side: keyof Round): string | undefined {
  const reasons = rounds.map((round) => round[side][name] ?? 'it is not there');
  return reasons.find((reason) => typeof reason === 'string');
}
