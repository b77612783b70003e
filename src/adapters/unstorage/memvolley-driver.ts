import { kindOf } from '../../primitives/kind.ts';
import { IllegalInputError } from '../../errors.ts';
import { type AdaptedClient, AdoptedClient } from '../adopted-client.ts';
import { legalKey, textOfKey } from '../legal-key.ts';
import { isUnsupported, Presence } from '../presence.ts';
import { type CheckedOptions, checkedOptions, type MemvolleyDriverOptions } from './options.ts';

/** How errors call it. */
const NAME = 'memvolleyDriver';

/** What a call may be given. */
export interface DriverCallOptions {
  /** Seconds the item lives; fractions are rounded up. */
  readonly ttl?: number | undefined;
}

/** What `getMeta` tells. memcached does not know when an item was stored. */
export interface ItemMeta {
  /** When it was last used. */
  readonly atime: Date;
  /** Whole seconds left; absent for an item without an end. */
  readonly ttl?: number;
  /** Bytes of the value as it is stored. */
  readonly size: number;
  /** unstorage lets each driver tell more, and declares it so. */
  readonly [name: string]: Date | number | undefined;
}

/** An item of many, by its key in the storage. */
export interface DriverItem {
  /** As unstorage has it: parts with colons between them. */
  readonly key: string;
  /** Before those of the whole call. */
  readonly options?: DriverCallOptions | undefined;
}

/** A driver as unstorage has it. Its methods may be called without it. */
export interface MemvolleyDriver {
  /** What it is called by unstorage. */
  readonly name: 'memvolley';
  /** It lets items expire by itself. */
  readonly flags: {
    /** True: `ttl` is the server's work. */
    readonly ttl: true;
  };
  /** As they were given. */
  readonly options: MemvolleyDriverOptions;
  /** The client. */
  getInstance(): AdaptedClient;
  /** Whether there is one; the value is not read where the server has the meta commands. */
  hasItem(key: string): Promise<boolean>;
  /** As text. */
  getItem(key: string): Promise<string | null>;
  /** Asked for at once. */
  getItems(items: readonly DriverItem[]): Promise<
    {
      /** As it was given. */
      key: string;
      /** Null where there is none. */
      value: string | null;
    }[]
  >;
  /** As it was stored: bytes, text, or whatever `setItemRaw` was given. */
  getItemRaw(key: string): Promise<unknown>;
  /** Stores text as it is, so that other languages can read it. */
  setItem(key: string, value: string, options?: DriverCallOptions): Promise<void>;
  /** All at once. */
  setItems(
    items: readonly (DriverItem & { readonly value: string })[],
    options?: DriverCallOptions,
  ): Promise<void>;
  /** Stores bytes as they are, and other values in the client's own way. */
  setItemRaw(key: string, value: unknown, options?: DriverCallOptions): Promise<void>;
  /** Also well where there is none. */
  removeItem(key: string): Promise<void>;
  /** Null where there is no item, or a server or proxy without the meta commands. */
  getMeta(key: string): Promise<ItemMeta | null>;
  /** With `listKeys`: the keys that begin with `base`. Without it none. */
  getKeys(base?: string): Promise<string[]>;
  /** With `listKeys`: removes the keys that begin with `base`. Else rejects with ERR_MEMCACHE_UNSUPPORTED. */
  clear(base?: string): Promise<void>;
  /** Closes the client, if it was made here. */
  dispose(): Promise<void>;
}

/**
 * A driver for unstorage.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for options it cannot work with.
 */
export function memvolleyDriver(options: MemvolleyDriverOptions): MemvolleyDriver {
  const checked = checkedOptions(options, NAME);
  const adopted = new AdoptedClient(options.client, NAME);
  const { client } = adopted;
  const items = new Items(client, checked);
  const keys = new ListedKeys(client, checked);
  return {
    name: 'memvolley',
    flags: { ttl: true },
    options,
    getInstance: () => client,
    hasItem: (key) => items.has(key),
    getItem: (key) => items.text(key),
    getItems: (wanted) => items.texts(wanted.map(({ key }) => key)),
    getItemRaw: (key) => items.raw(key),
    setItem: (key, value, call) => items.store(key, value, call),
    setItemRaw: (key, value, call) => items.store(key, value, call),
    setItems: async (given, call) => {
      await Promise.all(
        given.map(({ key, value, options: own }) => items.store(key, value, { ...call, ...own })),
      );
    },
    removeItem: (key) => items.remove(key),
    getMeta: (key) => items.meta(key),
    getKeys: (base = '') => keys.under(base),
    clear: (base = '') => keys.clear(base),
    dispose: () => adopted.close(),
  };
}

