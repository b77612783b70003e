import { textHash } from './text-hash.ts';

/**
 * Finds which of the texts added since the last `clear` equals a given one. An open-addressing table that is emptied
 * by one fill: half the cost of a Map for the hundred keys of a volley (`npm run bench -- --scenario get`).
 */
export class KeyIndex {
  readonly #mask: number;
  /** 0 is an empty place, else 1 + the text's number. */
  readonly #places: Int32Array;
  readonly #hashes: Int32Array;
  readonly #texts: string[] = [];
  #count = 0;

  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(capacity * 2 + 2));
    this.#mask = size - 1;
    this.#places = new Int32Array(size);
    this.#hashes = new Int32Array(size);
  }

  get size(): number {
    return this.#count;
  }

  /** The number of an equal text, or -1. */
  find(text: string): number {
    return this.#places[this.#placeOf(text, textHash(text))] - 1;
  }

  /** The number of an equal text; if there is none, this one gets the next number, counted from 0. */
  findOrAdd(text: string, code: number = textHash(text)): number {
    const place = this.#placeOf(text, code);
    const found = this.#places[place];
    if (found !== 0) return found - 1;
    const number = this.#count++;
    this.#places[place] = number + 1;
    this.#hashes[place] = code;
    this.#texts[number] = text;
    return number;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#places.fill(0);
    this.#texts.fill('', 0, this.#count);
    this.#count = 0;
  }

  #placeOf(text: string, code: number): number {
    const places = this.#places;
    const mask = this.#mask;
    let place = code & mask;
    for (let found = places[place]; found !== 0; found = places[place]) {
      if (this.#hashes[place] === code && this.#texts[found - 1] === text) break;
      place = (place + 1) & mask;
    }
    return place;
  }
}
