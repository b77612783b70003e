import { latin1 } from '../primitives/bytes.ts';
import { decodeError } from './codec-errors.ts';
import { json, parseJson } from './json-text.ts';
import {
  type ForeignFormat,
  isWhole,
  type Read,
  readInteger,
  readText,
  wellFormed,
} from './value-format.ts';

/*
 * The npm package `memcached`, flags: 0 text | 2 JSON | 4 bytes | 8 number
 *
 * Whatever it is, it goes through text: bytes become one character each, a backslash is put before every CR and LF, and
 * the text is stored as UTF-8.
 */
const TEXT = 0;
const JSON_TEXT = 2;
const BINARY = 4;
const NUMERIC = 8;

const LINE_BREAK = /[\r\n]/g;
const ESCAPED_LINE_BREAK = /\\([\r\n])/g;
const BEYOND_LATIN1 = /[\u0100-\uffff]/;
const WHOLE = /^-?\d+ *$/;

const escape = (text: string): string => text.replace(LINE_BREAK, '\\$&');

const readEscaped: Read = (bytes, start, end) =>
  (readText(bytes, start, end, false) as string).replace(ESCAPED_LINE_BREAK, '$1');

const readBinary: Read = (bytes, start, end) => {
  const text = readEscaped(bytes, start, end, false) as string;
  if (BEYOND_LATIN1.test(text)) throw decodeError('the stored text does not stand for bytes');
  return Buffer.from(text, 'latin1');
};

const readNumber: Read = (bytes, start, end) => {
  const text = latin1(bytes, start, end);
  if (WHOLE.test(text)) return readInteger(bytes, start, end, false);
  const value = Number(text);
  if (text.trim() !== '' && (text === 'NaN' || !Number.isNaN(value))) return value;
  throw decodeError('the stored number cannot be read');
};

/** Everything that is neither text, bytes nor a number is JSON, whatever the option `codec` is. */
export function npmMemcachedFormat(): ForeignFormat {
  return {
    mask: -1,
    readers: {
      [TEXT]: readEscaped,
      [JSON_TEXT]: (bytes, start, end) =>
        parseJson(readEscaped(bytes, start, end, false) as string),
      [BINARY]: readBinary,
      [NUMERIC]: readNumber,
    },
    write(value) {
      if (typeof value === 'string') return { flags: TEXT, data: escape(wellFormed(value)) };
      if (value instanceof Uint8Array) {
        return { flags: BINARY, data: escape(Buffer.from(value).toString('latin1')) };
      }
      if (typeof value === 'number' || isWhole(value)) {
        return { flags: NUMERIC, data: String(value) };
      }
      return { flags: JSON_TEXT, data: json(value) };
    },
  };
}
