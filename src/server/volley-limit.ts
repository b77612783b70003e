/** The end of a connection this soon after a refused volley is taken for a part of the refusal. */
const ENDS_BY_IT_MS = 1000;
/** For so long nothing is asked for together; then one volley finds out whether it may be again. */
const ALONE_MS = 30_000;

/**
 * How many keys one request may ask for. twemproxy answers a multi-key get that concerns a lost server with
 * SERVER_ERROR and ends the connection, answers to others with it; a get of one key it refuses and goes on. So after
 * such an end keys go one by one for a while, in requests that still leave together.
 */
export class VolleyLimit {
  #most: number;
  readonly #now: () => number;
  #refusedAt = -Infinity;
  /** 0 while keys may go together. */
  #aloneUntil = 0;

  constructor(most: number, now: () => number = () => performance.now()) {
    this.#most = most;
    this.#now = now;
  }

  get keys(): number {
    if (this.#aloneUntil === 0) return this.#most;
    if (this.#now() < this.#aloneUntil) return 1;
    this.#aloneUntil = 0;
    return this.#most;
  }

  /** How many may go together from now on. */
  set most(most: number) {
    this.#most = most;
  }

  /** Several keys asked for together were answered with SERVER_ERROR. */
  refused(): void {
    this.#refusedAt = this.#now();
  }

  /** The connection has ended. */
  ended(): void {
    const now = this.#now();
    if (now - this.#refusedAt < ENDS_BY_IT_MS) this.#aloneUntil = now + ALONE_MS;
    this.#refusedAt = -Infinity;
  }
}
