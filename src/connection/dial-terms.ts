import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { MemcacheError } from '../errors.ts';
import type { ServerAddress } from './address.ts';
import { checkCredentials, loginRequest } from './auth.ts';
import { unauthenticated, unreachable } from './losses.ts';
import type { ConnectionOptions } from './options.ts';
import { checkTls, tlsFor } from './tls.ts';

/** What one socket is opened with. */
export interface DialTerms {
  readonly tls: TlsOptions | undefined;
  /** The first request on it, before whose answer there is no other. */
  readonly login: Buffer | undefined;
}

/** Takes terms, or why there are none. Told at once where no function has to be asked. */
export interface TermsHost {
  agreed(terms: DialTerms): void;
  failed(error: MemcacheError): void;
}

/** Asks options that are functions what is to be for one new socket. Who does not want to wait for ever has to end it. */
export function askTerms(
  address: ServerAddress,
  options: ConnectionOptions,
  host: TermsHost,
): void {
  const { tls, auth } = options;
  if (typeof tls === 'function' || typeof auth === 'function') {
    ask(address, options).then(
      (terms) => host.agreed(terms),
      (error: unknown) => host.failed(error as MemcacheError),
    );
    return;
  }
  host.agreed({
    tls: tls === false ? undefined : tlsFor(address, tls === true ? {} : tls),
    login: auth === undefined ? undefined : loginRequest(auth),
  });
}

async function ask(address: ServerAddress, options: ConnectionOptions): Promise<DialTerms> {
  const { name } = address;
  const [tls, login] = await Promise.all([
    tlsOf(address, options).catch((cause: unknown) => {
      throw unreachable(name, cause, "option 'tls' gave nothing to connect with");
    }),
    loginOf(name, options).catch((cause: unknown) => {
      throw unauthenticated(name, "option 'auth' gave no credentials", cause);
    }),
  ]);
  return { tls, login };
}

async function tlsOf(
  address: ServerAddress,
  { tls }: ConnectionOptions,
): Promise<TlsOptions | undefined> {
  if (tls === false) return undefined;
  if (typeof tls !== 'function') return tlsFor(address, tls === true ? {} : tls);
  return tlsFor(address, checkTls(await tls({ server: address.name }), false));
}

async function loginOf(server: string, { auth }: ConnectionOptions): Promise<Buffer | undefined> {
  if (auth === undefined) return undefined;
  if (typeof auth !== 'function') return loginRequest(auth);
  return loginRequest(checkCredentials(await auth({ server })));
}
