import { type Guard, MemcacheConnectionError, MemcacheError, type Sent } from '../errors.ts';

/** The server ended the connection in good order, but answers were still due. */
export function ended(server: string): MemcacheError {
  return lost(server, `${server} ended the connection`);
}

/** A request ended before its time: what follows would be taken for the rest of it. */
export const broken = (server: string): MemcacheError =>
  givenUp(server, 'a request could not be encoded to its end');

export const tooLate = (server: string): MemcacheError =>
  givenUp(server, 'too many of its answers came too late', 'tombstones');

export const stalled = (server: string, why: string): MemcacheError =>
  givenUp(server, why, 'stall');

function givenUp(server: string, why: string, guard?: Guard): MemcacheError {
  const message = `the connection to ${server} was given up: ${why}`;
  const details = { server, sent: 'maybe' as const, retryable: true, guard };
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', message, details);
}

/** The server could not be reached, and it is too soon to try again. */
export function unavailable(server: string, cause: MemcacheError | undefined): MemcacheError {
  return new MemcacheConnectionError(
    'ERR_MEMCACHE_UNAVAILABLE',
    `${server} is not reachable and not tried again yet`,
    { server, retryable: true, cause },
  );
}

/** The same refusal for all who meet the same trouble: they are told as one, and tried again as one. */
export class Refusal {
  readonly #server: string;
  #error: MemcacheError | undefined;

  constructor(server: string) {
    this.#server = server;
  }

  /** That a server is unavailable, because of `cause`. */
  for(cause: MemcacheError | undefined): MemcacheError {
    if (this.#error === undefined || this.#error.cause !== cause)
      this.#error = unavailable(this.#server, cause);
    return this.#error;
  }
}

export function closed(server: string | undefined, sent: Sent = 'no'): MemcacheError {
  return new MemcacheConnectionError('ERR_MEMCACHE_CLOSED', 'the client is closed', {
    server,
    sent,
  });
}

export function lost(server: string, message: string, cause?: unknown): MemcacheError {
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', message, {
    server,
    sent: 'maybe',
    retryable: true,
    cause,
  });
}

/** Why what came could not be read to its end. The parser that saw it does not know whose answer it was. */
export function unread(server: string, cause: unknown): MemcacheError {
  if (!(cause instanceof MemcacheError))
    return lost(server, `an answer of ${server} could not be handled`, cause);
  if (cause.server !== undefined) return cause;
  const { code, message, sent, retryable, guard } = cause;
  const details = { server, sent, retryable, guard };
  return new MemcacheConnectionError(code, `${server}: ${message}`, details);
}

/** The system's word for it, such as ECONNREFUSED; of several addresses tried, the first one's. Or that of what was read. */
export function wordFor(cause: unknown): string {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (first === undefined) return 'the server ended the connection';
  if (first instanceof MemcacheError) return 'it does not answer as memcached does';
  if (!(first instanceof Error)) return 'no stream could be made';
  const { code } = first as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : first.message;
}

/** No connection could be made. */
export function unreachable(
  server: string,
  cause: unknown,
  why: string = wordFor(cause),
): MemcacheError {
  const message = `cannot connect to ${server}: ${why}`;
  const details = { server, retryable: true, cause };
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', message, details);
}

/** A connection was made, and the server would not have it. */
export function turnedAway(server: string, cause: MemcacheError | undefined): MemcacheError {
  const message = `${server} turned the connection away`;
  const details = { server, retryable: true, cause };
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', message, details);
}

/** Nobody without credentials, or not with these. Both may be others the next time. */
export function unauthenticated(server: string, why: string, cause?: unknown): MemcacheError {
  const details = { server, retryable: true, cause };
  return new MemcacheConnectionError('ERR_MEMCACHE_AUTH', `${server}: ${why}`, details);
}

export function overlong(server: string): MemcacheError {
  const message = `${server} sent a line longer than any there is`;
  const details = { server, sent: 'maybe' as const, retryable: true };
  return new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', message, details);
}

/** It was not sent in all the time it may wait for that. */
export function tooLong(server: string, ms: number): MemcacheError {
  const message = `what is asked of ${server} has waited for more than ${ms} ms to be sent`;
  const details = { server, retryable: true };
  return new MemcacheConnectionError('ERR_MEMCACHE_OVERLOADED', message, details);
}
