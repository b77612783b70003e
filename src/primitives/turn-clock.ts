import { afterPromises, OncePerTurn } from './once-per-turn.ts';

/**
 * Milliseconds of the monotonic clock, read at most once per moment of the event loop: a thousand calls made in one
 * moment share one reading, and with it one deadline.
 */
export class TurnClock {
  #now = 0;
  #fresh = false;
  readonly #forget: OncePerTurn = new OncePerTurn(() => {
    this.#fresh = false;
  });

  now(): number {
    if (!this.#fresh) {
      this.#now = performance.now();
      this.#fresh = true;
      this.#forget.request(afterPromises);
    }
    return this.#now;
  }
}
