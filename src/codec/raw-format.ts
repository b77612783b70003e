import { BYTES } from './flags.ts';
import { json } from './json-text.ts';
import {
  type ForeignFormat,
  isWhole,
  readBytes,
  refuseForeign,
  wellFormed,
} from './value-format.ts';

/**
 * What is stored by clients that know no flags: bytes and text as they are, whole numbers as decimal digits. As nothing
 * tells these apart, everything is read as bytes, whatever its flags are.
 */
export function rawFormat(codec: 'json' | undefined): ForeignFormat {
  return {
    mask: 0,
    readers: { 0: readBytes },
    write(value) {
      if (typeof value === 'string') return { flags: BYTES, data: wellFormed(value) };
      if (value instanceof Uint8Array) return { flags: BYTES, data: value };
      if (isWhole(value)) return { flags: BYTES, data: String(value) };
      if (codec === 'json') return { flags: BYTES, data: json(value) };
      return refuseForeign('raw', 'bytes, text and whole numbers', value);
    },
  };
}
