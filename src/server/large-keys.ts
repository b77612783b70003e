import type { WireKey } from '../protocol/key.ts';

const MOST_KEYS = 1024;

/** Keys lately seen with a large value, the oldest forgotten first. */
export class LargeKeys {
  readonly #keys = new Set<WireKey>();

  get size(): number {
    return this.#keys.size;
  }

  has(key: WireKey): boolean {
    return this.#keys.has(key);
  }

  add(key: WireKey): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= MOST_KEYS) return;
    const oldest = this.#keys.values().next();
    if (oldest.done !== true) this.#keys.delete(oldest.value);
  }

  delete(key: WireKey): void {
    this.#keys.delete(key);
  }
}
