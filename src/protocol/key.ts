import { IllegalInputError } from '../errors.ts';
import { asBuffer, latin1 } from '../primitives/bytes.ts';

/** The server's limit, counted in bytes on the wire: prefix, key and encoding together. */
export const MAX_KEY_BYTES = 250;

/**
 * A key as it stands on the wire, one character per byte. Keys of plain ASCII text are their own wire keys, so the
 * usual key is never copied; two spellings of the same bytes (text and Uint8Array) are one wire key.
 */
export type WireKey = string;

const refuse = (problem: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_KEY', `key ${problem}`);

/**
 * The wire form of a caller's key behind an already legal prefix. Text is sent as UTF-8.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) for anything the classic protocol would take for something else: no
 * string or Uint8Array, empty, over 250 bytes, or holding a byte of 0x00-0x20 or 0x7f. (memcached takes the bytes of
 * a value for commands when its key is too long, so this is a safety check, not a courtesy.)
 */
export function wireKey(key: string | Uint8Array, prefix: WireKey): WireKey {
  if (typeof key === 'string' && key !== '') {
    const wire = prefix === '' ? key : prefix + key;
    if (isPlain(wire)) return wire;
  }
  return carefully(key, prefix);
}

/** Legal as it is: 1 to 250 characters of 0x21-0x7e. */
function isPlain(key: string): boolean {
  const length = key.length;
  if (length > MAX_KEY_BYTES) return false;
  for (let i = 0; i < length; i++) {
    const code = key.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

function carefully(key: unknown, prefix: WireKey): WireKey {
  const bytes = keyBytes(key);
  if (bytes.length === 0) throw refuse('must not be empty');
  const length = prefix.length + bytes.length;
  if (length > MAX_KEY_BYTES) {
    throw refuse(`takes ${length} bytes with its prefix, at most ${MAX_KEY_BYTES} are allowed`);
  }
  checkBytes(bytes);
  return prefix + latin1(bytes, 0, bytes.length);
}

function keyBytes(key: unknown): Buffer {
  if (typeof key === 'string') return Buffer.from(key, 'utf8');
  if (key instanceof Uint8Array) return asBuffer(key);
  throw refuse(`must be a string or a Uint8Array, not ${kindOf(key)}`);
}

function checkBytes(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte > 0x20 && byte !== 0x7f) continue;
    throw refuse(
      `holds the byte 0x${byte.toString(16).padStart(2, '0')} at offset ${i}: 0x00-0x20 and 0x7f are not allowed`,
    );
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : typeof value;
}

/**
 * The form of a key prefix that goes before every key; an empty one is legal here.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) as `wireKey` does.
 */
export function wirePrefix(prefix: string | Uint8Array): WireKey {
  return prefix.length === 0 ? '' : wireKey(prefix, '');
}

/** Raw bytes that fit a meta command's key in base64: 186 bytes become 248 characters, 187 would become 252. */
export const MAX_BASE64_KEY_BYTES = 186;

/**
 * The wire form of any bytes for a meta command with the `b` flag: padded standard base64, as the server demands.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) for an empty key or more than 186 bytes, prefix included.
 */
export function base64Key(key: string | Uint8Array, prefix: WireKey): WireKey {
  const bytes = keyBytes(key);
  if (bytes.length === 0) throw refuse('must not be empty');
  const whole = Buffer.concat([Buffer.from(prefix, 'latin1'), bytes]);
  if (whole.length > MAX_BASE64_KEY_BYTES) {
    throw refuse(
      `takes ${whole.length} bytes with its prefix, at most ${MAX_BASE64_KEY_BYTES} fit in base64`,
    );
  }
  return whole.toString('base64');
}
