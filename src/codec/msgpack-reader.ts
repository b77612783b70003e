import { utf8 } from '../primitives/bytes.ts';
import { emptyObject } from './empty-objects.ts';
import { LONGEST, ShortStrings } from './short-strings.ts';

/*
 * A reader for what plain data is made of. What counts is the memory it takes: 512 callers wait for values at once, and
 * what V8's new space has no room for is copied, kept, and collected late. Of an object of 8 KB msgpackr leaves 43 KB
 * on the heap, this 14 KB, in five sixths of the time where keys and words come again (`npm run bench:micro -- --filter
 * codec`); where none does it takes up to half as long again.
 *
 * The first byte of a value:
 *   00-7f, e0-ff  a small integer             c4 c5 c6      bytes; their length in 1, 2, 4 bytes
 *   80-8f         a map of so many entries    ca cb         float32, float64
 *   90-9f         an array of so many         cc-cf, d0-d3  an integer of 1, 2, 4, 8 bytes, unsigned, signed
 *   a0-bf         text of so many bytes       d9 da db      text; its length in 1, 2, 4 bytes
 *   c0 c2 c3      null, false, true           dc dd, de df  an array, a map; its size in 2, 4 bytes
 */

/** There is something in it that is not read here, or that nobody can read. */
export const GAVE_UP: unique symbol = Symbol('gave up');

const FLOAT64 = 0xcb;
const TEXT8 = 0xd9;
const DEEPEST = 200;
/** Of text that may be one of few words; longer text is mostly met once. */
const LONGEST_WORD = 16;
const TWO_32 = 2 ** 32;
/** The upper half of 2^53. */
const UNSAFE_HIGH = 2 ** 21;
const NOTHING = Buffer.alloc(0);

const words = new ShortStrings(LONGEST_WORD);
const keys = new ShortStrings(LONGEST);
const floats = new DataView(new ArrayBuffer(8));

/** What is being read, the place in it, and its end; -1 when given up. */
let bytes: Buffer = NOTHING;
let at = 0;
let end = 0;
/** Every element takes a byte at least: arrays that claim more in all than there are bytes get no memory. */
let elementsLeft = 0;

/** The value at `from`..`to`, or GAVE_UP; nothing in it aliases the source. */
export function readMsgpack(source: Buffer, from: number, to: number): unknown {
  // A setter on Object.prototype may ask for another value in the midst of this one.
  if (bytes !== NOTHING) return GAVE_UP;
  bytes = source;
  at = from;
  end = Math.min(to, source.length);
  elementsLeft = end - from;
  try {
    const value = read(0);
    return at === end ? value : GAVE_UP;
  } catch {
    return GAVE_UP;
  } finally {
    bytes = NOTHING;
  }
}

function giveUp(): undefined {
  end = -1;
}

function read(depth: number): unknown {
  if (at >= end) return giveUp();
  const token = bytes[at++];
  if (token < 0x80) return token;
  if (token < 0x90) return readMap(token & 0x0f, depth);
  if (token < 0xa0) return readArray(token & 0x0f, depth);
  if (token < 0xc0) return readText(token & 0x1f, words);
  if (token < 0xe0) return readLong(token, depth);
  return token - 0x100;
}

function readLong(token: number, depth: number): unknown {
  if (token < 0xc4) return readConstant(token);
  if (token < 0xc7) return readBytes(unsigned(1 << (token - 0xc4)));
  if (token < 0xca) return giveUp();
  if (token < 0xd4) return readNumber(token);
  if (token < TEXT8) return giveUp();
  if (token < 0xdc) return readText(unsigned(1 << (token - TEXT8)), words);
  if (token < 0xde) return readArray(unsigned(2 << (token - 0xdc)), depth);
  return readMap(unsigned(2 << (token - 0xde)), depth);
}

function readConstant(token: number): boolean | null | undefined {
  if (token === 0xc0) return null;
  return token === 0xc1 ? giveUp() : token === 0xc3;
}

