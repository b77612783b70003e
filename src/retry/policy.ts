import type { MemcacheError, MemcacheErrorCode, Sent } from '../errors.ts';

/** What happens to an operation that failed by no fault of its own. */
export interface RetryOptions {
  /**
   * Times an operation is tried, the first time included: what was not sent, and reads whose
   * connection was lost. Default 2, 1 to 10.
   */
  readonly attempts: number;
  /**
   * Milliseconds of the first pause, for what cannot be tried again at once: a server that is
   * refusing, or a further try. A random part of it is waited, and it doubles with each try; 0:
   * what cannot be tried at once fails at once. Default 0.
   */
  readonly delayMs: number;
  /** Milliseconds the doubling pause ends at. Default 1000, from `delayMs`. */
  readonly maxDelayMs: number;
  /**
   * What is tried again although the server may have carried it out. `'none'`: nothing. `'reads'`:
   * only what changes nothing. `'idempotent'`: also delete, touch and getAndTouch. `'sets'`: also
   * set. A repeated write may come after what was issued behind it on its key. Default `'reads'`.
   *
   * A delete that is repeated may answer false, and a set may replace what somebody else stored
   * meanwhile. What was not sent is always tried again.
   */
  readonly maybeSent: 'none' | 'reads' | 'idempotent' | 'sets';
  /**
   * Repeated requests per ordinary one, over time. Default 0.2, from 0 to 1.
   *
   * When everything fails, trying everything again keeps it failing.
   */
  readonly budget: number;
}

export const RETRY_DEFAULTS: RetryOptions = {
  attempts: 2,
  delayMs: 0,
  maxDelayMs: 1000,
  maybeSent: 'reads',
  budget: 0.2,
};

/** One attempt of an operation, and how it failed. */
export interface Failure {
  readonly code: MemcacheErrorCode;
  /** Whether any of its attempts left. */
  readonly sent: Sent;
  readonly verb: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Another server would have it now. */
  readonly elsewhere: boolean;
}

/** What a verb may do if the server carries it out twice; `never` where that shows. */
const WIDEST: Readonly<Record<string, RetryOptions['maybeSent']>> = {
  get: 'reads',
  gets: 'reads',
  mg: 'reads',
  'meta.debug': 'reads',
  gat: 'idempotent',
  gats: 'idempotent',
  touch: 'idempotent',
  delete: 'idempotent',
  set: 'sets',
};

const ORDER = ['none', 'reads', 'idempotent', 'sets'];

/** Failures of the connection: on another one, or later, the answer is likely to come. */
const LOST: ReadonlySet<MemcacheErrorCode> = new Set([
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_PROTOCOL',
]);
const UNREACHED: ReadonlySet<MemcacheErrorCode> = new Set([
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_AUTH',
  'ERR_MEMCACHE_UNAVAILABLE',
]);

/**
 * Milliseconds until an operation is tried once more, or undefined if it is not. The pause is a random part of an
 * exponential one ("full jitter"), so that those who failed together do not come back together.
 */
export function retryDelay(
  failure: Failure,
  options: RetryOptions,
  random: () => number = Math.random,
): number | undefined {
  const { code, attempt, elsewhere } = failure;
  const lost = isLost(failure);
  if (attempt >= options.attempts || !(lost || UNREACHED.has(code))) return undefined;
  if (failure.sent !== 'no' && !mayRepeat(failure.verb, options)) return undefined;
  if (elsewhere || (lost && attempt === 1)) return 0;
  if (options.delayMs === 0) return lost ? 0 : undefined;
  return random() * Math.min(options.maxDelayMs, options.delayMs * 2 ** (attempt - 1));
}

/**
 * A server that has left the fleet was closed on those it did not answer in time. One that forgot who asks is told again
 * on the next connection.
 */
function isLost({ code, sent, elsewhere }: Failure): boolean {
  if (code === 'ERR_MEMCACHE_AUTH') return sent !== 'no';
  return LOST.has(code) || (elsewhere && code === 'ERR_MEMCACHE_CLOSED');
}

function mayRepeat(verb: string, { maybeSent }: RetryOptions): boolean {
  const needed = Object.hasOwn(WIDEST, verb) ? ORDER.indexOf(WIDEST[verb]) : Infinity;
  return ORDER.indexOf(maybeSent) >= needed;
}

/** The failure of an operation that was tried before: those bytes have left, also when the last ones never did. */
export function asSent(error: MemcacheError): MemcacheError {
  if (error.sent !== 'no') return error;
  const { code, message, server, command, retryable, cause } = error;
  const Class = error.constructor as new (
    ...given: ConstructorParameters<typeof MemcacheError>
  ) => MemcacheError;
  return new Class(code, message, { server, command, sent: 'maybe', retryable, cause });
}
