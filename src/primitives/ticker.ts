/** Something that looks for what is overdue when it is told the time. */
export interface Sweeper {
  /** False when nothing is pending: it is then not asked again until it wakes the ticker. */
  readonly busy: boolean;
  /** `now` in milliseconds of the monotonic clock. */
  sweep(now: number): void;
}

/** Deadlines are kept to this many milliseconds: one coarse timer serves every pending call. */
export const TICK_MS = 10;

/**
 * The one timer behind all deadlines. It runs only while a sweeper is busy. A tick is followed by a poll of the event
 * loop before anything is swept, so answers that arrived while the loop was blocked are read, not declared late. What
 * is late was late before that poll: a callback of the poll itself may block as well.
 */
export class Ticker {
  readonly #sweepers = new Set<Sweeper>();
  #timer: NodeJS.Timeout | undefined;
  #tickedAt = 0;

  /** Sweep this one too, from the next tick until it is no longer busy. */
  wake(sweeper: Sweeper): void {
    this.#sweepers.add(sweeper);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      this.#tickedAt = performance.now();
      setImmediate(this.#sweepAll);
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sweepers.clear();
  }

  readonly #sweepAll = (): void => {
    const now = this.#tickedAt;
    for (const sweeper of this.#sweepers) {
      if (sweeper.busy) sweeper.sweep(now);
      if (!sweeper.busy) this.#sweepers.delete(sweeper);
    }
    if (this.#sweepers.size === 0) this.stop();
  };
}
