import {
  MemcacheClientError,
  MemcacheConnectionError,
  type MemcacheError,
  MemcacheServerError,
  UnknownCommandError,
} from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import { repeatable } from './known-words.ts';

/** The three error lines of the protocol. */
export type ErrorStatus = 'ERROR' | 'CLIENT_ERROR' | 'SERVER_ERROR';

/** An error line, taken apart. */
export interface ErrorLine {
  readonly status: ErrorStatus;
  /** The server's own words behind the status. */
  readonly text: string;
}

const STATUSES: readonly ErrorStatus[] = ['SERVER_ERROR', 'CLIENT_ERROR', 'ERROR'];

const C = 0x43;
const E = 0x45;
const L = 0x4c;
const R = 0x52;
const S = 0x53;

/** The error that a line from `start` to `end` (CRLF excluded) states, or undefined when it is no error line. */
export function errorLine(bytes: Buffer, start: number, end: number): ErrorLine | undefined {
  const first = bytes[start];
  const second = bytes[start + 1];
  // STORED and SERVER_ERROR, EXISTS, END and ERROR part at their second byte.
  const maybe =
    (first === S && second === E) || (first === C && second === L) || (first === E && second === R);
  if (!maybe) return undefined;
  const line = latin1(bytes, start, end);
  const status = STATUSES.find(
    (word) => line === word || line.startsWith(`${word} `) || line.startsWith(`${word}:`),
  );
  if (status === undefined) return undefined;
  return { status, text: line.slice(status.length).replace(/^[: ]+/, '') };
}

const NON_NUMERIC = 'cannot increment or decrement non-numeric value';

/**
 * Whether a connection can go on after an error answer: the one place that decides it. SERVER_ERROR is an answer like
 * any other. After CLIENT_ERROR or ERROR the server may be reading a value's bytes as commands, save where the command
 * is known to have been understood whole.
 */
export function survives(error: ErrorLine): boolean {
  return error.status === 'SERVER_ERROR' || error.text === NON_NUMERIC;
}

const TOO_LARGE = /^object too large/;

/** Whether the server has forgotten, or never knew, who asks (`-Y`): it has done nothing of what it was asked. */
export function isUnauthenticated({ status, text }: ErrorLine): boolean {
  return status === 'CLIENT_ERROR' && text === 'unauthenticated';
}

/** The error a caller sees for an error answer to `command` from `server`; it quotes no key, whatever the server does. */
export function errorFor(error: ErrorLine, command: string, server: string): MemcacheError {
  const details = { server, command, sent: 'yes' as const };
  const said = error.text === '' ? error.status : `${error.status} ${repeatable(error.text)}`;
  const message = `${server} answered ${command} with: ${said}`;
  switch (error.status) {
    case 'ERROR':
      return new UnknownCommandError('ERR_MEMCACHE_UNKNOWN_COMMAND', message, details);
    case 'CLIENT_ERROR':
      if (isUnauthenticated(error)) {
        const again = { ...details, retryable: true };
        return new MemcacheConnectionError('ERR_MEMCACHE_AUTH', message, again);
      }
      return new MemcacheClientError('ERR_MEMCACHE_CLIENT', message, details);
    case 'SERVER_ERROR':
      return TOO_LARGE.test(error.text)
        ? new MemcacheServerError('ERR_MEMCACHE_TOO_LARGE', message, details)
        : new MemcacheServerError('ERR_MEMCACHE_SERVER', message, { ...details, retryable: true });
  }
}
