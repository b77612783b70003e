import { isUtf8 } from 'node:buffer';
import { utf8 } from '../primitives/bytes.ts';
import { decodeError } from './codec-errors.ts';
import {
  BYTES,
  EMPTY,
  INTEGER,
  JSON_TEXT,
  type Kind,
  LONG,
  MSGPACK,
  TEXT,
  type V8,
} from './flags.ts';
import { parseJson } from './json-text.ts';
import { unpack } from './serializer.ts';

/**
 * The hot path. Looking first whether the bytes are ASCII costs more (a view) than the latin1 slice it allows would
 * save: `npm run bench -- --scenario codec`. Looking for U+FFFD afterwards is nearly free, since a string of one-byte
 * characters cannot hold it.
 */
function decodeText(bytes: Buffer, start: number, end: number): string {
  const text = utf8(bytes, start, end);
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
    throw decodeError('the stored text is not UTF-8');
  }
  return text;
}

/**
 * Bytes of their own. Small ones share Node's 8 KiB slabs, as all small Buffers do: a slab of its own for each 100
 * bytes takes six times as long.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  copy.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return copy;
}

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const BLANK = 0x20;
/** Fifteen digits are always a safe integer. */
const FAST_DIGITS = 15;
/** Python's own limit: reading a number takes time quadratic in its digits. */
const MOST_DIGITS = 4300;

/** A whole number in ASCII, with the blanks `decr` leaves behind it. Beyond 2^53 it is a bigint. */
function decodeInteger(bytes: Buffer, start: number, end: number): number | bigint {
  while (end > start && bytes[end - 1] === BLANK) end--;
  const sign = bytes[start];
  const digits = sign === MINUS || sign === PLUS ? start + 1 : start;
  const count = end - digits;
  if (count < 1 || count > MOST_DIGITS) throw decodeError('the stored integer cannot be read');
  const value = readDigits(bytes, digits, end);
  if (count > FAST_DIGITS) return decodeLong(bytes.toString('latin1', digits, end), sign === MINUS);
  return sign === MINUS && value !== 0 ? -value : value;
}

function readDigits(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) throw decodeError('the stored integer cannot be read');
    value = value * 10 + digit;
  }
  return value;
}

function decodeLong(digits: string, negative: boolean): number | bigint {
  const magnitude = BigInt(digits);
  const exact = negative ? -magnitude : magnitude;
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

/** A view without checksum and compression, to a value that does not alias it unless `owned` allows that. */
// oxlint-disable-next-line max-params -- the hot path: an object for the view would be garbage per value
export function decodePlain(
  kind: Exclude<Kind, typeof V8>,
  bytes: Buffer,
  start: number,
  end: number,
  owned: boolean,
): unknown {
  switch (kind) {
    case TEXT:
      return decodeText(bytes, start, end);
    case BYTES:
    case EMPTY:
      return owned ? bytes.subarray(start, end) : copyBytes(bytes, start, end);
    case INTEGER:
    case LONG:
      return decodeInteger(bytes, start, end);
    case MSGPACK:
      return unpack(bytes, start, end);
    case JSON_TEXT:
      return parseJson(decodeText(bytes, start, end));
  }
}
