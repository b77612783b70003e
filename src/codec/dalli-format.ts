import { json } from './json-text.ts';
import {
  type ForeignFormat,
  isWhole,
  readBytes,
  readJson,
  readText,
  refuseForeign,
  wellFormed,
} from './value-format.ts';
import { deflate, inflate } from './zlib-streams.ts';

/*
 * dalli (Ruby), flags:
 *
 *   0 raw string | 1 serialized | 2 zlib | 4 raw string in UTF-8 (written since 5.0.4, not looked at before)
 *
 * Serialized is Marshal unless the Ruby side sets another serializer. Marshal can run code and is not read. Counters
 * and what is stored with `raw: true` have flags 0.
 */
const RAW = 0;
const SERIALIZED = 1;
const COMPRESSED = 2;
const UTF8 = 4;

/** With `'json'`, for a Ruby side with a JSON serializer. */
export function dalliFormat(codec: 'json' | undefined): ForeignFormat {
  return {
    mask: -1,
    compression: { mask: COMPRESSED, flags: COMPRESSED, compress: deflate, decompress: inflate },
    readers: {
      [RAW]: readBytes,
      [UTF8]: readText,
      ...(codec === 'json' && { [SERIALIZED]: readJson }),
    },
    write(value) {
      if (typeof value === 'string') return { flags: UTF8, data: wellFormed(value) };
      if (value instanceof Uint8Array) return { flags: RAW, data: value };
      if (isWhole(value)) return { flags: RAW, data: String(value), whole: true };
      if (codec === 'json') return { flags: SERIALIZED, data: json(value) };
      return refuseForeign('dalli', 'bytes, text and whole numbers', value);
    },
  };
}
