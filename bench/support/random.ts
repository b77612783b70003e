/**
 * Mulberry32: the same numbers in every process and every run. A linear congruential generator will not do: its low bits
 * repeat, and lz4 finds that.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 24 bits. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 8;
  }

  /** 0 to 1, 1 excluded. */
  share(): number {
    return this.bits() / 2 ** 24;
  }

  /** A whole number from 0, `end` excluded. */
  below(end: number): number {
    return Math.floor(this.share() * end);
  }

  between(least: number, end: number): number {
    return least + this.share() * (end - least);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(this.below(left.length), 1)[0]);
  }

  /** One that goes its own way: what is drawn from it changes nothing here. */
  fork(): Random {
    return new Random(this.bits());
  }
}
