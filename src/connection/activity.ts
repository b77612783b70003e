/**
 * When a connection was last heard of. Read coarsely, by those who know the time anyway; `now` is in milliseconds of
 * the monotonic clock.
 */
export class Activity {
  #heard = false;
  #at = 0;
  #wallAt = 0;

  /** Bytes came. */
  heard(): void {
    this.#heard = true;
  }

  /** Nothing was awaited, and from now on something is. */
  begins(now: number): void {
    this.#at = now;
    this.#wallAt = Date.now();
  }

  /** Takes note of what was heard since the last time. */
  note(now: number): void {
    if (!this.#heard) return;
    this.#heard = false;
    this.begins(now);
  }

  /** Milliseconds without a byte while something is awaited. */
  stalledFor(now: number): number {
    return now - this.#at;
  }

  /** Silent for so long, also across a jump of the clock: the peer may be gone without a word. */
  silent(now: number, milliseconds: number): boolean {
    return now - this.#at > milliseconds || Date.now() - this.#wallAt > milliseconds;
  }
}
