import type { MemcacheError } from '../errors.ts';

/** Failures after which asking again, on a new connection, is likely to be answered. */
const WORTH_ANOTHER_TRY: ReadonlySet<MemcacheError['code']> = new Set([
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_PROTOCOL',
]);

/** Whether a read that failed its `attempt`th time, counted from 1, is tried once more. Reads may always be repeated. */
export function retriesRead(error: MemcacheError, attempt: number, attempts: number): boolean {
  return attempt < attempts && WORTH_ANOTHER_TRY.has(error.code);
}

/** The failure of a read that was asked before: those bytes have left, also when the ones that failed never did. */
export function asSent(error: MemcacheError): MemcacheError {
  if (error.sent !== 'no') return error;
  const { code, message, server, command, retryable, cause } = error;
  const Class = error.constructor as new (
    ...given: ConstructorParameters<typeof MemcacheError>
  ) => MemcacheError;
  return new Class(code, message, { server, command, sent: 'maybe', retryable, cause });
}
