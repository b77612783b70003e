import { decodeError } from './codec-errors.ts';
import { json } from './json-text.ts';
import {
  type ForeignFormat,
  type ForeignItem,
  isLong,
  isWhole,
  type Read,
  readBytes,
  readText,
  refuseForeign,
  wellFormed,
} from './value-format.ts';
import { gunzip, gzip } from './zlib-streams.ts';

/*
 * spymemcached's SerializingTranscoder, which EVCache and xmemcached follow. Flags:
 *
 *   bit 0      Java serialization, which can run code and is not read
 *   bit 1      gzip
 *   bits 8-15  0 text, 1 boolean, 2 int, 3 long, 4 date, 5 byte, 6 float, 7 double, 8 bytes
 *
 * Numbers are big-endian bytes without the leading zero bytes (so zero is empty), a date is the milliseconds of its
 * epoch as a long, a float or double is its IEEE bits so packed, and a boolean is the character 1 or 0.
 */
const COMPRESSED = 2;
const TEXT = 0;
const BOOLEAN = 1 << 8;
const INT = 2 << 8;
const LONG = 3 << 8;
const DATE = 4 << 8;
const BYTE = 5 << 8;
const FLOAT = 6 << 8;
const DOUBLE = 7 << 8;
const BYTE_ARRAY = 8 << 8;

const ONE = 0x31;
const LONG_BYTES = 8;

function packed(flags: number, wide: Buffer): ForeignItem {
  const first = wide.findIndex((byte) => byte !== 0);
  return { flags, data: wide.subarray(first === -1 ? wide.length : first), whole: true };
}

function packLong(flags: number, value: bigint): ForeignItem {
  const wide = Buffer.allocUnsafe(LONG_BYTES);
  wide.writeBigInt64BE(value, 0);
  return packed(flags, wide);
}

function packDouble(value: number): ForeignItem {
  const wide = Buffer.allocUnsafe(LONG_BYTES);
  wide.writeDoubleBE(value, 0);
  return packed(DOUBLE, wide);
}

function packDate(date: Date): ForeignItem | undefined {
  const milliseconds = date.getTime();
  return Number.isNaN(milliseconds) ? undefined : packLong(DATE, BigInt(milliseconds));
}

/** The packed bytes with their leading zero bytes again. */
function widened(bytes: Buffer, start: number, end: number, width: number): Buffer {
  if (end - start > width) throw decodeError('the stored number cannot be read');
  const wide = Buffer.alloc(width);
  bytes.copy(wide, width - (end - start), start, end);
  return wide;
}

const readLong: Read = (bytes, start, end) => {
  const value = widened(bytes, start, end, LONG_BYTES).readBigInt64BE(0);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
};

const READERS: Readonly<Record<number, Read>> = {
  [TEXT]: readText,
  [BOOLEAN]: (bytes, start, end) => {
    if (end - start !== 1) throw decodeError('the stored boolean cannot be read');
    return bytes[start] === ONE;
  },
  [INT]: (bytes, start, end) => widened(bytes, start, end, 4).readInt32BE(0),
  [LONG]: readLong,
  [DATE]: (bytes, start, end) => new Date(Number(readLong(bytes, start, end, false))),
  [BYTE]: (bytes, start, end) => widened(bytes, start, end, 1).readInt8(0),
  [FLOAT]: (bytes, start, end) => widened(bytes, start, end, 4).readFloatBE(0),
  [DOUBLE]: (bytes, start, end) => widened(bytes, start, end, LONG_BYTES).readDoubleBE(0),
  [BYTE_ARRAY]: readBytes,
};

function writeScalar(value: unknown): ForeignItem | undefined {
  if (isWhole(value)) return isLong(value) ? packLong(LONG, BigInt(value)) : undefined;
  if (typeof value === 'number') return packDouble(value);
  if (typeof value === 'boolean') return { flags: BOOLEAN, data: value ? '1' : '0', whole: true };
  return value instanceof Date ? packDate(value) : undefined;
}

/**
 * Whole numbers are always longs: a Java program could not cast what is an int one day and a long the next. The server
 * cannot count them; counters are text of digits, here as there. With `'json'`, objects are JSON text.
 */
export function spymemcachedFormat(codec: 'json' | undefined): ForeignFormat {
  return {
    mask: -1,
    compression: { mask: COMPRESSED, flags: COMPRESSED, compress: gzip, decompress: gunzip },
    readers: READERS,
    write(value) {
      if (typeof value === 'string') return { flags: TEXT, data: wellFormed(value) };
      if (value instanceof Uint8Array) return { flags: BYTE_ARRAY, data: value };
      const scalar = writeScalar(value);
      if (scalar !== undefined) return scalar;
      const isObject = typeof value === 'object' && !(value instanceof Date);
      if (codec === 'json' && isObject) return { flags: TEXT, data: json(value) };
      const carries = 'bytes, text, numbers of 64 bits, booleans and dates';
      return refuseForeign('spymemcached', carries, value);
    },
  };
}
