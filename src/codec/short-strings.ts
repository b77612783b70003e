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
 * wire: then they are not made again, and take no memory. However many are met, this grows no larger. A string gets a
 * place, or another's, when it is missed there twice in a row: what comes but once drives nothing out, and costs the
 * search beside its making.
 */
export class ShortStrings {
  readonly #longest: number;
  readonly #make: (words: Int32Array, length: number) => string;
  readonly #strings = new Array<string>(PLACES).fill('');
  readonly #lengths = new Uint8Array(PLACES);
  readonly #words = new Int32Array(PLACES * WORDS);
  /** Hashes of what was missed last. */
  readonly #missed = new Int32Array(PLACES);
  readonly #asked = new Int32Array(WORDS);

  /** Longer ones than `longest` bytes (LONGEST at most) are not looked for. */
  constructor(longest: number, make: typeof asciiText = asciiText) {
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
    const string = this.#make(asked, length);
    if (this.#missed[place] === hash) this.#keep(string, place, count);
    else this.#missed[place] = hash;
    return string;
  }

  #isAsked(at: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#words[at + i] !== this.#asked[i]) return false;
    return true;
  }

  #keep(string: string, place: number, count: number): void {
    this.#strings[place] = string;
    this.#lengths[place] = string.length;
    for (let i = 0; i < count; i++) this.#words[place * WORDS + i] = this.#asked[i];
  }
}

const codes = Array.from({ length: LONGEST + 1 }, (_, length) => new Array<number>(length).fill(0));

/**
 * Of the words, not of the bytes once more: another thread may have changed them, and others will ask for the words.
 * Up to 32 characters this takes half the time of `latin1`.
 */
export function asciiText(words: Int32Array, length: number): string {
  const text = codes[length];
  for (let i = 0, at = 0; at < length; i++) {
    const word = words[i];
    text[at++] = word & 0x7f;
    if (at < length) text[at++] = (word >> 8) & 0x7f;
    if (at < length) text[at++] = (word >> 16) & 0x7f;
    if (at < length) text[at++] = word >>> 24;
  }
  return String.fromCharCode(...text);
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
