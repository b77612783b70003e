import { writeUtf8 } from '../primitives/bytes.ts';
import type { HashKey } from './hasher.ts';

const FIRST_ROOM = 1024;
/** What a character of a string takes at most in UTF-8. */
const MOST_BYTES_PER_CHARACTER = 3;

/**
 * The bytes of one key at a time, text as UTF-8, in memory that is used again for the next: read them before anything
 * else is loaded.
 */
export class KeyBytes {
  bytes: Buffer = Buffer.alloc(FIRST_ROOM);
  length = 0;

  load(key: HashKey): void {
    if (typeof key === 'string') this.#loadText(key);
    else {
      this.reserve(key.length);
      const { bytes } = this;
      for (let i = 0; i < key.length; i++) bytes[i] = key[i];
      this.length = key.length;
    }
  }

  reserve(length: number): void {
    if (length > this.bytes.length) this.bytes = Buffer.alloc(length * 2);
  }

  /** Character by character: for the length of a key that is faster than a call out of JavaScript. */
  #loadText(text: string): void {
    const { length } = text;
    this.reserve(length * MOST_BYTES_PER_CHARACTER);
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.length = writeUtf8(bytes, text, 0);
        return;
      }
      bytes[i] = code;
    }
    this.length = length;
  }
}

/** One for all hashes: a hash is done before the next begins. */
export const keyBytes: KeyBytes = new KeyBytes();

/** The key with a number in front. */
export function numbered(number: number, key: HashKey): HashKey {
  return typeof key === 'string'
    ? `${number}${key}`
    : Buffer.concat([Buffer.from(`${number}`), key]);
}
