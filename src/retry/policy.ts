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
