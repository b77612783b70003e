import { createHash } from '../primitives/late-crypto.ts';
import { keyBytes, type WireKey } from '../protocol/key.ts';
import type { Key } from './read.ts';

/** No UTF-8 holds this byte: a key of text is nobody's lock. */
const MARK = Buffer.from('\xfflock', 'latin1');
/** 132 bits. */
const DIGEST_CHARACTERS = 22;

/**
 * The key of the lock beside a key: its bytes, 0xff and `lock`; where that is too long, 0xff, `lock` and 22 characters
 * of the base64url SHA-256 of the key as it stands on the wire. `wireOf` throws for what is no key.
 */
export function lockKeyOf(key: Key, wireOf: (key: Key) => WireKey): Uint8Array {
  const wire = wireOf(key);
  const beside = Buffer.concat([keyBytes(key), MARK]);
  try {
    wireOf(beside);
    return beside;
  } catch {
    const digest = createHash('sha256').update(wire, 'latin1').digest('base64url');
    return Buffer.concat([MARK, Buffer.from(digest.slice(0, DIGEST_CHARACTERS))]);
  }
}
