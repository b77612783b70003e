/** Everything that joined before a moment. */
interface Mark {
  readonly at: number;
  readonly joined: number;
}

/** Milliseconds of the monotonic clock. */
export interface QueueTime {
  /** By which things grow old: after a pause of this process it lags behind. */
  readonly now: number;
  /** By which they join. */
  readonly clock: number;
}

/** How long things have waited in a queue, oldest first: told by counts that are noted now and then, not by each thing. */
export class QueueAges {
  #joined = 0;
  #left = 0;
  #marks: Mark[] = [];

  /** One more at the end. */
  joined(): void {
    this.#joined++;
  }

  /** One less at the front. */
  left(): void {
    this.#left++;
  }

  /** How many have waited for at least `ms` milliseconds; to be asked regularly, since that is when time is noted. */
  olderThan(ms: number, { now, clock }: QueueTime): number {
    if (this.#left === this.#joined) {
      this.#marks = [];
      return 0;
    }
    this.#marks.push({ at: clock, joined: this.#joined });
    const young = this.#marks.findIndex(({ at }) => at > now - ms);
    const old = young - 1;
    if (old < 0) return 0;
    this.#marks.splice(0, old);
    return Math.max(0, this.#marks[0].joined - this.#left);
  }
}
