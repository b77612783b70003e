import type { Random } from '../support/random.ts';

/** When calls come: at equal distances, or as independent callers do (exponential distances). */
export type Arrivals = 'constant' | 'poisson';
export const ARRIVALS: readonly Arrivals[] = ['constant', 'poisson'];

export interface Pace {
  readonly arrivals: Arrivals;
  readonly perSecond: number;
  readonly seconds: number;
  /** So many are due in the same moment. The rate stays as it is. Default: 1. */
  readonly together?: number;
}

/** When each call is due, in milliseconds from the start, ascending; all of it drawn before the first is. */
export function scheduleOf(pace: Pace, random: Random): Float64Array {
  const { arrivals, perSecond, seconds, together = 1 } = pace;
  const apart = (1000 * together) / perSecond;
  const count = Math.max(1, Math.round(perSecond * seconds));
  const due = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (i % together === 0) {
      // 1 - share is above 0: its logarithm is a number.
      at += arrivals === 'constant' ? apart : -Math.log(1 - random.share()) * apart;
    }
    due[i] = at;
  }
  return due;
}
