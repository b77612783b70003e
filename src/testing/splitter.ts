import type { Chance } from './chance.ts';

/** Pieces that arrive in reads of their own. */
export type Split = (
  | {
      /** Bytes of each. */
      readonly every: number;
    }
  | {
      /** Bytes of each at most, drawn from 1. */
      readonly upTo: number;
    }
  | {
      /** The bytes before which it is parted, counted from now on or from the start of a later connection. */
      readonly at: readonly number[];
    }
) & {
  /** Milliseconds between pieces. Default: 0, a turn of the event loop: for a client of this process on a machine that is not busy. */
  readonly gapMs?: number;
};

/** Where a stream is parted: by its bytes, never by the chunks it came in. */
export class Splitter {
  readonly #chance: Chance;
  readonly #split: Split;
  readonly #places: readonly number[];
  #offset = 0;
  #border: number;

  constructor(split: Split, chance: Chance) {
    this.#split = split;
    this.#chance = chance;
    this.#places = 'at' in split ? split.at.filter((at) => at > 0).toSorted((a, b) => a - b) : [];
    this.#border = this.#next();
  }

  get gapMs(): number {
    return this.#split.gapMs ?? 0;
  }

  /** Bytes that may pass before the next border. */
  get room(): number {
    return this.#border - this.#offset;
  }

  /** True when the stream is to be parted here. */
  pass(bytes: number): boolean {
    this.#offset += bytes;
    if (this.#offset < this.#border) return false;
    this.#border = this.#next();
    return true;
  }

  #next(): number {
    const split = this.#split;
    if ('every' in split) return this.#offset + split.every;
    if ('upTo' in split) return this.#offset + this.#chance.between(1, split.upTo);
    return this.#places.find((place) => place > this.#offset) ?? Infinity;
  }
}
