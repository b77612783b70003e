import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { SocketContext } from './socket-context.ts';

/** A user, as a line of the file of memcached's option `-Y` names one. */
export interface Credentials {
  /** Neither blanks nor control characters, and no colon. */
  readonly username: string;
  /** Neither blanks nor control characters. */
  readonly password: string;
}

/** Credentials, or a function that is asked for them before each new connection. */
export type AuthOption =
  Credentials | ((context: SocketContext) => Credentials | Promise<Credentials>);

/** memcached reads no longer line, its end included, from its file. */
const LONGEST_BYTES = 254;
const FIELDS = ['username', 'password'];

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what no file of memcached can hold. Never repeats any of it. */
export function checkCredentials(given: unknown): Credentials {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw illegal(`must be an object of username and password; got ${kindOf(given)}`);
  const unknown = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw illegal('has a field beside username and password');
  // Read once: what is checked is what is sent.
  const { username, password } = given as Record<string, unknown>;
  const credentials = {
    username: word(username, 'username'),
    password: word(password, 'password'),
  };
  if (credentials.username.includes(':')) throw illegal('has a username with a colon');
  if (Buffer.byteLength(payloadOf(credentials)) > LONGEST_BYTES)
    throw illegal(`has more than ${LONGEST_BYTES - 1} bytes of username and password`);
  return credentials;
}

/**
 * The first request on a connection. As memcached documents it (doc/protocol.txt, "Authentication"), any key, flags and
 * ttl will do:
 *
 *     set <key> <flags> <ttl> <length> CR LF <username> <password> CR LF
 *
 * A server that asks nobody for credentials takes it for an item; the ttl makes that one expired before it is stored.
 */
export function loginRequest(credentials: Credentials): Buffer {
  const payload = payloadOf(credentials);
  return Buffer.from(`set memvolley:login 0 -1 ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
}

function payloadOf({ username, password }: Credentials): string {
  return `${username} ${password}`;
}

function word(given: unknown, name: string): string {
  if (typeof given !== 'string') throw illegal(`needs a string as ${name}; got ${kindOf(given)}`);
  if (given === '') throw illegal(`has an empty ${name}`);
  if (/[^\x21-\x7e\u0080-\u{10ffff}]/u.test(given) || !given.isWellFormed())
    throw illegal(`has a ${name} with a blank, a control character or half a surrogate pair`);
  return given;
}

function illegal(problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option 'auth' ${problem}`);
}
