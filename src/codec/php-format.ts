import { isUtf8 } from 'node:buffer';
import { latin1, utf8 } from '../primitives/bytes.ts';
import { decodeError } from './codec-errors.ts';
import { copyBytes } from './plain.ts';
import { json } from './json-text.ts';
import {
  type ForeignFormat,
  type ForeignItem,
  isLong,
  isWhole,
  readInteger,
  readJson,
  type Read,
  refuseForeign,
  wellFormed,
} from './value-format.ts';
import { deflate, inflate } from './zlib-streams.ts';

/*
 * php-memcached, flags:
 *
 *   bits 0-3    0 string, 1 long, 2 double, 3 bool, 4 PHP's serialize, 5 igbinary, 6 JSON, 7 msgpack
 *   bits 4-7    compressed, and by what: zlib, fastlz, zstd
 *   bits 16-31  the application's own
 *
 * Long and double are decimal text, true is `1` and false is empty. A compressed item is the original length, u32 in
 * the machine's order (little-endian wherever PHP is run today), then what the compressor wrote.
 */
const STRING = 0;
const LONG = 1;
const DOUBLE = 2;
const BOOL = 3;
const JSON_TEXT = 6;
const COMPRESSED = 1 << 4;
const ZLIB = 1 << 5;
const FASTLZ = 1 << 6;
const ZSTD = 1 << 7;

const OWN_FLAGS = 0xffff;
const LENGTH_BYTES = 4;
const ONE = 0x31;

/** PHP has one kind of string: it is text where it is UTF-8. */
const readString: Read = (bytes, start, end, owned) => {
  const view = bytes.subarray(start, end);
  if (isUtf8(view)) return utf8(bytes, start, end);
  return owned ? view : copyBytes(bytes, start, end);
};

const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const BEYOND_DECIMAL = ['Infinity', '-Infinity', 'NaN'];

const readDouble: Read = (bytes, start, end) => {
  const text = latin1(bytes, start, end);
  if (DECIMAL.test(text) || BEYOND_DECIMAL.includes(text)) return Number(text);
  throw decodeError('the stored number cannot be read');
};

const readBool: Read = (bytes, start, end) => end > start && bytes[start] === ONE;

function compress(bytes: Uint8Array): Uint8Array {
  const packed = deflate(bytes);
  const item = Buffer.allocUnsafe(LENGTH_BYTES + packed.length);
  item.writeUInt32LE(bytes.length, 0);
  item.set(packed, LENGTH_BYTES);
  return item;
}

function decompress(view: Buffer, maxBytes: number): Buffer {
  const declared = view.readUInt32LE(0);
  if (declared > maxBytes) throw new RangeError('declared size out of bounds');
  const bytes = inflate(view.subarray(LENGTH_BYTES), Math.max(1, declared));
  if (bytes.length !== declared) throw new RangeError('declared size is not the real one');
  return bytes;
}

function writeNumber(value: number): ForeignItem {
  return { flags: DOUBLE, data: Object.is(value, -0) ? '-0' : String(value), whole: true };
}

export function phpFormat(codec: 'json' | undefined): ForeignFormat {
  return {
    mask: OWN_FLAGS,
    compression: {
      mask: COMPRESSED | ZLIB | FASTLZ | ZSTD,
      flags: COMPRESSED | ZLIB,
      compress,
      decompress,
    },
    readers: {
      [STRING]: readString,
      [LONG]: readInteger,
      [DOUBLE]: readDouble,
      [BOOL]: readBool,
      [JSON_TEXT]: readJson,
    },
    write(value) {
      if (typeof value === 'string') return { flags: STRING, data: wellFormed(value) };
      if (value instanceof Uint8Array) return { flags: STRING, data: value };
      if (isWhole(value) && isLong(value)) {
        return { flags: LONG, data: String(value), whole: true };
      }
      if (typeof value === 'number') return writeNumber(value);
      if (typeof value === 'boolean') return { flags: BOOL, data: value ? '1' : '', whole: true };
      if (codec === 'json' && typeof value !== 'bigint') {
        return { flags: JSON_TEXT, data: json(value) };
      }
      return refuseForeign('php', 'bytes, text, numbers of 64 bits and booleans', value);
    },
  };
}
