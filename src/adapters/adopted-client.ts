import { IllegalInputError } from '../errors.ts';
import {
  type ClientOptions,
  createClient,
  type Inspection,
  type Key,
  type KeyEntry,
  type Namespace,
  type NamespaceOptions,
} from '../index.ts';
import { kindOf } from '../primitives/kind.ts';

/** What adapters do with items; each verb as a client has it. A client can, a view of one, and what wraps clients. */
export interface AdaptedItems {
  /** The value, or undefined. */
  get(key: string): Promise<unknown>;
  /** The hits. */
  getMany(keys: Iterable<string>): Promise<ReadonlyMap<Key, unknown>>;
  /** By place. */
  getValues(keys: Iterable<string>): Promise<unknown[]>;
  /** What is known of the hits. */
  inspectMany(keys: Iterable<string>): Promise<ReadonlyMap<Key, Inspection>>;
  /** Stores for `ttl` seconds; without them for as long as the client says. */
  set(key: string, value: unknown, options?: { ttl?: number }): Promise<unknown>;
  /** Gives a new ttl, in seconds. */
  touch(key: string, ttl: number): Promise<unknown>;
  /** True where there was something. */
  delete(key: string): Promise<unknown>;
  /** A Map of that. */
  deleteMany(keys: Iterable<string>): Promise<unknown>;
}

/** A client as adapters take it: one of `createClient`, and what `withRetry` and `fallback` make of clients. */
export interface AdaptedClient extends AdaptedItems {
  /** By server; it is asked for to see which servers answer. */
  version(options?: { timeoutMs?: number }): Promise<ReadonlyMap<string, string>>;
  /** Only of a client that the adapter has made. */
  close(): Promise<void>;
  /** Where everything is to be cleared at once; a `fallback` has none. */
  namespace?(name: string, options?: NamespaceOptions): Namespace;
  /** Where keys are to be listed; a `fallback` has none. */
  keys?(): AsyncIterable<KeyEntry>;
}

/** A client, which stays its owner's, or what `createClient` takes, of which the adapter makes one of its own. */
export type ClientSource = AdaptedClient | string | URL | ClientOptions;

const VERBS: readonly (keyof AdaptedClient)[] = ['get', 'getValues', 'set', 'delete', 'version'];

/** The client an adapter works with, and how it lets go of it. */
export class AdoptedClient {
  readonly client: AdaptedClient;
  /** The adapter made it, so nobody else closes it. */
  readonly owned: boolean;

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what is no client, and no options of one. */
  constructor(source: ClientSource, adapter: string) {
    const given = source as unknown;
    if (given === null || (typeof given !== 'string' && typeof given !== 'object'))
      throw refusal(`${adapter} takes a client, or what createClient takes; got ${kindOf(given)}`);
    this.owned = !(typeof given === 'object' && 'get' in given);
    this.client = this.owned
      ? createClient(source as string | URL | ClientOptions)
      : checkedClient(given as Partial<AdaptedClient>, adapter);
  }

  /** Closes what the adapter has made; a client that was given to it stays open. */
  async close(): Promise<void> {
    if (this.owned) await this.client.close();
  }

  /** A namespace of the client. Throws IllegalInputError where it has none, as that of `fallback`. */
  namespace(name: string, options: NamespaceOptions, adapter: string): Namespace {
    const { client } = this;
    if (client.namespace === undefined)
      throw refusal(`${adapter} takes a client that has namespaces, as createClient makes it`);
    return client.namespace(name, options);
  }
}

function checkedClient(given: Partial<AdaptedClient>, adapter: string): AdaptedClient {
  const absent = VERBS.filter((verb) => typeof given[verb] !== 'function');
  if (absent.length === 0) return given as AdaptedClient;
  const what = `takes a client, not an object without ${absent.join(', ')}`;
  throw refusal(`${adapter} ${what}; a view that namespace() answers is none`);
}

const refusal = (sentence: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', sentence);
