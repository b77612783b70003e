import type { WireKey } from '../protocol/key.ts';

/**
 * Keeps the operations on one key in the order they were issued while a value for it is being encoded elsewhere: what
 * comes after waits behind it. Consulted only when not empty.
 */
export class KeyOrder {
  readonly #waiting = new Map<WireKey, (() => void)[]>();

  get size(): number {
    return this.#waiting.size;
  }

  /** From now on operations on this key have to wait, until `finish`. */
  begin(key: WireKey): void {
    if (!this.#waiting.has(key)) this.#waiting.set(key, []);
  }

  /** Runs `operation` now, or after those on its key that were issued before it. */
  inTurn(key: WireKey, operation: () => void): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) operation();
    else waiting.push(operation);
  }

  has(key: WireKey): boolean {
    return this.#waiting.has(key);
  }

  finish(key: WireKey): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    // One of them may have to wait anew, and those behind it with it.
    for (const operation of waiting ?? []) this.inTurn(key, operation);
  }
}
