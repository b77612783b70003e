import { EventEmitter } from 'node:events';
import { kindOf } from '../../primitives/kind.ts';
import { IllegalInputError, ManyError, type MemcacheError } from '../../errors.ts';
import type { Namespace } from '../../index.ts';
import { type AdaptedItems, AdoptedClient, type ClientSource } from '../adopted-client.ts';
import { legalKey, legalName } from '../legal-key.ts';
import { secondsFor } from '../lifetime.ts';
import { Presence } from '../presence.ts';
import { type CheckedOptions, checkedOptions, type KeyvMemvolleyOptions } from './options.ts';

export type { KeyvMemvolleyOptions } from './options.ts';

/** How errors call it. */
const NAME = 'KeyvMemvolley';

/** What `setMany` stores. */
export interface KeyvMemvolleyEntry {
  /** Any text. */
  readonly key: string;
  /** Text, as Keyv has serialised it, or what the client stores. */
  readonly value: unknown;
  /** Milliseconds; none, or 0, for the client's `ttl`. */
  readonly ttl?: number | undefined;
}

/**
 * A storage adapter for Keyv 5, which Keyv 6 takes as it is, through its bridge for adapters of Keyv 5. Give each Keyv
 * an adapter of its own, as it notes the namespace of its Keyv; they may share a client.
 *
 * Reads that fail are told by the event `error` and answered as if nothing were stored, writes that fail reject, and
 * Keyv tells of them: so each failure is one event of the Keyv. No event is emitted that nobody listens to.
 */
export class KeyvMemvolley extends EventEmitter {
  /** What Keyv wants to see: it looks here for how keys could be iterated over. */
  readonly opts: Record<string, unknown> = { dialect: 'memcached', url: '' };
  /**
   * The namespace of the Keyv, which sets it. Its items are in a namespace of the client of this name. Absent with
   * `clearable: false`, which lets Keyv put it into the keys.
   */
  declare namespace?: string | undefined;
  readonly #adopted: AdoptedClient;
  readonly #throwOnErrors: boolean;
  readonly #presence = new Presence();
  #items: AdaptedItems;
  /** The same, where it can be cleared. */
  #view: Namespace | undefined;

  /**
   * `source` is a client, or what `createClient` takes; a client that is made of it is closed by `disconnect`.
   * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what it cannot work with.
   */
  constructor(source: ClientSource, options: KeyvMemvolleyOptions = {}) {
    super();
    const checked = checkedOptions(options, NAME);
    this.#throwOnErrors = checked.throwOnErrors;
    this.#adopted = new AdoptedClient(source, NAME);
    this.#items = this.#adopted.client;
    if (checked.clearable) this.#followNamespace(checked);
  }

