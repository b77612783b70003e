/** How much of what a client asks may be under way at once, learned from deadlines. */
export interface WindowOptions {
  /**
   * Bounds what is under way over all servers by a window that learns from missed deadlines.
   * Default false.
   *
   * For many servers behind one narrow link: when all of them answer at once their answers are lost
   * in its buffer.
   */
  readonly adaptive: boolean;
  /**
   * Operations the window is at least, and grows by when all of it was answered. Default 16, from
   * 1.
   */
  readonly min: number;
  /** Operations the window is at most. Default 10 000, from `min`. */
  readonly max: number;
}

export const WINDOW_DEFAULTS: WindowOptions = { adaptive: false, min: 16, max: 10_000 };

/**
 * The operations that may be written and unanswered over all connections of a client. It grows by `min` with each
 * window that is answered, and is halved when a deadline is missed (AIMD), once in a round: what is under way at the
 * cut may still be missed, and says nothing of the smaller window. Until the first miss it doubles instead.
 */
export class Window {
  readonly #bounds: Pick<WindowOptions, 'min' | 'max'>;
  readonly #roundMs: () => number;
  readonly #now: () => number;
  /** Those who were not admitted, in the order they asked the last time. */
  readonly #held = new Set<() => void>();
  #size: number;
  #inFlight = 0;
  #cutAt = -Infinity;

  /** A round takes `roundMs`: what a caller waits at most. `now` answers milliseconds of the monotonic clock. */
  constructor(
    bounds: Pick<WindowOptions, 'min' | 'max'>,
    roundMs: () => number,
    now: () => number = () => performance.now(),
  ) {
    this.#bounds = bounds;
    this.#roundMs = roundMs;
    this.#now = now;
    this.#size = bounds.min;
  }

  /** Whole operations. */
  get size(): number {
    return Math.floor(this.#size);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether so much may be written now; if not, `resume` is called once there may be room. More than all goes alone. */
  admits(operations: number, resume: () => void): boolean {
    if (this.#inFlight === 0 || this.#inFlight + operations <= this.#size) return true;
    this.#held.add(resume);
    return false;
  }

  add(operations: number): void {
    this.#inFlight += operations;
  }

  /** So much is under way no longer. */
  remove(operations: number, isAnswered: boolean): void {
    // A window that nobody filled has not been tried.
    if (isAnswered && 2 * this.#inFlight >= this.#size) this.#grow(operations);
    this.#inFlight -= operations;
    if (this.#held.size === 0) return;
    const [first, ...others] = this.#held;
    this.#held.clear();
    // Who asked first was told first the last time: one that always has more would keep the others waiting for ever.
    for (const resume of others) resume();
    first();
  }

  /** Its bounds have changed. */
  retuned(): void {
    const { min, max } = this.#bounds;
    this.#size = Math.min(max, Math.max(min, this.#size));
  }

  /** A caller did not get its answer in time. */
  missed(): void {
    const now = this.#now();
    if (now - this.#cutAt < this.#roundMs()) return;
    this.#cutAt = now;
    this.#size = Math.max(this.#bounds.min, this.#size / 2);
  }

  #grow(operations: number): void {
    const { min, max } = this.#bounds;
    const perWindow = this.#cutAt === -Infinity ? this.#size : min;
    this.#size = Math.min(max, this.#size + (perWindow * operations) / this.#size);
  }
}
