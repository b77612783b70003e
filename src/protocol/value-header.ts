import { latin1 } from '../primitives/bytes.ts';
import { MetaFlags } from './meta-flags.ts';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const VALUE = Buffer.from('VALUE ');
/** Of a classic header. */
export const KEY_OFFSET = 6;
const VA = Buffer.from('VA ');
const MAX_FLAGS = 0xffff_ffff;

/** What reading a header answers for one that has not come whole, and for what is none. */
export const PARTIAL = 0;
export const MALFORMED = -1;

/** Reads the header line of an item; its fields hold what the last whole header said. */
export class ValueHeader {
  keyStart = 0;
  keyEnd = 0;
  flags = 0;
  length = 0;
  /** The decimal cas token, or ''. */
  cas = '';
  /** What a meta header says beside all that. */
  readonly meta: MetaFlags = new MetaFlags(true);

  /**
   * `VALUE <key> <flags> <length> [<cas>]\r\n` standing at `at`; nothing from `end` on has been received. Answers where
   * the item's bytes begin. Of the key `known` bytes have been looked at.
   */
  // oxlint-disable-next-line complexity -- the hot path: in pieces it takes a fifth longer (`--scenario guards`)
  readClassic(bytes: Buffer, at: number, end: number, known = 0): number {
    if (!startsWithValue(bytes, at, end)) return MALFORMED;
    const keyStart = at + KEY_OFFSET;
    let next = keyStart + known;
    while (next < end && bytes[next] > SPACE) next++;
    if (next >= end) return PARTIAL;
    if (bytes[next] !== SPACE || next === keyStart) return MALFORMED;
    this.keyStart = keyStart;
    this.keyEnd = next;
    const flagsStart = ++next;
    let flags = 0;
    while (next < end && isDigit(bytes[next])) flags = flags * 10 + bytes[next++] - ZERO;
    if (next >= end) return PARTIAL;
    if (bytes[next] !== SPACE || next === flagsStart) return MALFORMED;
    const lengthStart = ++next;
    let length = 0;
    while (next < end && isDigit(bytes[next])) length = length * 10 + bytes[next++] - ZERO;
    if (next >= end) return PARTIAL;
    if (next === lengthStart) return MALFORMED;
    this.flags = flags;
    this.length = length;
    this.cas = '';
    return this.#finish(bytes, bytes[next] === SPACE ? this.#readCas(bytes, next, end) : next, end);
  }

  /** `VA <length>[ <flag>]*\r\n`. */
  readMeta(bytes: Buffer, at: number, end: number): number {
    if (!startsWith(bytes, at, end, VA)) return MALFORMED;
    const lengthStart = at + VA.length;
    const lengthEnd = digitsEnd(bytes, lengthStart, end);
    if (lengthEnd >= end) return PARTIAL;
    if (lengthEnd === lengthStart) return MALFORMED;
    this.length = Number(latin1(bytes, lengthStart, lengthEnd));
    const { meta } = this;
    const next = meta.read(bytes, lengthEnd, end);
    this.flags = meta.flags;
    this.cas = meta.cas;
    this.keyStart = meta.keyStart;
    this.keyEnd = meta.keyEnd;
    return this.#finish(bytes, next, end);
  }

  /** The token behind the space at `at`; where it ends, -1 if none stands there. */
  #readCas(bytes: Buffer, at: number, end: number): number {
    const next = digitsEnd(bytes, at + 1, end);
    this.cas = latin1(bytes, at + 1, next);
    return next === at + 1 && next < end ? -1 : next;
  }

  /** The line's end, awaited at `at`. */
  #finish(bytes: Buffer, at: number, end: number): number {
    if (at < 0 || !(this.flags <= MAX_FLAGS)) return MALFORMED;
    if (at < end && bytes[at] !== CR) return MALFORMED;
    if (at + 1 < end && bytes[at + 1] !== LF) return MALFORMED;
    return at + 2 <= end ? at + 2 : PARTIAL;
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

function digitsEnd(bytes: Buffer, at: number, end: number): number {
  while (at < end && isDigit(bytes[at])) at++;
  return at;
}

/** `VALUE `, spelled out: a loop took 5 ns more of an item's 50 (`npm run bench:micro -- --filter parser`). */
function startsWithValue(bytes: Buffer, at: number, end: number): boolean {
  if (end - at < KEY_OFFSET) return startsWith(bytes, at, end, VALUE);
  return (
    bytes[at] === 0x56 &&
    bytes[at + 1] === 0x41 &&
    bytes[at + 2] === 0x4c &&
    bytes[at + 3] === 0x55 &&
    bytes[at + 4] === 0x45 &&
    bytes[at + 5] === SPACE
  );
}

function startsWith(bytes: Buffer, at: number, end: number, word: Buffer): boolean {
  const length = Math.min(word.length, end - at);
  for (let i = 0; i < length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}
