import type { MemcacheError, Sent } from '../errors.ts';
import type { Sweeper, Ticker } from '../primitives/ticker.ts';

/** A call, or one part of it, that waits for something other than a server. */
export interface Waiter {
  readonly deadline: number;
  readonly settled: boolean;
  readonly sent: Sent;
  fail(tag: number, error: MemcacheError): void;
}

interface Entry {
  readonly waiter: Waiter;
  readonly tag: number;
  readonly next: (() => void) | undefined;
}

/** Keeps the deadlines of calls that no connection knows: their value is with a worker, or their server is not found. */
export class DeadlineKeeper implements Sweeper {
  readonly #ticker: Ticker;
  readonly #late: (sent: Sent) => MemcacheError;
  readonly #entries = new Set<Entry>();

  /** `late` is what they fail with when their time is up. */
  constructor(ticker: Ticker, late: (sent: Sent) => MemcacheError) {
    this.#ticker = ticker;
    this.#late = late;
  }

  /** How many wait. */
  get size(): number {
    return this.#entries.size;
  }

  get busy(): boolean {
    return this.#entries.size > 0;
  }

  /** Returns what ends the wait; it says whether the call was still waiting. `next` is what `release` runs. */
  add(waiter: Waiter, tag: number, next?: () => void): () => boolean {
    const entry = { waiter, tag, next };
    this.#entries.add(entry);
    this.#ticker.wake(this);
    return () => this.#entries.delete(entry) && !waiter.settled;
  }

  /** Nobody has to wait any more: what each waited to do is done, in the order they came. */
  release(): void {
    const entries = [...this.#entries];
    this.#entries.clear();
    for (const { waiter, next } of entries) if (!waiter.settled) next?.();
  }

  /** Fails the one who has waited longest; false if nobody waits. */
  failOldest(error: MemcacheError): boolean {
    for (const entry of this.#entries) {
      this.#entries.delete(entry);
      if (entry.waiter.settled) continue;
      entry.waiter.fail(entry.tag, error);
      return true;
    }
    return false;
  }

  /** Fails whoever still waits: no tick comes any more. */
  end(why: (sent: Sent) => MemcacheError): void {
    for (const { waiter, tag } of this.#entries)
      if (!waiter.settled) waiter.fail(tag, why(waiter.sent));
    this.#entries.clear();
  }

  sweep(now: number): void {
    for (const entry of this.#entries) {
      const { waiter, tag } = entry;
      if (waiter.deadline > now && !waiter.settled) continue;
      this.#entries.delete(entry);
      if (!waiter.settled) waiter.fail(tag, this.#late(waiter.sent));
    }
  }
}
