import { createHash } from 'node:crypto';
import { IllegalInputError } from '../../index.ts';

/** What decides about keys. */
export interface KeySettings {
  readonly namespace: string;
  readonly maxKeySize: number;
  readonly keyCompression: boolean;
}

/** A key as it is stored, and what places it. */
export interface StoredKey {
  readonly wire: string;
  /** Namespace and key, where something else is stored: it is what the ring hashes. As bytes it may hold blanks. */
  readonly routeBy: Buffer | undefined;
}

const BLANK = /\s/;

/** Throws IllegalInputError (ERR_MEMCACHE_KEY) with that package's own sentences. */
export function storedKey(whole: string, settings: KeySettings): StoredKey {
  if (whole.length > settings.maxKeySize) {
    if (settings.keyCompression)
      return { wire: createHash('md5').update(whole).digest('hex'), routeBy: Buffer.from(whole) };
    throw illegal(
      `Argument "key" is longer than the maximum allowed length of ${settings.maxKeySize}`,
    );
  }
  if (BLANK.test(whole)) throw illegal('The key should not contain any whitespace or new lines');
  return { wire: whole, routeBy: undefined };
}

const illegal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_KEY', message);
