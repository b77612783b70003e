import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError } from '../errors.ts';
import type { VerbTimes } from '../observability/operation-times.ts';
import { errorName } from './error-name.ts';
import type { Counted, Tally } from './tally.ts';

export interface TimedTallyParts {
  readonly began: number;
  readonly times: VerbTimes;
  readonly now: () => number;
  readonly inner: Tally;
}

/**
 * Counts how long calls of one verb take that began in one moment: they share it, and with it the reading of the
 * clock. A whole read from a socket settles in one moment, too, so a call costs no reading of its own.
 */
export class TimedTally implements Tally {
  readonly began: number;
  readonly #times: VerbTimes;
  readonly #now: () => number;
  readonly #inner: Tally;

  constructor({ began, times, now, inner }: TimedTallyParts) {
    this.began = began;
    this.#times = times;
    this.#now = now;
    this.#inner = inner;
  }

  settled(call: Counted, answer: unknown, error: MemcacheError | undefined): void {
    this.#inner.settled(call, answer, error);
    const ms = this.#now() - this.began;
    if (error === undefined)
      this.#times.succeeded(this.#times.resultOf(answer, call.operations), ms);
    else this.#times.failed(errorName(error), ms);
  }

  carried(by: Carrier): void {
    this.#inner.carried(by);
  }
}
