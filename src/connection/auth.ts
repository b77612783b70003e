import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { SocketContext } from './socket-context.ts';

/** Who is to be let in. */
export interface Credentials {
  /** Neither blanks nor control characters, and with memcached's scheme no colon. */
  readonly username: string;
  /** Neither blanks nor control characters. */
  readonly password: string;
  /**
   * How a server is told: `'memcached'` as a server with the option `-Y` wants it, `'memcachier'` as MemCachier does for
   * the text protocol. Default `'memcached'`.
   */
  readonly scheme?: 'memcached' | 'memcachier' | undefined;
}

/** Credentials, or a function that is asked for them before each new connection. */
export type AuthOption =
  Credentials | ((context: SocketContext) => Credentials | Promise<Credentials>);

/** memcached reads no longer line, its end included, from its file. */
const LONGEST_BYTES = 254;
const FIELDS = ['username', 'password', 'scheme'];
const SCHEMES: readonly unknown[] = ['memcached', 'memcachier', undefined];

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what cannot be said. Never repeats any of it. */
export function checkCredentials(given: unknown): Credentials {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw illegal(`must be an object of username and password; got ${kindOf(given)}`);
  const unknown = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw illegal('has a field beside username, password and scheme');
  // Read once: what is checked is what is sent.
  const { username, password, scheme } = given as Record<string, unknown>;
  if (!SCHEMES.includes(scheme)) throw illegal("has a scheme beside 'memcached' and 'memcachier'");
  const credentials: Credentials = {
    username: word(username, 'username'),
    password: word(password, 'password'),
    ...(scheme === 'memcachier' && { scheme: 'memcachier' }),
  };
  if (scheme !== 'memcachier' && credentials.username.includes(':'))
    throw illegal('has a username with a colon');
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
 *
 * MemCachier's scheme (its blog, "ASCII Protocol Support") is a set whose key is the user and whose value the password,
 * shown there with ttl 0; of a server that takes it for an item it is gone after a second.
 */
export function loginRequest(credentials: Credentials): Buffer {
  const { username, password, scheme } = credentials;
  return scheme === 'memcachier'
    ? setOf(`${username} 0 1`, password)
    : setOf('memvolley:login 0 -1', payloadOf(credentials));
}

function setOf(head: string, payload: string): Buffer {
  return Buffer.from(`set ${head} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
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
