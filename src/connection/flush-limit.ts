import type { Command } from './command.ts';

/** One flush hands the socket about this much at most: what is still queued can still be taken back. */
const FLUSH_BYTES = 1_048_576;

/** Beyond this many bytes nothing more is saved by one command in the place of several. */
const MANY_BYTES = 65_536;

/** What OpenSSL takes for one record. */
const TLS_RECORD_BYTES = 16_384;
/** A command's bytes beside those of its keys and values: verb, flags, length, line ends. */
const COMMAND_OVERHEAD_BYTES = 128;

/** Bytes of a command that is made of many, at most: over TLS they have to fit one record. */
export const mostTogether = (tls: boolean): number =>
  tls ? TLS_RECORD_BYTES - COMMAND_OVERHEAD_BYTES : MANY_BYTES;

/**
 * Whether what has been gathered is to leave before `next` joins it. Over TLS a flush is one record of whole commands,
 * or a single command: memcached (seen in 1.6.18) forgets what OpenSSL has decrypted and it has not read yet, and sits
 * on commands behind the rest of a record until further bytes arrive. A 20 KB set and a get in one write got no answer
 * 30 times of 30.
 */
export function isFull(gatheredBytes: number, next: Command, tls: boolean): boolean {
  if (!tls) return gatheredBytes >= FLUSH_BYTES;
  const together = gatheredBytes + next.bytes + COMMAND_OVERHEAD_BYTES;
  return gatheredBytes > 0 && together > TLS_RECORD_BYTES;
}
