/**
 * A source of chance that can be had again: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c),
 * 32 bits of state, which is enough to choose faults.
 */
export class Chance {
  #state: number;

  /** Each `name` is a sequence of its own, so that one fault does not shift the dice of another. */
  constructor(seed: number, name: string) {
    this.#state = seed | 0;
    for (let i = 0; i < name.length; i++) {
      this.#state = Math.imul(this.#state ^ name.charCodeAt(i), 0x9e3779b1);
    }
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** How many failures stand before the next success of something that succeeds with this probability. */
  gap(probability: number): number {
    if (probability >= 1) return 0;
    return Math.floor(Math.log(1 - this.next()) / Math.log(1 - probability));
  }
}
