import type {
  CallOptions,
  ChangeOptions,
  CountOptions,
  DeleteOptions,
  StoreOptions,
} from '../client/call-options.ts';
import type { MemcacheClient } from '../client/client.ts';
import type { Count } from '../client/count-step.ts';
import type { Entries } from '../client/entries.ts';
import { IllegalInputError } from '../errors.ts';
import type { Search } from './fallback-search.ts';
import type { FleetClient } from '../client/fleet-client.ts';
import type { Key } from '../client/read.ts';
import type { ServerClient } from '../client/server-client.ts';
import type { Ttl } from '../protocol/ttl.ts';

/** The verbs that fallback asks its clients for, and has itself. */
type FallbackVerbs = Pick<
  MemcacheClient,
  | 'get'
  | 'gets'
  | 'getMany'
  | 'getsMany'
  | 'getValues'
  | 'getAndTouch'
  | 'getAndTouchMany'
  | 'inspect'
  | 'inspectMany'
  | 'cas'
  | 'fetch'
  | 'fetchMany'
  | 'invalidate'
  | 'flushAll'
  | 'version'
  | 'stats'
  | 'verbosity'
  | 'cacheMemlimit'
  | 'connect'
  | 'close'
  | 'quit'
  | typeof Symbol.asyncDispose
> &
  FallbackChanges;

/** Those that change items: what becomes of the other clients depends on the answer, so there always is one. */
interface FallbackChanges {
  set(key: Key, value: unknown, options?: StoreOptions<false>): Promise<true>;
  setMany(entries: Entries, options?: StoreOptions<false>): Promise<true>;
  add(key: Key, value: unknown, options?: StoreOptions<false>): Promise<boolean>;
  replace(key: Key, value: unknown, options?: StoreOptions<false>): Promise<boolean>;
  append(key: Key, value: string | Uint8Array, options?: ChangeOptions<false>): Promise<boolean>;
  prepend(key: Key, value: string | Uint8Array, options?: ChangeOptions<false>): Promise<boolean>;
  delete(key: Key, options?: DeleteOptions<false>): Promise<boolean>;
  deleteMany(keys: Iterable<Key>, options?: ChangeOptions<false>): Promise<Map<Key, boolean>>;
  touch(key: Key, ttl: Ttl, options?: ChangeOptions<false>): Promise<boolean>;
  incr<D extends number | bigint = number>(
    key: Key,
    delta?: D,
    options?: CountOptions<false>,
  ): Promise<Count<D> | undefined>;
  decr<D extends number | bigint = number>(
    key: Key,
    delta?: D,
    options?: CountOptions<false>,
  ): Promise<Count<D> | undefined>;
}

/** A client that fallback may ask: of one server, of many, or another fallback. */
export type FallbackMember = FallbackVerbs &
  Partial<Pick<FleetClient, 'serverFor' | 'servers' | 'config'>> &
  Partial<Pick<ServerClient, 'server'>>;

/** Several clients as one. */
export type FallbackClient = FallbackVerbs & Pick<FleetClient, 'serverFor' | 'servers'>;

/** What happens to the clients behind the first one. */
export interface FallbackOptions {
  /**
   * Where `set` and `setMany` store: in the `first` client, or in `all`, which keeps the old cluster fit for going
   * back. Default 'first'.
   */
  readonly writes?: 'first' | 'all' | undefined;
  /**
   * What is deleted, flushed or stored anew is removed from `all` clients, so that no old value comes back when the
   * new one is gone; or from the `first` only, which leaves old values to be read. Default 'all'.
   */
  readonly deletes?: 'all' | 'first' | undefined;
  /** Told of each failure of a client, by its place in the list, that does not reach the caller as such. */
  readonly onFailure?: ((error: unknown, client: number) => void) | undefined;
}

/** The clients of a fallback, and what a call on one of them means for the others. */
export class FallbackClients {
  readonly all: readonly FallbackMember[];
  readonly first: FallbackMember;
  /** Those whose items may change: the first ones of all. */
  readonly changed: readonly FallbackMember[];
  /** Those that deletes reach: the first ones of all. */
  readonly deleted: readonly FallbackMember[];
  readonly #options: FallbackOptions;
  /** What each client puts before its keys: that never changes. */
  readonly #prefixes: ReadonlyMap<FallbackMember, string>;

  constructor(clients: readonly FallbackMember[], options: FallbackOptions) {
    this.all = clients;
    this.first = clients[0];
    this.#options = { ...options };
    this.#prefixes = new Map(clients.map((client) => [client, prefixOf(client)]));
    this.deleted = options.deletes === 'first' ? [this.first] : clients;
    this.changed = options.writes === 'all' ? clients : this.deleted;
  }

