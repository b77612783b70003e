import { ManyError, type MemcacheError } from '../errors.ts';
import type { Key } from './read.ts';

/**
 * Why an operation of a namespace failed whose version could not be had. `begun` if it may have been carried out: under
 * a version that may have stood.
 */
export function unversioned(error: MemcacheError, begun: boolean): MemcacheError {
  const { code, message, server, command, retryable, cause } = error;
  const Class = error.constructor as new (
    ...given: ConstructorParameters<typeof MemcacheError>
  ) => MemcacheError;
  const said = isOfCall(error) ? message : `the version of the namespace is not known: ${message}`;
  const sent = begun ? 'maybe' : 'no';
  return new Class(code, said, { server, command, sent, retryable, cause });
}

/** The same failure for each key, as calls of many keys tell it. */
function ofEach(keys: readonly Key[], error: MemcacheError): MemcacheError {
  if (isOfCall(error)) return error;
  return new ManyError(new Map<Key, unknown>(), new Map(keys.map((key) => [key, error])));
}

export async function rejected(error: MemcacheError, begun: boolean): Promise<never> {
  throw unversioned(error, begun);
}

export async function rejectedMany(
  keys: readonly Key[],
  error: MemcacheError,
  begun: boolean,
): Promise<never> {
  throw ofEach(keys, unversioned(error, begun));
}

/** Whoever gave up, or closed the client, did so with the call and not with a key. */
export const isOfCall = ({ code }: MemcacheError): boolean =>
  code === 'ERR_MEMCACHE_ABORTED' || code === 'ERR_MEMCACHE_CLOSED';
