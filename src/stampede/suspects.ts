import type { Clock } from './clock.ts';

const CAPACITY = 10_000;
/** A random part of this share is added to the time a winner has, so that not all processes suspect it at once. */
const STRETCH = 0.5;

interface Suspect {
  readonly lease: string;
  since: number;
  /** When somebody here is to take its place. */
  due: number;
}

/**
 * Leases that others have won, and since when this process knows. An item that was there when its lease was given out
 * says "lost" to everybody for as long as it lives: should the winner have died, somebody else has to notice.
 */
export class Suspects {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** The one that was noticed longest ago comes first. */
  readonly #suspects = new Map<string, Suspect>();

  constructor(clock: Clock, capacity: number = CAPACITY) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#suspects.size;
  }

  /**
   * Notes that a lease is out; true when its winner has had `lockMs` and more, once in that time. `atOnce` asks without
   * the random part.
   */
  overdue(id: string, lease: string, lockMs: number, atOnce: boolean): boolean {
    const now = this.#clock.now();
    const suspect = this.#suspects.get(id);
    if (suspect?.lease !== lease) {
      this.#note(id, lease, now, lockMs);
      return false;
    }
    if (now < (atOnce ? suspect.since + lockMs : suspect.due)) return false;
    suspect.since = now;
    suspect.due = this.#due(now, lockMs);
    return true;
  }

  /** The lease has been used. */
  clear(id: string): void {
    this.#suspects.delete(id);
  }

  #note(id: string, lease: string, now: number, lockMs: number): void {
    this.#suspects.delete(id);
    if (this.#suspects.size >= this.#capacity) {
      const oldest = this.#suspects.keys().next();
      if (oldest.done !== true) this.#suspects.delete(oldest.value);
    }
    this.#suspects.set(id, { lease, since: now, due: this.#due(now, lockMs) });
  }

  #due(now: number, lockMs: number): number {
    return now + lockMs * (1 + STRETCH * this.#clock.random());
  }
}
