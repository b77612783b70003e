import { Calls } from './calls.ts';
import {
  count,
  encoded,
  foundValues,
  placedBy,
  plainly,
  store,
  storedOrNot,
  type StoreVerb,
  ttlOf,
  wantedKeys,
} from './commands.ts';
import type { ServerLocations } from './fleet.ts';
import { CONFIG, type MemcachedOptions, settingsOf } from './options.ts';
import {
  type Callback,
  type ManyCallback,
  Query,
  type QueryParts,
  type QueryType,
  type Validation,
} from './query.ts';
import { ServerVerbs } from './server-verbs.ts';

const KEY: readonly Validation[] = [
  ['key', String],
  ['callback', Function],
];
const COUNT: readonly Validation[] = [
  ['key', String],
  ['value', Number],
  ['callback', Function],
];
const STORE: readonly Validation[] = [
  ['key', String],
  ['value', String],
  ['lifetime', Number],
  ['callback', Function],
];
const TOUCH: readonly Validation[] = [
  ['key', String],
  ['lifetime', Number],
  ['callback', Function],
];

/** What `gets` answers: the value under its key, and the token for `cas`. */
export type WithCas = Readonly<Record<string, unknown>> & {
  /** The token. */
  readonly cas: string;
};

/** What `multi` calls back with: a server, its keys, its number, and how many servers there are. */
// oxlint-disable-next-line max-params -- the signature of npm memcached
export type PerServer = (
  this: unknown,
  server: string,
  keys: string[] | undefined,
  index: number,
  total: number,
) => void;

/**
 * The callback API of npm `memcached` 2.2.2 on top of memvolley: the same arguments, answers, stored bytes and placement of
 * keys, so that both can share a fleet. Callbacks are called once, never inside the call. Where this differs from that
 * package is told in the guide beside this file.
 */
export class Memcached extends ServerVerbs {
  /** Defaults for instances made from now on; each may be changed. */
  static config: MemcachedOptions = { ...CONFIG };

  // These may be changed at any time.
  /** As the option of this name. */
  namespace: string;
  /** As the option of this name. */
  maxKeySize: number;
  /** As the option of this name. */
  maxValue: number;
  /** As the option of this name. */
  keyCompression: boolean;
  /** As the option of this name. */
  maxQueueSize: number;
  protected override readonly calls: Calls;

  /**
   * Connects with the first command. `servers` defaults to localhost:11211.
   * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with.
   */
  constructor(servers?: ServerLocations, options?: MemcachedOptions | null) {
    super();
    const settings = settingsOf(new.target.config, options);
    this.namespace = settings.namespace;
    this.maxKeySize = settings.maxKeySize;
    this.maxValue = settings.maxValue;
    this.keyCompression = settings.keyCompression;
    this.maxQueueSize = settings.maxQueueSize;
    this.calls = new Calls(this, servers, settings);
  }

  /** The servers of the ring, as they were given. */
  get servers(): string[] {
    return this.calls.fleet.locations;
  }

  /** Calls that have not been called back. */
  get activeQueries(): number {
    return this.calls.active;
  }

  /** The value, or undefined for a miss. */
  get(key: string, callback: Callback<unknown>): void;
  get(keys: readonly string[], callback: ManyCallback<Record<string, unknown>>): void;
  get(key: string | readonly string[], callback: unknown): void {
    if (Array.isArray(key)) return this.#getMany(key, callback);
    this.calls.ask(
      this.#query('get', key, { callback, validate: KEY }),
      (client, { wire, routeBy }) => client.get(wire, placedBy(routeBy)),
      (value) => [undefined, value],
    );
  }

  /** The value under its key and the token `cas`, or undefined for a miss. */
  gets(key: string, callback: Callback<WithCas | undefined>): void {
    const query = this.#query('gets', key, { callback, validate: KEY });
    this.calls.ask(
      query,
      (client, { wire, routeBy }) => client.gets(wire, placedBy(routeBy)),
      (found) => [undefined, found === undefined ? found : withCas(query.key, found)],
    );
  }

  /** The hits, by key. */
  getMulti(keys: readonly string[], callback: ManyCallback<Record<string, unknown>>): void {
    this.#getMany(keys, callback);
  }

  /** True. A lifetime is seconds, 0 for ever; over 30 days it is the moment it ends, in seconds since 1970. */
  set(key: string, value: unknown, lifetime: number, callback?: Callback<boolean>): void {
    this.#store('set', { key, value, lifetime, callback });
  }

  /** As `set`; an error with `notStored` where the key has no value. */
  replace(key: string, value: unknown, lifetime: number, callback?: Callback<boolean>): void {
    this.#store('replace', { key, value, lifetime, callback });
  }

  /** As `set`; an error with `notStored` where the key has a value. */
  add(key: string, value: unknown, lifetime: number, callback?: Callback<boolean>): void {
    this.#store('add', { key, value, lifetime, callback });
  }

