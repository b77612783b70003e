import type { NetConnectOpts } from 'node:net';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';

/** What listens somewhere: a server of this kit, a proxy, or an address as `createClient` takes it. */
export type Listening =
  | string
  | {
      /** As `createClient` takes it. */
      readonly address: string;
    };

const ALLOWED =
  "allowed are 'host:port', '[ipv6]:port', 'unix:/path' and what has such an `address`";

/** How to connect to it. */
export function endpointOf(listening: Listening, option: string): NetConnectOpts {
  const address: unknown = typeof listening === 'string' ? listening : listening.address;
  if (typeof address !== 'string') throw illegal(option, address);
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const parts = /^(?:\[(?<v6>.+)\]|(?<name>[^:]+)):(?<port>\d{1,5})$/.exec(address)?.groups;
  if (parts === undefined) throw illegal(option, address);
  return { host: parts['v6'] ?? parts['name'], port: Number(parts['port']) };
}

function illegal(option: string, given: unknown): IllegalInputError {
  return new IllegalInputError(
    'ERR_MEMCACHE_OPTION',
    `option '${option}': ${kindOf(given)} is no address; ${ALLOWED}`,
  );
}
