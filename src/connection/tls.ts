import { isIP } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { ServerAddress } from './address.ts';
import type { SocketContext } from './socket-context.ts';

/** No encryption, Node's defaults, options for `tls.connect`, or a function that is asked for those before each new socket. */
export type TlsOption =
  boolean | TlsOptions | ((context: SocketContext) => TlsOptions | Promise<TlsOptions>);

/** RFC 8996: what is older is not to be spoken. */
const VERSIONS: readonly unknown[] = ['TLSv1.2', 'TLSv1.3', undefined];
/** What is decided elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  host: "'servers' does",
  port: "'servers' does",
  path: "'servers' does",
  socket: "'connect' does",
  secureProtocol: 'minVersion does',
};

/**
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for options no socket is opened with. Warns, once in a process, where
 * nobody would know who the server is. `shared`: the same options are for every server.
 */
export function checkTls(given: unknown, shared: boolean): TlsOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw illegal(`must be true or false, options or a function; got ${kindOf(given)}`);
  const options = given as TlsOptions & Record<string, unknown>;
  for (const [name, place] of Object.entries(ELSEWHERE))
    if (options[name] !== undefined) throw illegal(`has no say about ${name}: ${place}`);
  for (const name of ['minVersion', 'maxVersion'] as const) {
    if (!VERSIONS.includes(options[name]))
      throw illegal(`must have TLSv1.2 or TLSv1.3 as ${name}: older ones are not secure`);
  }
  if (shared && options.session !== undefined)
    throw illegal('must not hold a session, which is one of one server: give a function');
  if (options.rejectUnauthorized === false) warn();
  return options;
}

/** Options for `tls.connect`. The certificate is verified, whatever the environment says, against the server's name. */
export function tlsFor(address: ServerAddress, given: TlsOptions): TlsOptions {
  const servername = address.servername ?? hostName(address);
  const named = servername === undefined ? {} : { servername };
  return { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...named, ...given };
}

/** An address is no name: the certificate is then checked against the address. */
function hostName(address: ServerAddress): string | undefined {
  return 'host' in address && isIP(address.host) === 0 ? address.host : undefined;
}

let warned = false;

function warn(): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    "memvolley: option 'tls' has rejectUnauthorized: false. Whoever answers is taken for the server, " +
      'and may read and change all that is stored there.',
    { type: 'SecurityWarning', code: 'MEMVOLLEY_TLS_UNVERIFIED' },
  );
}

function illegal(problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option 'tls' ${problem}`);
}
