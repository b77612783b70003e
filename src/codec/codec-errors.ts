import { IllegalInputError, MemcacheError } from '../errors.ts';

/*
 * Sentences are fixed and carry no cause: msgpackr quotes the value it failed on, and others may.
 */

/** The value cannot be stored in the chosen format. */
export function encodeError(sentence: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_ENCODE', sentence);
}

/** `reason` as it reads after a colon. */
export function cannotStore(reason: string): IllegalInputError {
  return encodeError(`the value cannot be stored: ${reason}`);
}

/** The stored item cannot be read; the client may answer a miss instead. */
export function decodeError(sentence: string): MemcacheError {
  return new MemcacheError('ERR_MEMCACHE_DECODE', sentence, { sent: 'yes' });
}

/** The stored bytes are not the ones written under this key. Never a miss: somebody's data is wrong. */
export class ChecksumMismatchError extends MemcacheError {
  constructor() {
    super('ERR_MEMCACHE_DECODE', 'the stored item does not match its checksum', { sent: 'yes' });
  }
}

/** Everything the codec throws or hands to a callback is one of ours. */
export function asMemcacheError(error: unknown, otherwise: () => MemcacheError): MemcacheError {
  return error instanceof MemcacheError ? error : otherwise();
}
