import type { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ServerSpec } from '../connection/address.ts';
import { MemcacheConnectionError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { DiscoverContext, Discovery } from './discovery.ts';
import { naturally } from '../primitives/natural-order.ts';
import {
  checkBoolean,
  checkInteger,
  checkMs,
  checkNames,
  checkOneOf,
  checkText,
  illegalOption,
} from './option-check.ts';

interface ResolverOptions {
  /** Milliseconds between two questions. Default 30 000, from 1, or 0: only when asked. */
  readonly pollMs?: number;
  /** Milliseconds a name server has for an answer; it is asked twice. Default 2000, from 1. */
  readonly timeoutMs?: number;
  /** Addresses of name servers with or without a port, such as `127.0.0.1:8600`. Default: those of the system. */
  readonly nameservers?: readonly string[];
}

/** What `dns` is asked with. */
export interface DnsOptions extends ResolverOptions {
  /** The whole name, such as `cache.prod.svc.cluster.local`: search domains and the hosts file are not used. */
  readonly host: string;
  /** The port of every server. Default 11211. */
  readonly port?: number;
  /**
   * 4 for A records, 6 for AAAA records, 0 for A records or, where there are none, AAAA records.
   * Default 0. Never both: a server that has two addresses would be listed twice.
   */
  readonly family?: 0 | 4 | 6;
}

/** What `srv` is asked with. */
export interface SrvOptions extends ResolverOptions {
  /** The whole name, such as `_memcache._tcp.cache.prod.svc.cluster.local`. */
  readonly name: string;
  /**
   * Takes the weights of the records, from 1 up, as the servers' share of the keys. Default false:
   * they are meant for balancing, may change at any time, and every change would move keys.
   */
  readonly weights?: boolean;
}

const RESOLVER_NAMES = ['pollMs', 'timeoutMs', 'nameservers'];
const TRIES = 2;

/**
 * Servers behind one name, as a headless service of Kubernetes has them. They are named by their
 * ip; with TLS their certificates have to be for the name. Sorted, so that the order of an answer
 * has no say in where keys are.
 * Throws IllegalInputError for options it cannot work with.
 */
export function dns(options: DnsOptions): Discovery {
  checkNames('dns', options, ['host', 'port', 'family', ...RESOLVER_NAMES]);
  const host = checkText('host', options.host);
  const port = checkInteger('port', options.port ?? 11211, 1, 65_535);
  const family = checkOneOf<0 | 4 | 6>('family', options.family ?? 0, [0, 4, 6]);
  const name = `dns ${host}:${port}`;
  return resolving(name, options, async (resolver) => {
    const hosts = await addressesOf(resolver, host, family);
    return hosts.toSorted(naturally).map((ip) => ({ host: ip, port, servername: host }));
  });
}

/**
 * Servers and ports that the SRV records of a name tell (RFC 2782). Only the group with the lowest
 * priority number counts. Sorted, as with `dns`.
 * Throws IllegalInputError for options it cannot work with.
 */
export function srv(options: SrvOptions): Discovery {
  checkNames('srv', options, ['name', 'weights', ...RESOLVER_NAMES]);
  const service = checkText('name', options.name);
  const weighted = checkBoolean('weights', options.weights ?? false);
  return resolving(`srv ${service}`, options, async (resolver) => {
    const records = await resolver.resolveSrv(service);
    const first = Math.min(...records.map(({ priority }) => priority));
    return records
      .filter(({ priority, name }) => priority === first && name !== '' && name !== '.')
      .map(({ name, port, weight }) => ({
        host: name,
        port,
        ...(weighted ? { weight: Math.max(1, weight) } : {}),
      }))
      .toSorted((a, b) => naturally(`${a.host}:${a.port}`, `${b.host}:${b.port}`));
  });
}

async function addressesOf(resolver: Resolver, host: string, family: 0 | 4 | 6): Promise<string[]> {
  if (family === 6) return resolver.resolve6(host);
  try {
    return await resolver.resolve4(host);
  } catch (error) {
    // Only where the name is there and has none: a failing name server does not move a fleet to its other addresses.
    if (family === 4 || (error as NodeJS.ErrnoException).code !== 'ENODATA') throw error;
    return resolver.resolve6(host);
  }
}

function resolving(
  name: string,
  options: ResolverOptions,
  ask: (resolver: Resolver) => Promise<readonly ServerSpec[]>,
): Discovery {
  const pollMs = checkMs('pollMs', options.pollMs ?? 30_000, 0);
  const timeoutMs = checkMs('timeoutMs', options.timeoutMs ?? 2000, 1);
  const nameservers = checkNameservers(options.nameservers);
  const discover = async ({ signal }: DiscoverContext): Promise<readonly ServerSpec[]> => {
    // A new one each time: it reads the system's settings as they are now, and `cancel` ends nobody else's question.
    const promises = await import('node:dns/promises');
    const resolver = new promises.Resolver({ timeout: timeoutMs, tries: TRIES });
    if (nameservers !== undefined) resolver.setServers(nameservers);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel);
    try {
      signal.throwIfAborted();
      return await ask(resolver);
    } catch (cause) {
      throw unresolved(name, cause);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return { name, pollMs, discover };
}

function unresolved(name: string, cause: unknown): MemcacheConnectionError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = typeof code === 'string' ? `: ${code}` : '';
  const message = `${name} cannot be resolved${why}`;
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', message, { cause, retryable: true });
}

function checkNameservers(given: readonly string[] | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const allowed = "must be a list of IP addresses such as '10.0.0.2' or '127.0.0.1:8600'";
  const list: unknown = given;
  if (!Array.isArray(list) || list.length === 0) {
    throw illegalOption('nameservers', `${allowed}; got ${kindOf(list)}`);
  }
  for (const server of list as unknown[]) {
    const ip = typeof server === 'string' ? server.replace(/^\[(.*)\](:\d+)?$|:\d+$/, '$1') : '';
    if (isIP(ip) === 0 && isIP(server as string) === 0) {
      throw illegalOption('nameservers', `${allowed}; got ${kindOf(server)}`);
    }
  }
  return [...given];
}
