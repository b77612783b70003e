import { isIPv4, isIPv6 } from 'node:net';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';

/** Where a server listens. */
export type ServerAddress = {
  /** Its one spelling: `host:port`, `[v6]:port` or `unix:/path`. */
  readonly name: string;
  /** Its share of the keys relative to the others. */
  readonly weight: number;
  /** As the caller wrote it, where a hash depends on that. */
  readonly spelling: string;
  /** What stands for it in the hash instead of its address, if anything does. */
  readonly label?: string;
  /** The name its certificate has to be for, where that is not its host. */
  readonly servername?: string;
} & (
  | {
      /** Host name or IP address, v6 without brackets. */
      readonly host: string;
      /** TCP port. */
      readonly port: number;
    }
  | {
      /** Path of a Unix socket. */
      readonly path: string;
    }
);

/** What may be said of a server beside its address. */
interface ServerTraits {
  /** Its share of the keys relative to the others: a positive integer. Default 1. */
  readonly weight?: number;
  /** What stands for it in the hash instead of its address: it may then move without its keys. */
  readonly label?: string;
  /** The name its certificate has to be for, with TLS. Default: its host. */
  readonly servername?: string;
  readonly name?: string;
  readonly spelling?: string;
}

/** A server as a caller may write it; an address is a spec too. */
export type ServerSpec =
  | string
  | ({
      /** Host name or IP address, v6 without brackets. */
      readonly host: string;
      /** TCP port. Default 11211. */
      readonly port?: number;
    } & ServerTraits)
  | ({
      /** Path of a Unix socket. */
      readonly path: string;
    } & ServerTraits);

const DEFAULT_PORT = 11211;
/** What fits into sockaddr_un on every platform. */
const LONGEST_PATH_BYTES = 103;
const ALLOWED =
  "allowed are 'host', 'host:port', '[ipv6]', '[ipv6]:port', 'unix:/path', '/path', " +
  '{ host, port?, weight?, label?, servername? } and { path, weight?, label?, servername? }';
const TEXTS = ['label', 'spelling', 'servername'] as const;
const FIELDS: readonly string[] = ['host', 'port', 'path', 'weight', 'name', ...TEXTS];

/** `label` is how an error names the place: `servers`, or `servers[2]` for one of a list. */
export function parseServer(spec: ServerSpec, label = 'servers'): ServerAddress {
  const given: unknown = spec;
  if (typeof given === 'string') return parseText(given, label);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw illegal(label, `${kindOf(given)} is no server`);
  }
  return parseFields(given as Record<string, unknown>, label);
}

/** Several servers, also as one string with commas between them; none may be named twice, nor two by one label. */
export function parseServers(
  specs: string | readonly ServerSpec[],
  option = 'servers',
): ServerAddress[] {
  const list: unknown =
    typeof specs === 'string' ? specs.split(',').map((spec) => spec.trim()) : specs;
  if (!Array.isArray(list)) throw illegal(option, `${kindOf(list)} is no list of servers`);
  if (list.length === 0) throw illegal(option, 'the list is empty');
  const addresses = list.map((spec: ServerSpec, index) => parseServer(spec, `${option}[${index}]`));
  const problem = twinIn(addresses);
  if (problem !== undefined) throw illegal(option, problem);
  return addresses;
}

/** Which server is in a list twice, or has the label of another: a hash would give one of the two no key. */
export function twinIn(addresses: readonly ServerAddress[]): string | undefined {
  const [names, labels] = [new Set<string>(), new Set<string>()];
  for (const address of addresses) {
    const { name, label } = address;
    const identity = 'path' in address ? name : name.toLowerCase();
    if (names.has(identity)) return `${name} is listed twice`;
    if (label !== undefined && labels.has(label)) return `${name} has the label of another server`;
    names.add(identity);
    if (label !== undefined) labels.add(label);
  }
  return undefined;
}

function parseText(text: string, label: string): ServerAddress {
  const traits = { weight: 1, spelling: text };
  if (text.startsWith('/')) return unixAddress(text, traits, label);
  if (text.startsWith('unix:')) return unixAddress(text.slice('unix:'.length), traits, label);
  refuseBareIPv6(text, label);
  const colon = text.endsWith(']') ? -1 : text.lastIndexOf(':');
  const host = colon === -1 ? text : text.slice(0, colon);
  const port = colon === -1 ? DEFAULT_PORT : parsePort(text.slice(colon + 1));
  return tcpAddress({ host, port }, traits, label);
}

