import { shiftOf } from '../compare/rank-interval.ts';
import { ratioOf, type Spread } from '../report/spread.ts';

/** Operations per second by rounds, of the default and of what was tried beside it. */
export interface Trial {
  /** The load, and how far away its server was. */
  readonly title: string;
  readonly usual: readonly number[];
  readonly tried: readonly number[];
}

export interface Gain {
  readonly title: string;
  /** How many times the rate of the default. */
  readonly ratio: Spread;
  readonly standing: 'gain' | 'loss' | 'noise';
}

const CONFIDENCE = 0.99;
/** Of fewer no gain is that sure. */
export const LEAST_ROUNDS = 5;
/** Less is not worth a line in a configuration, however sure it is. */
const LEAST_GAIN = 1.02;
/** What may be lost without being sure of it: with so few rounds, not being sure is no proof. */
const MOST_LOSS = 0.97;

export function gainOf({ title, usual, tried }: Trial): Gain {
  const ratio = ratioOf(tried, usual);
  const logs = (rates: readonly number[]): number[] => rates.map((rate) => Math.log(rate));
  const shift = shiftOf(logs(usual), logs(tried), CONFIDENCE);
  const gains = shift !== undefined && shift.low > 0 && ratio.median >= LEAST_GAIN;
  const loses = (shift !== undefined && shift.high < 0) || !(ratio.median >= MOST_LOSS);
  return { title, ratio, standing: gains ? 'gain' : loses ? 'loss' : 'noise' };
}

/** A setting wins that gains something somewhere beyond the noise, and loses nowhere. */
export const wins = (gains: readonly Gain[]): boolean =>
  gains.some(({ standing }) => standing === 'gain') &&
  gains.every(({ standing }) => standing !== 'loss');

/** What all loads together gain: the geometric mean of their ratios. */
export const worthOf = (gains: readonly Gain[]): number =>
  Math.exp(gains.reduce((sum, { ratio }) => sum + Math.log(ratio.median), 0) / gains.length);
