import { latin1 } from '../primitives/bytes.ts';

/** How many strings are remembered, as a power of two. */
const PLACE_BITS = 11;
const PLACES = 1 << PLACE_BITS;
const WORD = 4;
const WORDS = 8;
/** The longest string that can be remembered, in bytes. */
export const LONGEST: number = WORDS * WORD;
const NOT_ASCII = 0x80808080;
/** Odd and without a pattern: every byte reaches the upper bits, which choose the place. */
const MULTIPLIER = 0x9e3779b1;

/**
 * ASCII strings that come again and again (keys of objects, words such as 'new'), found by the bytes they have on the
 * wire: then they cost neither a call into C++ nor memory. Where another string has the place it is replaced, so
 * nothing that is read makes this larger or slower.
 */
export class ShortStrings {
  readonly #longest: number;
  readonly #make: (text: string) => string;
  readonly #strings = new Array<string>(PLACES).fill('');
  readonly #lengths = new Uint8Array(PLACES);
  readonly #words = new Int32Array(PLACES * WORDS);
  readonly #asked = new Int32Array(WORDS);
  readonly #text = Buffer.alloc(LONGEST);

  /** Longer ones than `longest` bytes (LONGEST at most) are not looked for; `make` may hand out another for a text. */
  constructor(longest: number, make: (text: string) => string) {
    this.#longest = longest;
    this.#make = make;
  }

  /** Undefined if it is too long or not ASCII. */
  find(bytes: Buffer, at: number, length: number): string | undefined {
    if (length > this.#longest) return undefined;
    const asked = this.#asked;
    const count = (length + WORD - 1) >> 2;
    let all = 0;
    let hash = length;
    for (let i = 0; i < count; i++) {
      const word = wordAt(bytes, at + i * WORD, length - i * WORD);
      asked[i] = word;
      all |= word;
      hash = Math.imul(hash ^ word, MULTIPLIER);
      hash ^= hash >>> 15;
    }
    if ((all & NOT_ASCII) !== 0) return undefined;
    const place = Math.imul(hash, MULTIPLIER) >>> (32 - PLACE_BITS);
    if (this.#lengths[place] === length && this.#isAsked(place * WORDS, count))
      return this.#strings[place];
    const string = this.#make(this.#askedText(length, count));
    this.#strings[place] = string;
    this.#lengths[place] = length;
    this.#words.set(asked, place * WORDS);
    return string;
  }

  /** Of the words, not of the bytes once more: another thread may have changed them, and others will ask for the words. */
  #askedText(length: number, count: number): string {
    for (let i = 0; i < count; i++) this.#text.writeInt32LE(this.#asked[i], i * WORD);
    return latin1(this.#text, 0, length);
  }

  #isAsked(at: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#words[at + i] !== this.#asked[i]) return false;
    return true;
  }
}

/** Up to four bytes; those that are missing are 0. */
function wordAt(bytes: Uint8Array, at: number, left: number): number {
  if (left >= WORD)
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  let word = bytes[at];
  if (left > 1) word |= bytes[at + 1] << 8;
  if (left > 2) word |= bytes[at + 2] << 16;
  return word;
}
