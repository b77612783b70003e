import { type ClientOptions, IllegalInputError } from '../../index.ts';

/**
 * The options of npm `memcached`, with its names, units and defaults. Options it does not know either are ignored, as it
 * ignores them: `connect-memcached` hands it all of its own.
 */
export interface MemcachedOptions {
  /** Characters of the longest key, namespace included. Default 250. */
  readonly maxKeySize?: number | undefined;
  /** Stores longer keys under their md5; false refuses them. Default true. */
  readonly keyCompression?: boolean | undefined;
  /** Bytes of the longest value, as it is stored. Default 1 048 576. */
  readonly maxValue?: number | undefined;
  /** Put before every key, and hashed with it. Default ''. */
  readonly namespace?: string | undefined;
  /** Calls that may be under way; one more is answered 'over queue limit'. Default -1, any number. */
  readonly maxQueueSize?: number | undefined;
  /** What the ring of servers is made with: a hash of node:crypto by name, or a function. Default 'md5'. */
  readonly algorithm?: string | ((key: string) => Uint8Array) | undefined;
  /** 'ketama' or 'hash_ring': the points of the ring. Default 'ketama'. */
  readonly compatibility?: string | false | undefined;
  /** Milliseconds to connect, and here to answer, too; 0 for no end. Default 5000. */
  readonly timeout?: number | undefined;
  /** Milliseconds without use after which a connection is closed; 0 for never. Default 5000. */
  readonly idle?: number | undefined;
  /** Issues of a server, `retry` milliseconds apart, after which it is dead. Default 5. */
  readonly failures?: number | undefined;
  /** Milliseconds without an issue after which they are forgotten. Default 300 000. */
  readonly failuresTimeout?: number | undefined;
  /** Milliseconds between two issues of a server, and at most until it is dialled again. Default 30 000. */
  readonly retry?: number | undefined;
  /** Takes a dead server out of the ring. Default false. */
  readonly remove?: boolean | undefined;
  /** Servers that take the places of those removed, one after the other. Default none. */
  readonly failOverServers?: readonly string[] | undefined;
  /** Does not work in npm `memcached` 2.2.2, and is refused here. */
  readonly redundancy?: number | false | undefined;
  /** Without effect: one connection carries what many calls ask for at once. Default 10. */
  readonly poolSize?: number | undefined;
  /** Without effect: a lost server is tried again by itself, never later than after `retry`. Default 18 000 000. */
  readonly reconnect?: number | undefined;
  /** Without effect, as `factor`, `minTimeout`, `maxTimeout` and `randomize`: no call waits for a connection of a pool. */
  readonly retries?: number | undefined;
  /** Without effect, see `retries`. */
  readonly factor?: number | undefined;
  /** Without effect, see `retries`. */
  readonly minTimeout?: number | undefined;
  /** Without effect, see `retries`. */
  readonly maxTimeout?: number | undefined;
  /** Without effect, see `retries`. */
  readonly randomize?: boolean | undefined;
  /** Without effect there and here: a lifetime is sent as it is. Default 2 592 000. */
  readonly maxExpiration?: number | undefined;
  /** Without effect: nothing is written to the console. Default false. */
  readonly debug?: boolean | undefined;
  /** Options of `createClient` that go before all of these, such as `tls` and `auth`. */
  readonly memvolley?: Omit<ClientOptions, 'servers' | 'discovery' | 'codec'> | undefined;
}

/** What is in force where neither `Memcached.config` nor the constructor says otherwise. */
export const CONFIG: MemcachedOptions = {
  maxKeySize: 250,
  maxExpiration: 2_592_000,
  maxValue: 1_048_576,
  maxQueueSize: -1,
  algorithm: 'md5',
  compatibility: 'ketama',
  poolSize: 10,
  retries: 5,
  factor: 3,
  minTimeout: 1000,
  maxTimeout: 60_000,
  randomize: false,
  reconnect: 18_000_000,
  timeout: 5000,
  failures: 5,
  failuresTimeout: 300_000,
  retry: 30_000,
  idle: 5000,
  remove: false,
  redundancy: false,
  keyCompression: true,
  namespace: '',
  debug: false,
};

