import { writeLatin1 } from '../primitives/bytes.ts';
import type { HashKey } from './hasher.ts';
import type { KeyBytes } from './key-bytes.ts';

const SINGLE_QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = '0123456789abcdef';
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [BACKSLASH, '\\\\'],
]);
/** What a byte takes at most: `\xff`. */
const MOST_PER_BYTE = 4;
/** b, two quotes. */
const FRAME = 3;

/**
 * Loads a key as pymemcache's murmur3 sees it after Python's text formatting: one byte per code point, its low eight
 * bits; bytes as their Python literal `b'...'`. So the text foo and the bytes foo have different servers.
 */
export function loadAsPython(into: KeyBytes, key: HashKey): void {
  if (typeof key === 'string') loadCodePoints(into, key);
  else loadLiteral(into, key);
}

function loadCodePoints(into: KeyBytes, text: string): void {
  into.reserve(text.length);
  const { bytes } = into;
  const { length } = text;
  let count = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xd800 || code > 0xdbff) bytes[count++] = code;
    else {
      const point = text.codePointAt(i) ?? code;
      bytes[count++] = point;
      if (point > 0xffff) i++;
    }
  }
  into.length = count;
}

/** In single quotes, unless the bytes hold a single quote and no double one. */
function loadLiteral(into: KeyBytes, key: Uint8Array): void {
  into.reserve(key.length * MOST_PER_BYTE + FRAME);
  const { bytes } = into;
  const quote =
    key.includes(SINGLE_QUOTE) && !key.includes(DOUBLE_QUOTE) ? DOUBLE_QUOTE : SINGLE_QUOTE;
  bytes[0] = 0x62;
  bytes[1] = quote;
  let count = 2;
  for (const byte of key) {
    const escape = byte === quote ? `\\${String.fromCharCode(quote)}` : escapeOf(byte);
    if (escape === undefined) bytes[count++] = byte;
    else count += writeLatin1(bytes, escape, count);
  }
  bytes[count++] = quote;
  into.length = count;
}

function escapeOf(byte: number): string | undefined {
  if (byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH) return undefined;
  return ESCAPES.get(byte) ?? `\\x${HEX[byte >>> 4]}${HEX[byte & 15]}`;
}
