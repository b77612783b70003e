import {
  type Guard,
  IllegalInputError,
  MemcacheConnectionError,
  type MemcacheError,
  type Sent,
  TimeoutError,
} from '../errors.ts';
import type { Version } from '../protocol/version.ts';

export function timedOut(command: string, server: string, sent: Sent): TimeoutError {
  return new TimeoutError('ERR_MEMCACHE_TIMEOUT', `${server} did not answer ${command} in time`, {
    server,
    command,
    sent,
    retryable: true,
  });
}

export function tooLarge(
  command: string,
  server: string,
  size: { bytes: number; allowed: number },
): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_TOO_LARGE',
    `a value of ${size.bytes} bytes is over the ${size.allowed} that ${server} takes for this key`,
    { server, command },
  );
}

export function changedSinceCall(command: string, server: string): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_VALUE',
    "the value's bytes were resized, transferred or detached before they were sent",
    { server, command },
  );
}

/** Before a byte is sent: a key in base64 is for servers that speak the meta commands. */
export function refuseBase64(command: string, server: string): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_UNSUPPORTED',
    `${server} does not speak the meta commands, which keys with bytes of 0x00-0x20 or 0x7f need (memcached 1.6.10)`,
    { server, command },
  );
}

/** Before a byte is sent: there is no classic command that does it. */
export function refuseMeta(command: string, server: string): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_UNSUPPORTED',
    `${server} does not speak the meta commands, which ${command} needs (memcached 1.6.10)`,
    { server, command },
  );
}

/** Before a byte is sent: the server is older than what it is asked for. */
export function refuseRelease(command: string, server: string, since: Version): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_UNSUPPORTED',
    `${server} is too old for ${command} in this form: it needs memcached ${since.join('.')}`,
    { server, command },
  );
}

/** Before a byte is sent: it would cost the connection, and with it everybody's answers. */
export function refuseAdministration(command: string, server: string): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_UNSUPPORTED',
    `${server} does not take ${command}: it closed the connection over stats settings, as proxies do`,
    { server, command },
  );
}

export function overloaded(server: string, limit: string): MemcacheError {
  return new MemcacheConnectionError(
    'ERR_MEMCACHE_OVERLOADED',
    `${server} already has ${limit} waiting`,
    {
      server,
      retryable: true,
    },
  );
}

/** `gets` was answered as `get` is: without the token it was asked for. */
export function withoutCas(server: string): MemcacheError {
  return new MemcacheConnectionError(
    'ERR_MEMCACHE_PROTOCOL',
    `${server} answered gets without a cas token`,
    {
      server,
      command: 'gets',
      sent: 'maybe',
      retryable: true,
      guard: 'cas',
    },
  );
}

/** The answer is that of another request, by its key or its mark. */
export function unasked(command: string, server: string, guard: Guard): MemcacheError {
  return new MemcacheConnectionError(
    'ERR_MEMCACHE_PROTOCOL',
    `${server} answered ${command} with what something else was asked for`,
    {
      server,
      command,
      sent: 'maybe',
      retryable: true,
      guard,
    },
  );
}
