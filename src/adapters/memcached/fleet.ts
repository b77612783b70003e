import { createHash } from 'node:crypto';
import {
  type ClientOptions,
  type Codec,
  FleetClient,
  IllegalInputError,
  type ServerSpec,
} from '../../index.ts';
import { clientOptions, type Settings } from './options.ts';
import { ring, type Share } from './ring.ts';
import { decodeValue, type StoredValue } from './values.ts';

/** Where npm `memcached` is told its servers: one, several, or several with their shares of the keys. */
export type ServerLocations =
  string | readonly string[] | Readonly<Record<string, number | Partial<Share>>>;

/** A server of the ring. */
interface Member {
  /** As it was given. */
  readonly location: string;
  readonly share: Share;
  /** Whose place in the ring it has, if it stands in for another. */
  readonly label: string | undefined;
}

const DEFAULT_LOCATION = 'localhost:11211';
const DEFAULT_PORT = '11211';

/** Values are made bytes before the client sees them. */
const CODEC: Codec = {
  encode: (value) => value as StoredValue,
  decode: (bytes, flags) => decodeValue(bytes, flags),
};

/** The servers of a ring, which changes only when one is removed. */
export class Fleet {
  readonly #settings: Settings;
  #members: readonly Member[];

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for servers and rings that cannot be. */
  constructor(servers: ServerLocations | undefined, settings: Settings) {
    this.#settings = settings;
    this.#members = membersOf(servers);
    checkAlgorithm(settings.algorithm);
  }

  get locations(): string[] {
    return this.#members.map(({ location }) => location);
  }

  /** A client of the servers there are now. It connects with its first command. */
  connect(): FleetClient {
    const options: ClientOptions = {
      ...clientOptions(this.#settings),
      servers: this.specs,
      // Keys are short already; this lets what places them be of any length.
      keyRule: 'hash',
      format: 'memcached',
      codec: CODEC,
      hash: this.#isPlain ? 'hashring' : ring(this.#settings, () => this.#shares),
    };
    return new FleetClient(options);
  }

  /** As it was given, of an address as the client calls it. */
  locationOf(address: string): string {
    return this.locations.find((location) => addressOf(location) === address) ?? address;
  }

  /** Takes a server out of the ring; the last one stays, since there is nobody else to have its keys. */
  remove(address: string): void {
    const rest = this.#members.filter(({ location }) => addressOf(location) !== address);
    if (rest.length > 0) this.#members = rest;
  }

  /** Puts another server in the place of one: it has the keys of that, and no others move. */
  swap(address: string, spare: string): void {
    if (this.#members.some(({ location }) => addressOf(location) === addressOf(spare))) {
      this.remove(address);
      return;
    }
    this.#members = this.#members.map((member) =>
      addressOf(member.location) === address
        ? { ...member, location: spare, label: member.label ?? textOf(member.location) }
        : member,
    );
  }

  /** As a client is told them. */
  get specs(): ServerSpec[] {
    const weighs = this.#isPlain;
    return this.#members.map(({ location, share, label }) => ({
      ...placeOf(location),
      weight: weighs ? share.weight : 1,
      ...(label === undefined ? {} : { label }),
    }));
  }

  get #shares(): readonly Share[] {
    return this.#members.map(({ share }) => share);
  }

  /** Whether the ring is the one every client of that package has as it comes. */
  get #isPlain(): boolean {
    const { algorithm, compatibility } = this.#settings;
    const isWhole = ({ weight, vnodes }: Share): boolean =>
      vnodes === 0 && Number.isSafeInteger(weight) && weight > 0;
    return algorithm === 'md5' && compatibility === 'ketama' && this.#shares.every(isWhole);
  }
}

/** `host:port`, as the client names a server. */
export function addressOf(location: string): string {
  const { host, port, path } = partsOf(location);
  return path === undefined ? `${host}:${port}` : `unix:${path}`;
}

/** `[port, host]`, as events tell a server. */
export function tokensOf(address: string): string[] {
  const { host, port, path } = partsOf(address);
  return path === undefined ? [port, host] : [path];
}

interface Parts {
  readonly host: string;
  readonly port: string;
  readonly path: string | undefined;
}

function partsOf(location: string): Parts {
  const path = /^(?:unix:)?(\/.*)$/.exec(location)?.[1];
  const [, host = location, port = DEFAULT_PORT]: (string | undefined)[] =
    /^(.*):(\d+)$/.exec(location) ?? [];
  return { host, port, path };
}

function placeOf(location: string): { host: string; port: number } | { path: string } {
  const { host, port, path } = partsOf(location);
  return path === undefined ? { host, port: Number(port) } : { path };
}

/** What the ring hashes for a server: one on the default port goes by its host alone. */
function textOf(location: string): string {
  const { host, port, path } = partsOf(location);
  return path === undefined && port === DEFAULT_PORT ? host : location;
}

function membersOf(servers: unknown): Member[] {
  const shares = sharesOf(servers);
  if (shares.length === 0) throw illegal('No servers where supplied in the arguments');
  // A server that is listed twice has the same points twice.
  const once = new Map(
    shares.map(([location, share]) => [addressOf(location), { location, share }]),
  );
  return [...once.values()].map((member) => ({ ...member, label: undefined }));
}

function sharesOf(servers: unknown): (readonly [location: string, share: Share])[] {
  if (Array.isArray(servers)) {
    const list: unknown[] = servers.length === 0 ? [DEFAULT_LOCATION] : servers;
    return list.map((location) => [checked(location), shareOf(1)]);
  }
  if (typeof servers === 'object' && servers !== null)
    return Object.entries(servers).map(([location, share]) => [location, shareOf(share)]);
  return [[checked(servers ?? DEFAULT_LOCATION), shareOf(1)]];
}

function checked(location: unknown): string {
  if (typeof location === 'string' && location !== '') return location;
  throw illegal(`a server must be given as 'host:port', not as ${typeof location}`);
}

/** What is no number, or 0, counts as 1, as in that package. */
function shareOf(share: unknown): Share {
  const isGroup = typeof share === 'object' && share !== null;
  const { weight, vnodes }: { weight?: unknown; vnodes?: unknown } = isGroup
    ? share
    : { weight: share };
  return { weight: numberOr(weight, 1), vnodes: numberOr(vnodes, 0) };
}

function numberOr(given: unknown, otherwise: number): number {
  const number = Number(given);
  return Number.isNaN(number) || number === 0 ? otherwise : number;
}

function checkAlgorithm(algorithm: unknown): void {
  if (typeof algorithm === 'function') return;
  try {
    createHash(algorithm as string);
  } catch (cause) {
    const message = "option 'algorithm' must be a function or a hash that node:crypto has";
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', message, { cause });
  }
}

const illegal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
