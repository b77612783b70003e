import type { Rule } from '../config/check.ts';

/** Where the server's clock ends, in January 2038. */
const LAST_SECOND = 2_147_483_647;

/** For an option that says how many seconds items live. */
export const lifetimeInSeconds: Rule = {
  allowed: 'a number of seconds above 0 that end before 2038-01-19',
  accepts: (value) =>
    typeof value === 'number' && value > 0 && Date.now() / 1000 + value < LAST_SECOND,
};

/**
 * A ttl of whole seconds for milliseconds, which no item is shorter than. The server's clock ticks once a second, and an
 * item of n seconds ends with the n-th tick: it may have lived n - 1. So it is rounded up, and one more; half a second
 * never becomes the 0 that means for ever. What is over already is -1. What would last beyond the server's clock is kept
 * for as long as there is room.
 */
export function secondsFor(ms: number): number {
  if (ms <= 0) return -1;
  const seconds = Math.ceil(ms / 1000) + 1;
  return Date.now() / 1000 + seconds > LAST_SECOND ? 0 : seconds;
}
