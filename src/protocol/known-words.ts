/*
 * What servers say behind ERROR, CLIENT_ERROR and SERVER_ERROR. Only these words are repeated in messages: others may
 * quote the request, and with it a key or a value.
 */

/** memcached 1.4 to 1.6, and its proxy. */
const MEMCACHED = [
  'Illegal slab id',
  'Out of memory allocating item',
  'Out of memory allocating new item',
  'Out of memory during read',
  'Out of memory generating stats',
  'Out of memory incrementing value',
  'Out of memory preparing to send stats',
  'Too many open connections',
  'Unhandled storage type.',
  'an unknown error happened',
  'authentication failure',
  'backend failure',
  'bad authentication token format',
  'bad command line',
  'bad command line format',
  'bad command line format.  Usage: delete <key> [noreply]',
  'bad command line termination',
  'bad data chunk',
  'bad token in command line format',
  'cannot increment or decrement non-numeric value',
  'cannot pipeline other commands before metadump',
  'cannot pipeline other commands before watch',
  'currently processing crawler request',
  'duplicate flag',
  'error decoding key',
  'failed to start lru crawler thread',
  'failed to stop lru crawler thread',
  'flush_all not allowed',
  'hot and warm pcts must not exceed 80',
  'hot/warm age factors must be greater than 0',
  'incorrect length for M token',
  'invalid exptime argument',
  'invalid flag',
  'invalid mode for ma M token',
  'invalid mode for ms M token',
  'invalid numeric delta argument',
  'invalid numeric delta value',
  'invalid numeric initial value',
  'invalid or duplicate flag',
  'invalid shutdown mode',
  'line too long',
  'locked try again later',
  'lru crawler disabled',
  'metadump not allowed',
  'object too large for cache',
  'opaque token too long',
  'options flags are too long',
  'options flags too long',
  'out of memory',
  'out of memory reading request',
  'out of memory storing object',
  'out of memory writing get response',
  'out of memory writing stats',
  'output line too long',
  'refcount overflow during fetch',
  'shutdown not enabled',
  'slab reassignment disabled',
  'sleep must be one second or less',
  'stats cachedump not allowed',
  'unauthenticated',
  'usage: stats detail on|off|dump',
  'watch commands not allowed',
];

/** twemproxy: what its host calls the fault of a connection. */
const TWEMPROXY = [
  'Connection refused',
  'Connection reset by peer',
  'Connection timed out',
  'Host is down',
  'Invalid argument',
  'Network is unreachable',
  'No route to host',
];

const KNOWN = new Set([...MEMCACHED, ...TWEMPROXY]);

/** As much of a server's words as may be repeated. */
export function repeatable(text: string): string {
  return KNOWN.has(text) ? text : '(other words, left out: they may quote the request)';
}
