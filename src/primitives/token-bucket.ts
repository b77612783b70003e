/** What may be spent at once, and how fast it grows again. */
export interface Allowance {
  /** Tokens it holds at most, and at first. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

/** Lets things happen at a limited rate; what was not used is saved up to a limit. */
export class TokenBucket {
  readonly #allowance: Allowance;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** `now` answers milliseconds of the monotonic clock. */
  constructor(allowance: Allowance, now: () => number = () => performance.now()) {
    this.#allowance = allowance;
    this.#now = now;
    this.#tokens = allowance.burst;
    this.#at = now();
  }

  /** Adds to what may be spent, up to the limit. */
  earn(tokens: number): void {
    this.#tokens = Math.min(this.#allowance.burst, this.#tokens + tokens);
  }

  /** Takes one token; false, and nothing taken, when there is none. */
  take(): boolean {
    const now = this.#now();
    this.earn(((now - this.#at) / 1000) * this.#allowance.perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