/** What an address has beside its place; without a spelling its name is taken for it. */
interface Traits {
  readonly weight: number;
  readonly spelling?: string;
  readonly label?: string;
  readonly servername?: string;
}

function parseFields(fields: Record<string, unknown>, label: string): ServerAddress {
  const { host, port = DEFAULT_PORT, path, name } = fields;
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw illegal(label, `a server has no field '${unknown}'`);
  const traits = traitsOf(fields, label);
  if ((host === undefined) === (path === undefined)) {
    throw illegal(label, 'a server has either a host or a path');
  }
  if (path !== undefined && fields['port'] !== undefined) {
    throw illegal(label, 'a path has no port');
  }
  const address =
    path === undefined
      ? tcpAddress({ host, port }, traits, label)
      : unixAddress(path, traits, label);
  if (name !== undefined && name !== address.name) {
    throw illegal(label, `name is made from the address: leave it out`);
  }
  return address;
}

function traitsOf(fields: Record<string, unknown>, label: string): Traits {
  const { weight = 1 } = fields;
  if (!Number.isSafeInteger(weight) || (weight as number) < 1) {
    throw illegal(label, `weight must be a positive integer, not ${kindOf(weight)}`);
  }
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  for (const name of TEXTS) {
    const text = fields[name];
    if (text === undefined) continue;
    if (typeof text !== 'string' || text === '')
      throw illegal(label, `${name} must be a string that is not empty, not ${kindOf(text)}`);
    texts[name] = text;
  }
  return { weight: weight as number, ...texts };
}

function tcpAddress(
  given: { host: unknown; port: unknown },
  traits: Traits,
  label: string,
): ServerAddress {
  if (typeof given.host !== 'string') {
    throw illegal(label, `host must be a string, not ${kindOf(given.host)}`);
  }
  const host =
    given.host.startsWith('[') && given.host.endsWith(']') ? given.host.slice(1, -1) : given.host;
  const legal = host === given.host ? isIPv6(host) || isHostName(host) : isIPv6(host);
  if (!legal) {
    throw illegal(label, given.host === '' ? 'the host is empty' : 'a string that is no host');
  }
  const port = checkedPort(given.port, label);
  const name = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  return Object.freeze({ name, host, port, spelling: name, ...traits });
}

function unixAddress(given: unknown, traits: Traits, label: string): ServerAddress {
  if (typeof given !== 'string') {
    throw illegal(label, `path must be a string, not ${kindOf(given)}`);
  }
  const path = given.replace(/^\/+/, '/');
  if (!path.startsWith('/') || path === '/' || path.includes('\0')) {
    throw illegal(label, 'a unix socket needs an absolute path');
  }
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES) {
    throw illegal(label, `the path of a unix socket is at most ${LONGEST_PATH_BYTES} bytes long`);
  }
  const name = `unix:${path}`;
  return Object.freeze({ name, path, spelling: name, ...traits });
}

/** `::1:1121` has two readings and neither is guessed. */
function refuseBareIPv6(text: string, label: string): void {
  const [, head = '', port] = /^(.*):([1-9]\d{0,4})$/.exec(text) ?? [];
  const readings = [];
  if (isIPv6(text)) readings.push(`'[${text}]'`);
  if (isIPv6(head)) readings.push(`'[${head}]:${port}'`);
  if (readings.length > 0) {
    throw illegal(label, `an IPv6 address needs brackets: ${readings.join(' or ')}`);
  }
}

/** A name of digits and dots alone can only be meant as an IPv4 address. */
function isHostName(host: string): boolean {
  return isIPv4(host) || (/^[\w.-]{1,253}$/.test(host) && !/^[\d.]*$/.test(host));
}

function checkedPort(port: unknown, label: string): number {
  if (Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535) {
    return port as number;
  }
  throw illegal(label, 'the port must be an integer from 1 to 65535');
}

function parsePort(text: string): number {
  return /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
}

function illegal(label: string, problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option '${label}': ${problem}; ${ALLOWED}`);
}