  /** Asks them all, one after the other. */
  reading<O extends CallOptions>(
    options: O | undefined,
    strict = false,
  ): Search<FallbackMember, O> {
    const passedOver = (error: unknown, client: number): void => this.#passedOver(error, client);
    return { clients: this.all, options, strict, passedOver };
  }

  /** Asks those that may be changed, one after the other. */
  changing<O extends CallOptions>(options: O | undefined): Search<FallbackMember, O> {
    return { ...this.reading(options, true), clients: this.changed };
  }

  /** Settles when all that a store concerns have answered: until then its bytes are in use. */
  async follow(
    answer: Promise<true>,
    keys: readonly Key[],
    options: CallOptions | undefined,
    store: (client: FallbackMember) => Promise<true>,
  ): Promise<void> {
    const others =
      this.#options.writes === 'all'
        ? this.ofOthers('changed', store)
        : this.forget(keys, 0, options);
    await Promise.allSettled([answer, others]);
  }

  /** What the clients behind the first one answer, or those that may be changed; undefined of those that fail. */
  ofOthers<A>(
    which: 'all' | 'changed',
    ask: (client: FallbackMember) => Promise<A>,
  ): Promise<(A | undefined)[]> {
    const others = this[which].slice(1);
    return Promise.all(others.map((_, i) => this.ask(i + 1, ask, undefined)));
  }

  /** Removes keys that a client has anew from those behind it. */
  async forget(keys: readonly Key[], from: number, options?: CallOptions): Promise<void> {
    const { timeoutMs, routeBy } = options ?? {};
    const holder = this.all[from];
    await Promise.all(
      this.deleted.map(async (client, index) => {
        if (index <= from) return;
        const old = keys.filter((key) => !this.#isSamePlace(client, holder, routeBy ?? key));
        if (old.length === 0) return;
        const remove = (): Promise<unknown> => client.deleteMany(old, { timeoutMs, routeBy });
        await this.ask(index, remove, undefined);
      }),
    );
  }

  /** Gives keys that a client has the same ttl in those behind it, if these are to have them, too. */
  async touchBehind(
    keys: readonly Key[],
    { from, ttl }: { readonly from: number; readonly ttl: Ttl },
    options: CallOptions | undefined,
  ): Promise<void> {
    if (this.#options.writes !== 'all') return;
    const { timeoutMs, routeBy } = options ?? {};
    const touch = (key: Key) => (client: FallbackMember) =>
      client.touch(key, ttl, { timeoutMs, routeBy });
    const behind = [...this.all.keys()].slice(from + 1);
    await Promise.all(
      behind.flatMap((index) => keys.map((key) => this.ask(index, touch(key), undefined))),
    );
  }

  /** What one client answers, or `otherwise` where it fails. */
  async ask<A, B>(
    index: number,
    ask: (client: FallbackMember) => Promise<A>,
    otherwise: B,
  ): Promise<A | B> {
    try {
      return await ask(this.all[index]);
    } catch (error) {
      this.#passedOver(error, index);
      return otherwise;
    }
  }

  /** What the servers answer that do; those of the first client come first. */
  async ofServers<A>(
    ask: (client: FallbackMember) => Promise<Map<string, A>>,
  ): Promise<Map<string, A>> {
    const failures: unknown[] = [];
    const answers = this.all.map(async (client, index) => {
      try {
        return [...(await ask(client))];
      } catch (error) {
        this.#passedOver(error, index);
        failures[index] = error;
        return [];
      }
    });
    // A server of two clients has the answer that the first one got.
    const entries = (await Promise.all(answers)).flat().toReversed();
    if (Object.keys(failures).length === this.all.length) throw failures[0];
    return new Map([...new Map(entries)].toReversed());
  }

  #passedOver(error: unknown, client: number): void {
    try {
      this.#options.onFailure?.(error, client);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  /** Whether two clients keep a key in one and the same item. */
  #isSamePlace(one: FallbackMember, other: FallbackMember, key: Key): boolean {
    try {
      const isSameServer = addressOf(one, key) === addressOf(other, key);
      return isSameServer && this.#prefixes.get(one) === this.#prefixes.get(other);
    } catch {
      return false;
    }
  }
}

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) where a call wants no answer. */
export function needsAnswer(options: { readonly noreply?: unknown } | undefined): void {
  if (options?.noreply !== true) return;
  const message = "a fallback takes no 'noreply': what it does next depends on the answer";
  throw new IllegalInputError('ERR_MEMCACHE_OPTION', message);
}

/** Throws as `serverFor` does. */
export function addressOf(client: FallbackMember, ...where: Where): string {
  return client.serverFor?.(...where) ?? client.server ?? '';
}

type Where = Parameters<FleetClient['serverFor']>;

function prefixOf(client: FallbackMember): string {
  return Buffer.from(client.config?.().keyPrefix.value ?? '').toString('latin1');
}
