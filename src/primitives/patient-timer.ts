/** The time is looked at so many times. A step that took longer is time in which this process stood still. */
const STEPS = 16;
/** How many steps one of them may count for: the first half of a pause, at most, is taken for the other side's. */
const MOST_COUNTED = 2;

/**
 * Waits so many milliseconds for something from outside, and then polls the event loop once more before it gives up.
 * While the loop is blocked nothing can come, so a pause counts for an eighth of the time at most, however long it is;
 * it ends after eight looks at the latest. What is late was late before that last poll.
 */
export class PatientTimer {
  readonly #stepMs: number;
  readonly #expire: (lookedAt: number) => void;
  #leftMs: number;
  #lookedAt = performance.now();
  #timer: NodeJS.Timeout;
  #over = false;

  /** `expire` is told when it looked at the clock, before the last poll: milliseconds of the monotonic one. */
  constructor(ms: number, expire: (lookedAt: number) => void) {
    // Whole ones: Node keeps a list of timers for each length.
    this.#stepMs = Math.max(1, Math.ceil(ms / STEPS));
    this.#leftMs = ms;
    this.#expire = expire;
    this.#timer = setTimeout(() => this.#look(), this.#stepMs);
  }

  /** It keeps no process. */
  unref(): this {
    this.#timer.unref();
    return this;
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#leftMs -= Math.min(now - this.#lookedAt, MOST_COUNTED * this.#stepMs);
    this.#lookedAt = now;
    if (this.#leftMs > 0) {
      const ref = this.#timer.hasRef();
      this.#timer = setTimeout(() => this.#look(), Math.min(this.#stepMs, Math.ceil(this.#leftMs)));
      if (!ref) this.#timer.unref();
      return;
    }
    setImmediate(() => {
      if (this.#over) return;
      this.#over = true;
      this.#expire(now);
    });
  }
}