/** Those that are looked at, with their values. */
export interface Settings {
  readonly maxKeySize: number;
  readonly keyCompression: boolean;
  readonly maxValue: number;
  readonly namespace: string;
  readonly maxQueueSize: number;
  readonly algorithm: string | ((key: string) => Uint8Array);
  readonly compatibility: string | false | undefined;
  readonly timeout: number;
  readonly idle: number;
  readonly failures: number;
  readonly failuresTimeout: number;
  readonly retry: number;
  readonly remove: boolean;
  readonly failOverServers: readonly string[];
  readonly memvolley: Omit<ClientOptions, 'servers' | 'discovery' | 'codec'>;
}

/** A timer of Node's takes no longer; a tenth of it is for those that are stretched. */
const LONGEST_MS = 1_900_000_000;

const isNumber = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value);
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isMilliseconds = (value: unknown): boolean => isNumber(value) && (value as number) >= 0;

const NUMBER = ['a number', isNumber] as const;
const MILLISECONDS = ['a number of milliseconds from 0', isMilliseconds] as const;
const BOOLEAN = ['true or false', isBoolean] as const;

const LEGAL: Readonly<
  Record<string, readonly [allowed: string, legal: (value: unknown) => boolean]>
> = {
  maxKeySize: NUMBER,
  maxValue: NUMBER,
  maxQueueSize: NUMBER,
  failures: NUMBER,
  timeout: MILLISECONDS,
  idle: MILLISECONDS,
  failuresTimeout: MILLISECONDS,
  retry: MILLISECONDS,
  keyCompression: BOOLEAN,
  remove: BOOLEAN,
  namespace: ['a string', (value) => typeof value === 'string'],
  failOverServers: [
    'a list of host:port',
    (value) => Array.isArray(value) && value.every((server) => typeof server === 'string'),
  ],
  redundancy: ['false: npm memcached 2.2.2 fails with any other', (value) => value === false],
  memvolley: ['an object of options', (value) => typeof value === 'object' && value !== null],
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with. */
export function settingsOf(config: MemcachedOptions, told?: MemcachedOptions | null): Settings {
  const options = told ?? {};
  const given: Record<string, unknown> = { ...CONFIG, ...withoutGaps(config) };
  Object.assign(given, withoutGaps(options));
  // The name that package's own code reads, too.
  const misspelt = (options as { compatiblity?: unknown }).compatiblity;
  if (options.compatibility === undefined && misspelt !== undefined)
    given['compatibility'] = misspelt;
  for (const [name, [allowed, legal]] of Object.entries(LEGAL)) {
    const value = given[name];
    if (value === undefined || legal(value)) continue;
    const message = `option '${name}' must be ${allowed}, not ${typeof value}`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', message);
  }
  return { failOverServers: [], memvolley: {}, ...given } as unknown as Settings;
}

/** null, where old code has it for nothing, and undefined leave the default. */
function withoutGaps(options: object): object {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

const bounded = (milliseconds: number): number =>
  Math.min(Math.max(1, Math.round(milliseconds)), LONGEST_MS);

const unlessZero = (milliseconds: number): number =>
  milliseconds === 0 ? LONGEST_MS : bounded(milliseconds);

/** What `createClient` is given for it, but the servers, their hash and the codec. */
export function clientOptions({ timeout, idle, retry, memvolley }: Settings): ClientOptions {
  const patienceMs = unlessZero(timeout);
  const pauseMs = bounded(retry);
  return {
    timeoutMs: patienceMs,
    connectTimeoutMs: patienceMs,
    idleTimeoutMs: idle === 0 ? 0 : bounded(idle),
    reconnect: { minMs: Math.min(50, pauseMs), maxMs: pauseMs },
    // A key stays with its server until that is removed: another process may still reach it there.
    failover: 'error',
    health: { probeMs: Math.min(1000, pauseMs), deadTimeoutMs: pauseMs },
    onUnreadable: 'error',
    ...memvolley,
  };
}