  /** As `set`, where the value is still the one that `gets` told this token of; else false. */
  // oxlint-disable-next-line max-params -- the signature of npm memcached
  cas(
    key: string,
    value: unknown,
    cas: string,
    lifetime: number,
    callback?: Callback<boolean>,
  ): void {
    this.#store('cas', { key, value, cas, lifetime, callback });
  }

  /** Adds behind a value; an error with `notStored` where there is none. */
  append(key: string, value: unknown, callback?: Callback<boolean>): void {
    this.#store('append', { key, value, lifetime: 0, callback });
  }

  /** Adds in front of a value; an error with `notStored` where there is none. */
  prepend(key: string, value: unknown, callback?: Callback<boolean>): void {
    this.#store('prepend', { key, value, lifetime: 0, callback });
  }

  /** The new count, or false where there is none. A negative amount is what `decr` does with a positive one. */
  incr(key: string, amount: number, callback?: Callback<number | false>): void {
    this.#count('incr', { key, value: amount, callback });
  }

  /** Another name of `incr`. */
  increment(key: string, amount: number, callback?: Callback<number | false>): void {
    this.incr(key, amount, callback);
  }

  /** As `incr`, downwards; a count ends at 0. */
  decr(key: string, amount: number, callback?: Callback<number | false>): void {
    this.#count('decr', { key, value: amount, callback });
  }

  /** Another name of `decr`. */
  decrement(key: string, amount: number, callback?: Callback<number | false>): void {
    this.decr(key, amount, callback);
  }

  /** Whether there was something. */
  del(key: string, callback?: Callback<boolean>): void {
    this.calls.ask(
      this.#query('delete', key, { callback, validate: KEY }),
      (client, { wire, routeBy }) => client.delete(wire, placedBy(routeBy)),
      plainly,
    );
  }

  /** Another name of `del`. */
  delete(key: string, callback?: Callback<boolean>): void {
    this.del(key, callback);
  }

  /** Whether there was something to give a new lifetime. */
  touch(key: string, lifetime: number, callback?: Callback<boolean>): void {
    this.calls.ask(
      this.#query('touch', key, { lifetime, callback, validate: TOUCH }),
      (client, { wire, routeBy }) => client.touch(wire, ttlOf(lifetime), placedBy(routeBy)),
      plainly,
    );
  }

  /**
   * Calls back at once for each server that has some of the keys, or without keys for each server: with its location,
   * its keys, the number of the server and how many there are.
   */
  multi(keys: readonly string[] | false | undefined, callback: PerServer): void {
    const { client, fleet } = this.calls;
    const byServer = new Map<string, string[] | undefined>();
    for (const key of Array.isArray(keys) ? (keys as string[]) : []) {
      const server = fleet.locationOf(client.serverFor(ANY_KEY, { routeBy: placeOf(key) }));
      const some = byServer.get(server);
      if (some === undefined) byServer.set(server, [key]);
      else some.push(key);
    }
    if (!Array.isArray(keys))
      for (const location of fleet.locations) byServer.set(location, undefined);
    const servers = [...byServer].toReversed();
    servers.forEach(([server, keysOfIt], place) => {
      callback.call(this, server, keysOfIt, servers.length - 1 - place, servers.length);
    });
  }

  #query(type: QueryType, key: unknown, parts: Omit<QueryParts, 'type' | 'key'>): Query {
    return new Query({ type, key: `${this.namespace}${String(key)}`, ...parts });
  }

  #store(
    verb: StoreVerb,
    asked: { key: string; value: unknown; lifetime: number; cas?: string; callback: unknown },
  ): void {
    const { key, lifetime, cas, callback } = asked;
    const stored = encoded(asked.value, this.maxValue);
    if (stored instanceof Error) return this.calls.refuse(callback, [stored, false]);
    const told = cas === undefined ? { lifetime } : { lifetime, cas };
    const value = stored.bytes.toString('utf8');
    this.calls.ask(
      this.#query(verb, key, { value, ...told, callback, validate: STORE }),
      (client, at) => store(client, verb, { at, stored, lifetime, cas: String(cas) }),
      verb === 'cas' ? plainly : storedOrNot,
    );
  }

  #count(
    verb: 'incr' | 'decr',
    { key, value, callback }: { key: string; value: number; callback: unknown },
  ): void {
    this.calls.ask(
      this.#query(verb, key, { value, callback, validate: COUNT }),
      (client, at) => count(client, { verb, at, amount: value }),
      plainly,
    );
  }

  #getMany(keys: unknown, callback: unknown): void {
    this.calls.askMany(
      callback,
      (client) =>
        foundValues(wantedKeys(keys, this), (some, options) =>
          this.calls.told(client.getMany(some, options)),
        ),
      (error) => [[error], {}],
    );
  }
}

const ANY_KEY = 'key';

/** What the ring hashes: as bytes anything may be it, but none. */
function placeOf(key: unknown): Buffer {
  const text = String(key);
  return Buffer.from(text === '' ? ANY_KEY : text);
}

const withCas = (key = '', { value, cas }: { value: unknown; cas: string }): WithCas => ({
  [key]: value,
  cas,
});
