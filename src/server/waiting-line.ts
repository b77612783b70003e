import type { MemcacheError } from '../errors.ts';
import type { Sweeper, Ticker } from '../primitives/ticker.ts';
import type { Entrant } from './entrants.ts';

export interface WaitingLineParts {
  readonly ticker: Ticker;
  /** Milliseconds one may stand in it; 0 for as long as its deadline allows. */
  readonly maxQueueMs: number;
  /** What one fails with whose deadline comes first. */
  readonly late: (entrant: Entrant) => MemcacheError;
  /** Makes, and tells of, the failure of one who has stood in it for too long. */
  readonly shed: () => MemcacheError;
}

/** Operations that wait for room at their server, in the order they came. */
export class WaitingLine implements Sweeper {
  readonly #parts: WaitingLineParts;
  /** Each with the time it came at. */
  readonly #entrants = new Map<Entrant, number>();
  #nextDeadline = Infinity;

  constructor(parts: WaitingLineParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#entrants.size;
  }

  get busy(): boolean {
    return this.#entrants.size > 0;
  }

  get first(): Entrant | undefined {
    for (const entrant of this.#entrants.keys()) return entrant;
    return undefined;
  }

  add(entrant: Entrant): void {
    this.#entrants.set(entrant, this.#parts.maxQueueMs > 0 ? performance.now() : 0);
    this.#nextDeadline = Math.min(this.#nextDeadline, entrant.deadline);
    this.#parts.ticker.wake(this);
  }

  remove(entrant: Entrant): void {
    this.#entrants.delete(entrant);
  }

  failAll(error: MemcacheError): void {
    for (let one = this.first; one !== undefined; one = this.first) {
      this.remove(one);
      one.fail(error);
    }
  }

  sweep(now: number): void {
    const { maxQueueMs, shed } = this.#parts;
    if (now >= this.#nextDeadline) this.#expire(now);
    if (maxQueueMs === 0) return;
    for (const [entrant, at] of this.#entrants) {
      if (at > now - maxQueueMs) return;
      this.remove(entrant);
      entrant.fail(shed());
    }
  }

  #expire(now: number): void {
    this.#nextDeadline = Infinity;
    for (const entrant of this.#entrants.keys()) {
      if (entrant.deadline > now && !entrant.abandoned) {
        this.#nextDeadline = Math.min(this.#nextDeadline, entrant.deadline);
        continue;
      }
      this.remove(entrant);
      entrant.fail(this.#parts.late(entrant));
    }
  }
}
