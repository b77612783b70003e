import { createHash } from '../primitives/late-crypto.ts';
import { latin1, utf8 } from '../primitives/bytes.ts';
import {
  base64Text,
  firstIllegal,
  illegalText,
  isBase64,
  keyBytes,
  MAX_BASE64_KEY_BYTES,
  MAX_KEY_BYTES,
  type WireKey,
  wireKey,
} from './key.ts';

/**
 * Makes the wire form of a caller's key behind an already legal prefix. Whatever a rule makes is checked by `wireKey`.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) for keys it has no form for.
 */
export type KeyRule = (key: string | Uint8Array, prefix: WireKey) => WireKey;

/**
 * - `strict`: the key as it is; what is longer than the server allows is refused.
 * - `hash`: a key that is too long keeps its beginning, and a digest stands for the rest.
 * - `md5`: every key is stored under its digest, as OpenStack Swift does.
 * - `dalli`: long keys as dalli (Ruby) shortens them.
 * - `memcached`: long keys as the npm package `memcached` shortens them.
 */
export type KeyRuleName = 'strict' | 'hash' | 'md5' | 'dalli' | 'memcached';

/** What dalli puts before its digest, of 32 characters. */
const MD5_MARK = ':md5:';
const MD5_TAIL_BYTES = MD5_MARK.length + 32;
/** What this client puts before its own, of 64. */
const SHA256_MARK = ':sha256:';
const SHA256_TAIL_BYTES = SHA256_MARK.length + 64;

/** Lower-case hex, for the forms of others: whoever may choose two keys can make them collide. */
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function isShort(key: unknown, prefix: WireKey, mostBytesPerUnit: number): boolean {
  if (typeof key !== 'string') return false;
  return prefix.length + key.length * mostBytesPerUnit <= MAX_KEY_BYTES;
}

/** Prefix and key in one. Throws for what is no key. */
function wholeOf(key: string | Uint8Array, prefix: WireKey): Buffer {
  const bytes = keyBytes(key);
  return prefix === '' ? bytes : Buffer.concat([Buffer.from(prefix, 'latin1'), bytes]);
}

/** UTF-8 takes at most three bytes per code unit. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * A key of any length: where prefix and key are more than 250 bytes (186 for bytes that go as base64), the first of
 * them, `:sha256:` and the hex SHA-256 of them all, 250 (186) bytes together. What may not stand in a short key may not in a
 * long one. The cut is between bytes, so that text and its UTF-8 are one key; a short key that is spelled like the form
 * of a long one is that item, too.
 */
function hashed(key: string | Uint8Array, prefix: WireKey): WireKey {
  if (isShort(key, prefix, MOST_BYTES_PER_UNIT)) return wireKey(key, prefix);
  const whole = wholeOf(key, prefix);
  const text = latin1(whole, 0, whole.length);
  const illegal = firstIllegal(text);
  if (illegal !== -1 && typeof key === 'string') {
    throw illegalText(text.slice(prefix.length), illegal - prefix.length);
  }
  const most = illegal === -1 ? MAX_KEY_BYTES : MAX_BASE64_KEY_BYTES;
  if (whole.length <= most) return wireKey(key, prefix);
  const lead = whole.subarray(0, most - SHA256_TAIL_BYTES);
  return wireKey(Buffer.concat([lead, Buffer.from(SHA256_MARK + sha256(whole))]), '');
}

/**
 * OpenStack Swift's memcached client: the 32 lower-case hex digits of the key's md5, so that any key of any length
 * works, the empty one and one with blanks too. Swift knows no prefix; here it is part of what is digested, as if the
 * caller had written it before each key.
 */
function digested(key: string | Uint8Array, prefix: WireKey): WireKey {
  return wireKey(md5(wholeOf(key, prefix)), '');
}

/** dalli's TRUNCATED_KEY_TARGET_SIZE; with a namespace it takes one more. */
const DALLI_CHARACTERS = 249;

/**
 * dalli (Ruby): where namespace and key are longer than 250 characters, their first 212 characters, `:md5:` and the hex
 * md5 of them all; with a namespace the first 213. The prefix is the namespace with its colon. Characters are Ruby's:
 * code points of text, single bytes of bytes. Characters of several bytes can make the result longer than the server
 * allows; it is refused then. (So do the servers of dalli up to 5.2.0; later versions shorten such keys, too.)
 */
function dalli(key: string | Uint8Array, prefix: WireKey): WireKey {
  if (isShort(key, prefix, 1)) return wireKey(key, prefix);
  const whole = wholeOf(key, prefix);
  const isText = typeof key === 'string';
  const characters = isText ? Array.from(utf8(whole, 0, whole.length)) : whole;
  if (characters.length <= MAX_KEY_BYTES) return wireKey(key, prefix);
  const lead = DALLI_CHARACTERS + (prefix === '' ? 0 : 1) - MD5_TAIL_BYTES;
  const tail = MD5_MARK + md5(whole);
  if (Array.isArray(characters)) return wireKey(characters.slice(0, lead).join('') + tail, '');
  return wireKey(Buffer.concat([whole.subarray(0, lead), Buffer.from(tail)]), '');
}

/**
 * The npm package `memcached` (its option keyCompression): where namespace and key are longer than 250 code units of
 * UTF-16, the hex md5 of both and nothing else.
 */
function npmMemcached(key: string | Uint8Array, prefix: WireKey): WireKey {
  if (isShort(key, prefix, 1)) return wireKey(key, prefix);
  const whole = wholeOf(key, prefix);
  const isText = typeof key === 'string';
  const units = isText ? utf8(whole, 0, whole.length).length : whole.length;
  return units > MAX_KEY_BYTES ? wireKey(md5(whole), '') : wireKey(key, prefix);
}

export const KEY_RULES: Readonly<Record<KeyRuleName, KeyRule>> = {
  strict: wireKey,
  hash: hashed,
  md5: digested,
  dalli,
  memcached: npmMemcached,
};

/**
 * What of a key decides about its server:
 *
 * - `key`: the caller's own key.
 * - `prefixed`: prefix and key, before a rule has shortened or digested them.
 * - `wire`: the bytes under which the server stores it.
 */
export type HashedPart = 'key' | 'prefixed' | 'wire';

/** That part, as a hasher takes it: text where it is text. `wire` is what a key rule made of `key` and `prefix`. */
export function hashedPart(
  part: HashedPart,
  key: string | Uint8Array,
  prefix: WireKey,
  wire: WireKey,
): string | Uint8Array {
  if (part === 'key' || (part === 'prefixed' && prefix === '')) return key;
  if (part === 'wire') return wire === key ? key : bytesOfWire(wire);
  if (typeof key !== 'string') return wholeOf(key, prefix);
  const bytes = Buffer.from(prefix, 'latin1');
  return utf8(bytes, 0, bytes.length) + key;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;

function bytesOfWire(wire: WireKey): string | Uint8Array {
  if (isBase64(wire)) return Buffer.from(base64Text(wire), 'base64');
  return BEYOND_ASCII.test(wire) ? Buffer.from(wire, 'latin1') : wire;
}
