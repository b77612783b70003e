import { IllegalInputError } from '../errors.ts';
import { asBuffer, isText, latin1 } from '../primitives/bytes.ts';
import { kindOf } from '../primitives/kind.ts';

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
 * The wire form of a caller's key behind an already legal prefix. Text is sent as UTF-8. A Uint8Array that holds bytes
 * of 0x00-0x20 or 0x7f gets the base64 form, which takes a server that speaks the meta commands.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) for anything the server would take for something else: no string or
 * Uint8Array, empty, over 250 bytes (186 for base64), text with such bytes, or text that is not well-formed, since
 * UTF-8 would make one key of two. (memcached takes the bytes of a value for commands when its key is too long, so
 * this is a safety check, not a courtesy.)
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
  // What is looked at is what is sent: shared memory may change in between.
  const text = latin1(bytes, 0, bytes.length);
  const illegal = firstIllegal(text);
  if (illegal === -1) return prefix + text;
  if (typeof key !== 'string') return base64Key(bytes, prefix);
  throw illegalText(text, illegal);
}

/** Offset of the first byte that separates or ends words on the wire, or -1; one character per byte. */
export const firstIllegal = (text: string): number => text.search(/[\0-\x20\x7f]/);

/** What is wrong with text that holds such a byte. */
export function illegalText(text: string, at: number): IllegalInputError {
  const byte = `0x${text.charCodeAt(at).toString(16).padStart(2, '0')}`;
  return refuse(`holds the byte ${byte} at offset ${at}: text may not hold 0x00-0x20 or 0x7f`);
}

/** Begins the wire form of a key in base64. No other wire key can hold it. */
const BASE64_MARK = '\0';

/** Raw bytes that fit a key in base64: 186 bytes become 248 characters, 187 would become 252. */
export const MAX_BASE64_KEY_BYTES = 186;

/** Whether only a meta command with the `b` flag can carry this key. */
export const isBase64 = (key: WireKey): boolean => key.charCodeAt(0) === 0;

/** The base64 text of such a key: padded, in the standard alphabet, as the server demands. */
export const base64Text = (key: WireKey): string => key.slice(BASE64_MARK.length);

/**
 * Whether a key stands at `start`..`end` as a meta answer spells it: as it was sent, or, where another client has stored
 * the item under it in base64, in base64 all the same.
 */
export function isKeyText(key: WireKey, bytes: Buffer, start: number, end: number): boolean {
  if (isBase64(key)) return isText(base64Text(key), bytes, start, end);
  if (isText(key, bytes, start, end)) return true;
  if (end - start !== 4 * Math.ceil(key.length / 3)) return false;
  return isText(Buffer.from(key, 'latin1').toString('base64'), bytes, start, end);
}

function base64Key(bytes: Buffer, prefix: WireKey): WireKey {
  const whole = Buffer.concat([Buffer.from(prefix, 'latin1'), bytes]);
  if (whole.length <= MAX_BASE64_KEY_BYTES) return BASE64_MARK + whole.toString('base64');
  const length = `${whole.length} bytes with its prefix`;
  throw refuse(
    `holds bytes of 0x00-0x20 or 0x7f and takes ${length}: at most ${MAX_BASE64_KEY_BYTES} fit in base64`,
  );
}

/** The bytes a key stands for, legal or not; throws for what is no key at all. */
export function keyBytes(key: unknown): Buffer {
  if (typeof key === 'string' && key.isWellFormed()) return Buffer.from(key, 'utf8');
  if (typeof key === 'string')
    throw refuse('is not well-formed text: it holds half a surrogate pair');
  if (key instanceof Uint8Array) return asBuffer(key);
  throw refuse(`must be a string or a Uint8Array, not ${kindOf(key)}`);
}

/**
 * The form of a key prefix that goes before every key; an empty one is legal here.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) as `wireKey` does.
 */
export function wirePrefix(prefix: string | Uint8Array): WireKey {
  const wire = prefix.length === 0 ? '' : wireKey(prefix, '');
  if (isBase64(wire)) throw refuse('prefix may not hold bytes of 0x00-0x20 or 0x7f');
  return wire;
}
