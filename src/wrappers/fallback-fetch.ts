import type { FetchOptions } from '../client/fetch-options.ts';
import { type LoadMany, readerOf } from '../client/load-batch.ts';
import type { Key } from '../client/read.ts';
import type { MemcacheError } from '../errors.ts';
import type { FallbackClients, FallbackMember } from './fallback-clients.ts';

const FAILED: unique symbol = Symbol('failed');

interface Item {
  /** Undefined for a placeholder. */
  readonly value: unknown;
  readonly isFresh: boolean;
}

/** What a load has to do about one key. */
interface Found {
  /** What is taken over; undefined has to be loaded. */
  readonly value: unknown;
  /** The clients behind the first one may have something that is not to come back. */
  readonly moves: boolean;
}

/** The load of a `fetch` on the first client: what the others have is taken over, the rest is the caller's to load. */
export class FallbackLoad {
  readonly #clients: FallbackClients;
  readonly #options: FetchOptions;

  constructor(clients: FallbackClients, options: FetchOptions) {
    this.#clients = clients;
    this.#options = options;
  }

  async one<T>(key: Key, load: (key: Key) => T | Promise<T>): Promise<T> {
    const { value, moves } = await this.#find(key);
    const moved = moves ? this.#clients.forget([key], 0, this.#options) : undefined;
    const answer = value === undefined ? await load(key) : (value as T);
    await moved;
    return answer;
  }

  async many<T>(keys: readonly Key[], loadMany: LoadMany): Promise<Map<Key, T>> {
    // Each by itself: those of one moment leave together anyway.
    const found = await Promise.all(keys.map((key) => this.#find(key)));
    const moving = keys.filter((_, place) => found[place].moves);
    const moved = moving.length > 0 ? this.#clients.forget(moving, 0, this.#options) : undefined;
    const missing = keys.filter((_, place) => found[place].value === undefined);
    const loaded = missing.length > 0 ? readerOf(await loadMany(missing)) : undefined;
    await moved;
    const valueOf = (key: Key, { value }: Found): unknown =>
      value === undefined ? loaded?.(key) : value;
    return new Map(keys.map((key, place) => [key, valueOf(key, found[place]) as T]));
  }

  async #find(key: Key): Promise<Found> {
    const here = await this.#itemAt(0, key);
    // What the first client has is due or out of date, and what the others have is no better.
    if (here !== FAILED && here?.value !== undefined) return { value: undefined, moves: true };
    let moves = false;
    for (let at = 1; at < this.#clients.all.length; at++) {
      const item = await this.#itemAt(at, key);
      moves ||= item !== undefined;
      if (item === FAILED || item?.isFresh !== true) continue;
      // While the first client cannot store it, it has to stay.
      return { value: item.value, moves: here !== FAILED };
    }
    return { value: undefined, moves: moves && here !== FAILED };
  }

  #itemAt(index: number, key: Key): Promise<Item | typeof FAILED | undefined> {
    return this.#clients.ask(index, (client) => this.#itemOf(client, key), FAILED);
  }

  async #itemOf(client: FallbackMember, key: Key): Promise<Item | undefined> {
    const { timeoutMs, routeBy, codec, lane, staleFor = 0 } = this.#options;
    const options = { timeoutMs, routeBy, codec, lane, onError: 'throw' } as const;
    try {
      const item = await client.inspect(key, { ...options, value: true });
      if (item === undefined) return undefined;
      const { value, stale, ttl } = item;
      const isDue = stale || (ttl !== undefined && ttl <= staleFor);
      return { value, isFresh: value !== undefined && !isDue };
    } catch (error) {
      if ((error as MemcacheError).code !== 'ERR_MEMCACHE_UNSUPPORTED') throw error;
    }
    // There are no stale values either.
    const value = await client.get(key, options);
    return value === undefined ? undefined : { value, isFresh: true };
  }
}
