/** Where the server's clock ends, in January 2038. */
const LAST_SECOND = 2_147_483_647;

/**
 * A ttl of whole seconds for milliseconds. It is rounded up, so that nothing ends early, and half a second never becomes
 * the 0 that means for ever. What is over already is -1. What would last beyond the server's clock is kept for as long
 * as there is room.
 */
export function secondsFor(ms: number): number {
  if (ms <= 0) return -1;
  const seconds = Math.ceil(ms / 1000);
  return Date.now() / 1000 + seconds > LAST_SECOND ? 0 : seconds;
}
