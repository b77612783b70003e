import { Ring } from '../primitives/ring.ts';

/** What joined from this place on, up to the next mark, began to wait at this time. */
interface Mark {
  readonly from: number;
  readonly at: number;
}

/**
 * When what waits in a queue began to: first come, first gone. Noted once for all that come in one moment. Times are 0
 * where nobody asks for them.
 */
export class QueueTimes {
  readonly #marks = new Ring<Mark>();
  #joined = 0;
  #left = 0;
  /** What is collected now joins later, and has waited since then: 0 for nothing. */
  #collectedFrom = 0;
  #latest = 0;
  /** Of the oldest. */
  #at = 0;

  /** Something is collected that joins later. */
  collects(at: number): void {
    if (this.#collectedFrom === 0) this.#collectedFrom = at;
  }

  /** Whatever was being collected has joined. */
  sealed(): void {
    this.#collectedFrom = 0;
  }

  /** One more at the end, at this time. */
  joined(now: number): void {
    const from = this.#joined++;
    const at = now > 0 && this.#collectedFrom > 0 ? this.#collectedFrom : now;
    if (at === this.#latest) return;
    this.#latest = at;
    this.#marks.push({ from, at });
  }

  /** One less at the front. Says when it began to wait. */
  left(): number {
    const place = this.#left++;
    for (let { next } = this.#marks; next !== undefined && next.from <= place;) {
      this.#at = next.at;
      this.#marks.skip();
      next = this.#marks.next;
    }
    return this.#at;
  }
}
