/** Something that looks for what is overdue when it is told the time. */
export interface Sweeper {
  /** False when nothing is pending: it is then not asked again until it wakes the ticker. */
  readonly busy: boolean;
  /**
   * `now` in milliseconds of the monotonic clock, as of before the last poll. After a pause of the event loop it lags
   * behind by one tick; `pausedMs` is how much longer than it should the loop stood still since the last tick.
   */
  sweep(now: number, pausedMs: number): void;
}

/** Deadlines are kept to this many milliseconds: one coarse timer serves every pending call. */
export const TICK_MS = 10;
/** A tick that comes later than this after the last one comes after a pause of the event loop. */
const LATE_MS = 2 * TICK_MS;

/**
 * The one timer behind all deadlines. It runs only while a sweeper is busy. A tick is followed by a poll of the event
 * loop before anything is swept, so answers that arrived while the loop was blocked are read, not declared late. What
 * is late was late before that poll: a callback of the poll itself may block as well. After a pause time goes on where
 * it stood still, for one tick: what could not leave before the pause has at least that long to be answered.
 */
export class Ticker {
  readonly #sweepers = new Set<Sweeper>();
  #timer: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  /** What the next sweep is told. */
  #now = 0;
  #pausedMs = 0;

  /** Sweep this one too, from the next tick until it is no longer busy. */
  wake(sweeper: Sweeper): void {
    this.#sweepers.add(sweeper);
    if (this.#timer !== undefined) return;
    this.#tickedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sweepers.clear();
  }

  #tick(): void {
    const now = performance.now();
    this.#now = Math.min(now, this.#tickedAt + LATE_MS);
    this.#pausedMs = now - this.#now;
    this.#tickedAt = now;
    setImmediate(this.#sweepAll);
  }

  readonly #sweepAll = (): void => {
    for (const sweeper of this.#sweepers) {
      if (sweeper.busy) sweeper.sweep(this.#now, this.#pausedMs);
      if (!sweeper.busy) this.#sweepers.delete(sweeper);
    }
    if (this.#sweepers.size === 0) this.stop();
  };
}
