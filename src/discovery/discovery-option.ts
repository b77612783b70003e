import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { dns, srv } from './dns.ts';
import type { DiscoverFunction, Discovery } from './discovery.ts';
import { elasticache, memorystore } from './elasticache.ts';
import { file } from './file.ts';
import { checkMs } from './option-check.ts';
import { parseServer, type ServerAddress } from '../connection/address.ts';

/** Text such as `elasticache://host:port`, a discovery, or a function that answers the list of servers. */
export type DiscoveryOption = string | Discovery | DiscoverFunction;

const FUNCTION_POLL_MS = 60_000;
const ALLOWED =
  "allowed are 'elasticache://host:port', 'memorystore://host:port', 'dns://host:port', 'srv://name', " +
  "'file:///path', a function that answers a list of servers and an object { name, pollMs, discover }";

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what is no discovery. */
export function discoveryOf(option: DiscoveryOption): Discovery {
  if (typeof option === 'string') return fromText(option);
  if (typeof option === 'function') return fromFunction(option);
  const given: unknown = option;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw illegal(`${kindOf(given)} is no discovery`);
  }
  checkObject(given as Record<keyof Discovery, unknown>);
  return option;
}

function fromFunction(ask: DiscoverFunction): Discovery {
  const discover: Discovery['discover'] = async (context) => ask(context);
  return { name: 'discovery function', pollMs: FUNCTION_POLL_MS, discover };
}

function checkObject({ name, pollMs, discover, watch }: Record<keyof Discovery, unknown>): void {
  if (typeof name !== 'string' || name === '') throw illegal('its name must be a string');
  if (typeof discover !== 'function') throw illegal('its discover must be a function');
  if (watch !== undefined && typeof watch !== 'function') {
    throw illegal('its watch must be a function');
  }
  checkMs('discovery.pollMs', pollMs, 0);
}

function fromText(text: string): Discovery {
  const [, scheme = '', rest = ''] = /^(\w+):\/\/(.*)$/s.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'elasticache':
      return elasticache({ endpoint: place(rest) });
    case 'memorystore':
      return memorystore({ endpoint: place(rest) });
    case 'dns':
      return dns(place(rest));
    case 'srv':
      if (!/^[\w.-]{1,253}$/.test(rest)) throw illegal("a string that is no 'srv://name'");
      return srv({ name: rest });
    case 'file':
      return file({ path: pathOf(text) });
    default:
      throw illegal(`${kindOf(text)} that is none of the forms`);
  }
}

function place(text: string): { host: string; port: number } {
  let address: ServerAddress | undefined;
  try {
    address = parseServer(text, 'discovery');
  } catch {
    // Its message would allow what a discovery cannot be.
  }
  if (address === undefined || !('host' in address)) throw illegal('its host or port is none');
  return { host: address.host, port: address.port };
}

function pathOf(text: string): string {
  const [, path = ''] = /^file:\/\/(\/[^?#]+)$/is.exec(text) ?? [];
  try {
    if (path !== '') return decodeURIComponent(path);
  } catch {
    // Reported with the others.
  }
  throw illegal("a string that is no 'file:///path'");
}

function illegal(problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option 'discovery': ${problem}; ${ALLOWED}`);
}