  /** What is stored, as Keyv has serialised it. */
  async get<Value = unknown>(key: string): Promise<Value | undefined> {
    try {
      return textIn(await this.#items.get(legalKey(key))) as Value | undefined;
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  /** The same for many keys, in their order, asked for at once. */
  async getMany<Value = unknown>(keys: readonly string[]): Promise<(Value | undefined)[]> {
    const stored = keys.map(legalKey);
    return (await this.#values(stored)).map(textIn) as (Value | undefined)[];
  }

  /**
   * Stores text as it is, so that other languages can read it, and other values in the client's own way. `ttl` is
   * milliseconds, of which nothing is cut off; without one, or with 0, the client's `ttl` counts.
   */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    await this.#items.set(legalKey(key), value, lifetime(ttl));
    return true;
  }

  /** All at once; answers booleans by place, whether it was stored. What was not is told by one event. */
  // oxlint-disable-next-line typescript/no-explicit-any -- Keyv 5 declares void, and hands its caller what is answered
  async setMany(entries: readonly KeyvMemvolleyEntry[]): Promise<any> {
    const ends = await Promise.allSettled(
      entries.map(async ({ key, value, ttl }) => this.set(key, value, ttl)),
    );
    const failures = new Map<string, MemcacheError>();
    for (const [place, end] of ends.entries())
      if (end.status === 'rejected') failures.set(entries[place].key, end.reason as MemcacheError);
    if (failures.size > 0) {
      const stored = entries.filter(({ key }) => !failures.has(key));
      this.#tell(new ManyError(new Map(stored.map(({ key }) => [key, true])), failures));
    }
    return ends.map(({ status }) => status === 'fulfilled');
  }

  /** Whether there was something. */
  async delete(key: string): Promise<boolean> {
    return (await this.#items.delete(legalKey(key))) === true;
  }

  /** All at once; whether there was something under every key. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    const removed = (await this.#items.deleteMany(keys.map(legalKey))) as Map<string, boolean>;
    return [...removed.values()].every(Boolean);
  }

  /** Whether something is stored, by the server's clock of whole seconds. */
  async has(key: string): Promise<boolean> {
    const [found] = await this.hasMany([key]);
    return found;
  }

  /** The same for many keys, in their order. */
  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    const stored = keys.map(legalKey);
    try {
      return await this.#presence.of(this.#items, stored);
    } catch (error) {
      this.#tell(error);
      const arrived = arrivedOf(error);
      return stored.map((key) => arrived.has(key));
    }
  }

  /**
   * Puts everything in the namespace of the Keyv out of reach, for all processes, however much it is; nothing else.
   * Rejects with ERR_MEMCACHE_UNSUPPORTED with `clearable: false`: then memcached could only be emptied as a whole.
   */
  async clear(): Promise<void> {
    if (this.#view === undefined)
      throw unsupported(
        "clear() needs 'clearable': without it memcached cannot tell what to clear",
      );
    await this.#view.invalidateNamespace();
  }

  /** Always throws ERR_MEMCACHE_UNSUPPORTED. */
  iterator(): never {
    throw unsupported('iterator() is not supported: memcached cannot list the keys of a namespace');
  }

  /** Closes the client, if it was made here. */
  async disconnect(): Promise<void> {
    await this.#adopted.close();
  }

  /** A property of this very object, so that Keyv 6 sees whether there is one. */
  #followNamespace({ namespace, versionCacheMs }: CheckedOptions): void {
    let current = namespace;
    const follow = (given: unknown): void => {
      const name = given === undefined || given === '' ? namespace : given;
      if (typeof name !== 'string')
        throw refusal(`the namespace of ${NAME} must be text; got ${kindOf(name)}`);
      this.#view = this.#adopted.namespace(legalName(name), { versionCacheMs }, NAME);
      this.#items = this.#view;
      current = name;
    };
    follow(namespace);
    Object.defineProperty(this, 'namespace', { enumerable: true, get: () => current, set: follow });
  }

  async #values(keys: readonly string[]): Promise<unknown[]> {
    try {
      return await this.#items.getValues(keys);
    } catch (error) {
      this.#tell(error);
      const arrived = arrivedOf(error);
      return keys.map((key) => arrived.get(key));
    }
  }

  /** Keyv listens; who uses the adapter by itself need not. Throws the error instead where that was asked for. */
  #tell(error: unknown): void {
    if (this.#throwOnErrors) throw error;
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }
}

/** What of many keys was found before others failed. */
const arrivedOf = (error: unknown): ReadonlyMap<unknown, unknown> =>
  error instanceof ManyError ? error.values : new Map();

/** Some formats know no text, only bytes. */
const textIn = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString() : value;

function lifetime(ttl: number | null | undefined): { ttl?: number } {
  if (ttl === undefined || ttl === null || ttl === 0) return {};
  if (typeof ttl !== 'number' || Number.isNaN(ttl))
    throw refusal(`the ttl of set must be a number of milliseconds; got ${kindOf(ttl)}`);
  return { ttl: secondsFor(ttl) };
}

const refusal = (sentence: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', sentence);

const unsupported = (sentence: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', sentence);