/** Items by the keys of the storage. */
class Items {
  readonly #client: AdaptedClient;
  readonly #options: CheckedOptions;
  readonly #presence = new Presence();

  constructor(client: AdaptedClient, options: CheckedOptions) {
    this.#client = client;
    this.#options = options;
  }

  async has(key: string): Promise<boolean> {
    const [found] = await this.#presence.of(this.#client, [this.#key(key)]);
    return found;
  }

  async raw(key: string): Promise<unknown> {
    return (await this.#client.get(this.#key(key))) ?? null;
  }

  async text(key: string): Promise<string | null> {
    return textOf(await this.#client.get(this.#key(key)));
  }

  async texts(keys: readonly string[]): Promise<{ key: string; value: string | null }[]> {
    const values = await this.#client.getValues(keys.map((key) => this.#key(key)));
    return keys.map((key, place) => ({ key, value: textOf(values[place]) }));
  }

  async store(key: string, value: unknown, call: DriverCallOptions = {}): Promise<void> {
    const ttl = call.ttl ?? this.#options.ttl;
    if (ttl !== undefined && (typeof ttl !== 'number' || Number.isNaN(ttl))) {
      const problem = `option 'ttl' of ${NAME} must be a number of seconds; got ${kindOf(ttl)}`;
      throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
    }
    const lifetime = ttl === undefined ? {} : { ttl: ttl < 0 ? -1 : Math.ceil(ttl) };
    await this.#client.set(this.#key(key), value, lifetime);
  }

  async remove(key: string): Promise<void> {
    await this.#client.delete(this.#key(key));
  }

  async meta(key: string): Promise<ItemMeta | null> {
    const stored = this.#key(key);
    try {
      const known = (await this.#client.inspectMany([stored])).get(stored);
      if (known === undefined) return null;
      const { size, ttl, lastAccess } = known;
      const atime = new Date(Date.now() - lastAccess * 1000);
      return ttl === undefined ? { atime, size } : { atime, size, ttl };
    } catch (error) {
      if (isUnsupported(error)) return null;
      throw error;
    }
  }

  #key(key: string): string {
    return legalKey(this.#options.before + key);
  }
}

/** unstorage stores text; what others have stored as bytes or a number is read as that, too. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** Keys that are removed at once. */
const BATCH = 1000;

/** The keys of a storage, where they may be listed. */
class ListedKeys {
  readonly #client: AdaptedClient;
  readonly #options: CheckedOptions;

  constructor(client: AdaptedClient, options: CheckedOptions) {
    this.#client = client;
    this.#options = options;
  }

  async under(base: string): Promise<string[]> {
    const keys: string[] = [];
    if (!this.#options.listKeys) return keys;
    const { before } = this.#options;
    for await (const stored of this.#stored()) {
      const text = textOfKey(stored);
      if (text?.startsWith(before + base) === true) keys.push(text.slice(before.length));
    }
    return keys;
  }

  async clear(base: string): Promise<void> {
    if (!this.#options.listKeys) {
      const problem = `clear() needs the option 'listKeys' of ${NAME}: without it memcached cannot tell which keys there are`;
      throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', problem);
    }
    const beginning = legalKey(this.#options.before + base);
    const found: string[] = [];
    for await (const stored of this.#stored()) if (stored.startsWith(beginning)) found.push(stored);
    for (let begin = 0; begin < found.length; begin += BATCH)
      await this.#client.deleteMany(found.slice(begin, begin + BATCH));
  }

  /** Every key of the client that is text. */
  async *#stored(): AsyncGenerator<string, void, undefined> {
    if (this.#client.keys === undefined) {
      const problem = `option 'listKeys' of ${NAME} needs a client that lists keys, as createClient makes it`;
      throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', problem);
    }
    for await (const { key } of this.#client.keys()) if (typeof key === 'string') yield key;
  }
}
