import { TokenBucket } from '../primitives/token-bucket.ts';

/** Retries that may follow each other however little there was before: enough for a burst, not for a storm. */
const BURST = 100;
/** Retries per second that are always allowed: a quiet client must not be kept from its only retry. */
const LEAST_PER_SECOND = 10;

/**
 * How much may be tried again: a share of what is asked for anyway. Finagle's retry budget, with the traffic read off
 * a counter instead of being paid in by every request.
 */
export class RetryBudget {
  #ratio: number;
  readonly #traffic: () => number;
  readonly #allowance = { burst: BURST, perSecond: 0 };
  readonly #bucket: TokenBucket;
  #seen: number;

  /** `traffic` answers how many operations there have been; `ratio` is the share of them that may be repeated. */
  constructor(ratio: number, traffic: () => number, now: () => number = () => performance.now()) {
    this.#ratio = ratio;
    this.#traffic = traffic;
    this.#seen = traffic();
    this.ratio = ratio;
    this.#bucket = new TokenBucket(this.#allowance, now);
  }

  /** The share that may be repeated from now on. */
  set ratio(ratio: number) {
    this.#ratio = ratio;
    this.#allowance.perSecond = ratio === 0 ? 0 : LEAST_PER_SECOND;
  }

  /** Whether one more request may be repeated; if so it is charged. */
  take(): boolean {
    const traffic = this.#traffic();
    this.#bucket.earn((traffic - this.#seen) * this.#ratio);
    this.#seen = traffic;
    return this.#ratio > 0 && this.#bucket.take();
  }
}