function readNumber(token: number): number | bigint {
  switch (token) {
    case 0xca:
      floats.setUint32(0, unsigned(4));
      return floats.getFloat32(0);
    case FLOAT64:
      return float64();
    case 0xcc:
      return unsigned(1);
    case 0xcd:
      return unsigned(2);
    case 0xce:
      return unsigned(4);
    case 0xcf:
      return long(unsigned(4));
    case 0xd0:
      return (unsigned(1) << 24) >> 24;
    case 0xd1:
      return (unsigned(2) << 16) >> 16;
    case 0xd2:
      return unsigned(4) | 0;
    default:
      return long(unsigned(4) | 0);
  }
}

/** Of 1, 2 or 4 bytes. */
function unsigned(size: number): number {
  const start = at;
  at += size;
  if (at > end) {
    giveUp();
    return 0;
  }
  if (size === 1) return bytes[start];
  const upper = (bytes[start] << 8) | bytes[start + 1];
  if (size === 2) return upper;
  return ((upper << 16) | (bytes[start + 2] << 8) | bytes[start + 3]) >>> 0;
}

/** A number from -2^53 to 2^53, as msgpackr has it; beyond, a bigint. */
function long(high: number): number | bigint {
  const low = unsigned(4);
  const isNumber = high < UNSAFE_HIGH ? high >= -UNSAFE_HIGH : high === UNSAFE_HIGH && low === 0;
  return isNumber ? high * TWO_32 + low : (BigInt(high) << 32n) | BigInt(low);
}

function float64(): number {
  floats.setUint32(0, unsigned(4));
  floats.setUint32(4, unsigned(4));
  return floats.getFloat64(0);
}

function readBytes(length: number): Uint8Array | undefined {
  if (length > end - at) return giveUp();
  const start = at;
  at += length;
  return Uint8Array.prototype.slice.call(bytes, start, at);
}

function readText(length: number, known: ShortStrings): string | undefined {
  if (length > end - at) return giveUp();
  const start = at;
  at += length;
  return known.find(bytes, start, length) ?? freshText(start, at);
}

/** What is not UTF-8, or begins with a byte order mark, is msgpackr's to read. */
function freshText(from: number, to: number): string | undefined {
  const text = utf8(bytes, from, to);
  return text.includes('\ufffd') || text.startsWith('\ufeff') ? giveUp() : text;
}

function readArray(length: number, depth: number): unknown[] | undefined {
  elementsLeft -= length;
  if (length > end - at || elementsLeft < 0 || depth === DEEPEST) return giveUp();
  if (bytes[at] === FLOAT64) return readFloats(length, depth);
  return fill(new Array<unknown>(length), 0, depth);
}

function fill(array: unknown[], from: number, depth: number): unknown[] {
  for (let i = from; i < array.length && end >= 0; i++) array[i] = read(depth + 1);
  return array;
}

/** V8 remembers what arrays of each `new Array` hold: here floats, 8 bytes for each in the place of 24. */
function readFloats(length: number, depth: number): unknown[] {
  const array = new Array<unknown>(length);
  let i = 0;
  for (; i < length && at < end && bytes[at] === FLOAT64; i++) {
    at++;
    array[i] = float64();
  }
  return fill(array, i, depth);
}

function readMap(size: number, depth: number): Record<string, unknown> | undefined {
  if (size > (end - at) / 2 || depth === DEEPEST) return giveUp();
  if (size === 0) return emptyObject(0);
  let key = readKey();
  const object = emptyObject(size, key);
  for (let i = 1; key !== undefined; i++) {
    // V8 copies a float into a property that has only ever had floats; one that has had null takes it as it is. What is
    // there already may be a setter on Object.prototype.
    if (bytes[at] === FLOAT64 && !(key in object)) object[key] = null;
    object[key] = read(depth + 1);
    if (i === size) return object;
    key = readKey();
  }
  return giveUp();
}

/** `__proto__` under the name that msgpackr gives it. */
function readKey(): string | undefined {
  const key = readName();
  return key === '__proto__' ? '__proto_' : key;
}

function readName(): string | undefined {
  if (at >= end) return giveUp();
  const token = bytes[at++];
  if (token === TEXT8) return readText(unsigned(1), keys);
  return token >= 0xa0 && token < 0xc0 ? readText(token & 0x1f, keys) : giveUp();
}
