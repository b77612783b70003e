import type { MemcacheError, Sent } from '../errors.ts';
import type { Sweeper, Ticker } from '../primitives/ticker.ts';
import { timedOut } from '../server/refusals.ts';

/** A call, or one part of it, whose value is with a worker. */
export interface CodecWaiter {
  readonly deadline: number;
  readonly settled: boolean;
  readonly sent: Sent;
  fail(tag: number, error: MemcacheError): void;
}

interface Entry {
  readonly waiter: CodecWaiter;
  readonly tag: number;
}

/** Keeps the deadlines of calls that no connection knows, because their value is with a worker. */
export class CodecWait implements Sweeper {
  readonly #ticker: Ticker;
  readonly #entries = new Set<Entry>();

  constructor(ticker: Ticker) {
    this.#ticker = ticker;
  }

  get busy(): boolean {
    return this.#entries.size > 0;
  }

  /** Returns what ends the wait; it says whether the call was still waiting. */
  add(waiter: CodecWaiter, tag: number): () => boolean {
    const entry = { waiter, tag };
    this.#entries.add(entry);
    this.#ticker.wake(this);
    return () => this.#entries.delete(entry) && !waiter.settled;
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
      if (!waiter.settled) waiter.fail(tag, timedOut('codec', 'the worker pool', waiter.sent));
    }
  }
}
