import { afterPoll, afterPromises, type Schedule } from '../primitives/once-per-turn.ts';

/** When collected commands leave, see the option `flush`. */
export type FlushPolicy = 'auto' | 'tick' | 'poll';

/** The moment of the next flush; `ring.head` is the oldest command whose answer is due. */
export function momentFor(options: { flush: FlushPolicy }, ring: { head: unknown }): Schedule {
  const { flush } = options;
  if (flush === 'auto') return ring.head === undefined ? afterPromises : afterPoll;
  return flush === 'poll' ? afterPoll : afterPromises;
}
