import { latin1 } from '../primitives/bytes.ts';
import { MetaFlags } from './meta-flags.ts';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const VALUE = Buffer.from('VALUE ');
const VA = Buffer.from('VA ');
const MAX_FLAGS = 0xffff_ffff;

/** How far reading a header came. */
export type HeaderVerdict = 'whole' | 'partial' | 'malformed';

/** Reads the header line of an item; its fields hold what the last whole header said. */
export class ValueHeader {
  keyStart = 0;
  keyEnd = 0;
  flags = 0;
  length = 0;
  /** The decimal cas token, or ''. */
  cas = '';
  /** Where the item's bytes begin. */
  body = 0;
  /** What a meta header says beside all that. */
  readonly meta: MetaFlags = new MetaFlags(true);

  #at = 0;

  /** `VALUE <key> <flags> <length> [<cas>]\r\n` standing at `at`; nothing from `end` on has been received. */
  readClassic(bytes: Buffer, at: number, end: number): HeaderVerdict {
    if (!startsWith(bytes, at, end, VALUE)) return 'malformed';
    this.keyStart = at + VALUE.length;
    let keyEnd = this.keyStart;
    while (keyEnd < end && bytes[keyEnd] > SPACE) keyEnd++;
    if (keyEnd >= end) return 'partial';
    if (bytes[keyEnd] !== SPACE || keyEnd === this.keyStart) return 'malformed';
    this.keyEnd = keyEnd;
    this.flags = this.#digits(bytes, keyEnd + 1, end);
    if (this.#at < end && bytes[this.#at] !== SPACE) return 'malformed';
    this.length = this.#digits(bytes, this.#at + 1, end);
    if (this.#at >= end) return 'partial';
    this.cas = '';
    if (bytes[this.#at] === SPACE) {
      const casStart = this.#at + 1;
      if (Number.isNaN(this.#digits(bytes, casStart, end))) return 'malformed';
      this.cas = latin1(bytes, casStart, this.#at);
    }
    return this.#finish(bytes, end);
  }

  /** `VA <length>[ <flag>]*\r\n`. */
  readMeta(bytes: Buffer, at: number, end: number): HeaderVerdict {
    if (!startsWith(bytes, at, end, VA)) return 'malformed';
    this.length = this.#digits(bytes, at + VA.length, end);
    const { meta } = this;
    this.#at = meta.read(bytes, this.#at, end);
    if (this.#at < 0) return 'malformed';
    this.flags = meta.flags;
    this.cas = meta.cas;
    this.keyStart = meta.keyStart;
    this.keyEnd = meta.keyEnd;
    return this.#finish(bytes, end);
  }

  #finish(bytes: Buffer, end: number): HeaderVerdict {
    if (Number.isNaN(this.flags) || this.flags > MAX_FLAGS || Number.isNaN(this.length))
      return 'malformed';
    if (this.#at < end && bytes[this.#at] !== CR) return 'malformed';
    if (this.#at + 1 < end && bytes[this.#at + 1] !== LF) return 'malformed';
    this.body = this.#at + 2;
    return this.body <= end ? 'whole' : 'partial';
  }

  /** A decimal number from `at`; NaN when no digit stands there. Leaves #at behind it. */
  #digits(bytes: Buffer, at: number, end: number): number {
    let value = 0;
    let next = at;
    while (next < end) {
      const digit = bytes[next] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      next++;
    }
    this.#at = next;
    return next === at && at < end ? Number.NaN : value;
  }
}

function startsWith(bytes: Buffer, at: number, end: number, word: Buffer): boolean {
  const length = Math.min(word.length, end - at);
  for (let i = 0; i < length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}
