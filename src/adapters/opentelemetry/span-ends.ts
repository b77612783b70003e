import type * as Api from '@opentelemetry/api';
import { MemcacheError, type MemcacheErrorCode } from '../../index.ts';

/** What the server said, by the error that came of it. */
const STATUS_CODES: Partial<Record<MemcacheErrorCode, string>> = {
  ERR_MEMCACHE_SERVER: 'SERVER_ERROR',
  ERR_MEMCACHE_CLIENT: 'CLIENT_ERROR',
  ERR_MEMCACHE_UNKNOWN_COMMAND: 'ERROR',
};

/** How a failure is told in attributes: low in number, and nothing of a key. */
export function errorAttributes(error: unknown): Api.Attributes {
  if (!(error instanceof MemcacheError)) return { 'error.type': nameOf(error) };
  const status = error.sent === 'yes' ? STATUS_CODES[error.code] : undefined;
  return {
    'error.type': error.code,
    ...(status === undefined ? {} : { 'db.response.status_code': status }),
  };
}

/** Only messages of this package are known to hold no key; a loader's error may say anything. */
export function errorStatus({ SpanStatusCode }: typeof Api, error: unknown): Api.SpanStatus {
  const code = SpanStatusCode.ERROR;
  return error instanceof MemcacheError ? { code, message: error.message } : { code };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '_OTHER';
}
