import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';

/**
 * Checks what is to be added to an item just as it is. Throws IllegalInputError: ERR_MEMCACHE_VALUE for what is neither
 * text nor bytes, ERR_MEMCACHE_UNSUPPORTED where items carry a checksum, which would not fit any more.
 */
export function checkAsIs(verb: string, value: unknown, checksum: boolean): void {
  if (checksum) {
    const message = `${verb} would make the item unreadable: with the option 'checksum' it carries one`;
    throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', message);
  }
  if (value instanceof Uint8Array || (typeof value === 'string' && value.isWellFormed())) return;
  const given = typeof value === 'string' ? 'text with half a surrogate pair' : kindOf(value);
  const message = `${verb} takes text or a Uint8Array, which is added as it is, not ${given}`;
  throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
}
