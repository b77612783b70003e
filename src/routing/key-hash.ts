import { crc32 } from './crc32.ts';
import type { HashKey } from './hasher.ts';
import { keyBytes } from './key-bytes.ts';
import { md5Words } from './md5.ts';

/** An unsigned 32-bit number of a key; text counts as UTF-8. */
export type KeyHash = (key: HashKey) => number;

/** The hashes of libmemcached by its names; `default` is Jenkins' one-at-a-time over signed bytes. */
export type KeyHashName =
  'default' | 'md5' | 'crc' | 'fnv1_32' | 'fnv1a_32' | 'fnv1_64' | 'fnv1a_64';

/** A char of C, whose bytes from 128 up are negative: in libmemcached these spread over all bits. */
const signed = (byte: number): number => (byte << 24) >> 24;

function oneAtATime(key: HashKey): number {
  keyBytes.load(key);
  const { bytes, length } = keyBytes;
  let hash = 0;
  for (let i = 0; i < length; i++) {
    hash = (hash + signed(bytes[i])) | 0;
    hash = (hash + (hash << 10)) | 0;
    hash ^= hash >>> 6;
  }
  hash = (hash + (hash << 3)) | 0;
  hash ^= hash >>> 11;
  return (hash + (hash << 15)) >>> 0;
}

/** The first four bytes of the digest, little-endian. */
const md5: KeyHash = (key) => md5Words(key)[0] >>> 0;

const crc: KeyHash = (key) => (crc32(key) >>> 16) & 0x7fff;

/** Multiplies, then mixes the byte in. Of the 64-bit form libmemcached keeps the low half, which the high one does not touch. */
function fnv1(basis: number, prime: number): KeyHash {
  return (key) => {
    keyBytes.load(key);
    const { bytes, length } = keyBytes;
    let hash = basis;
    for (let i = 0; i < length; i++) hash = Math.imul(hash, prime) ^ signed(bytes[i]);
    return hash >>> 0;
  };
}

/** Mixes the byte in, then multiplies. */
function fnv1a(basis: number, prime: number): KeyHash {
  return (key) => {
    keyBytes.load(key);
    const { bytes, length } = keyBytes;
    let hash = basis;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ signed(bytes[i]), prime);
    return hash >>> 0;
  };
}

const FNV_32 = [0x811c9dc5, 0x01000193] as const;
/** The low halves of 0xcbf29ce484222325 and 0x100000001b3. */
const FNV_64 = [0x84222325, 0x1b3] as const;

export const KEY_HASHES: Readonly<Record<KeyHashName, KeyHash>> = {
  default: oneAtATime,
  md5,
  crc,
  fnv1_32: fnv1(...FNV_32),
  fnv1a_32: fnv1a(...FNV_32),
  fnv1_64: fnv1(...FNV_64),
  fnv1a_64: fnv1a(...FNV_64),
};
