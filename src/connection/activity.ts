/** A process that stands still again and again is not to overlook a peer that is gone. */
const MOST_EXCUSED_MS = 1000;

/**
 * When a connection was last heard of. Read coarsely, by those who know the time anyway; `now` is in milliseconds of
 * the monotonic clock.
 */
export class Activity {
  #heard = false;
  #at = 0;
  #wallAt = 0;
  /** The command whose answer nobody waits for, and since when it is the oldest one. */
  #unwanted: { readonly abandoned: boolean } | undefined;
  #unwantedAt = 0;
  /** Until then, callers who gave up may have lost their time to a pause of this process. */
  #excusedUntil = -Infinity;

  /** Bytes came. */
  heard(): void {
    this.#heard = true;
  }

  /** Nothing was awaited, and from now on something is. */
  begins(now: number): void {
    this.#at = now;
    this.#wallAt = Date.now();
  }

  /** Takes note of what was heard since the last time, and that this process stood still for `pausedMs` of it. */
  note(now: number, pausedMs: number): void {
    if (pausedMs > 0) {
      this.#at = Math.min(this.#at + pausedMs, Math.max(this.#at, now));
      this.#unwantedAt = Math.min(this.#unwantedAt + pausedMs, now);
      this.#excusedUntil = now + Math.min(pausedMs, MOST_EXCUSED_MS);
    }
    if (!this.#heard) return;
    this.#heard = false;
    this.begins(now);
  }

  /** Milliseconds without a byte while something is awaited. */
  stalledFor(now: number): number {
    return now - this.#at;
  }

  /** For as long after a pause of this process as that was, silence says nothing about the peer. */
  excused(now: number): boolean {
    return now < this.#excusedUntil;
  }

  /**
   * Why a peer of whom something is awaited is waited for no longer than so many milliseconds: no byte comes, or the
   * answer that is due, to `head`, is one that nobody waits for, and does not end.
   */
  stall(
    now: number,
    limitMs: number,
    awaits: boolean,
    head: { readonly abandoned: boolean } | undefined,
  ): string | undefined {
    const unwanted = head?.abandoned === true ? head : undefined;
    if (unwanted === undefined || unwanted !== this.#unwanted) this.#unwantedAt = now;
    this.#unwanted = unwanted;
    if (awaits && this.stalledFor(now) > limitMs) return `it has not sent a byte for ${limitMs} ms`;
    if (now - this.#unwantedAt <= limitMs) return undefined;
    return `an answer that nobody waits for has not ended for ${limitMs} ms`;
  }

  /** Silent for so long, also across a jump of the clock: the peer may be gone without a word. */
  silent(now: number, milliseconds: number): boolean {
    return now - this.#at > milliseconds || Date.now() - this.#wallAt > milliseconds;
  }
}
