import type { ReadOptions } from '../client/call-options.ts';
import { keysOf } from '../client/entries.ts';
import type { Inspection } from '../client/inspection.ts';
import type { InspectOptions } from '../client/meta-options.ts';
import type { Key, WithCas } from '../client/read.ts';
import { exptime, type Ttl } from '../protocol/ttl.ts';
import type { FallbackClients } from './fallback-clients.ts';
import { FallbackInspect } from './fallback-inspect.ts';
import { differentKeys, searchMany, searchOne } from './fallback-search.ts';
import { tokenFor } from './fallback-token.ts';

/** The verbs of a fallback that read items. */
export abstract class FallbackReads {
  protected readonly clients: FallbackClients;

  constructor(clients: FallbackClients) {
    this.clients = clients;
  }

  get<T = unknown>(key: Key, options?: ReadOptions): Promise<T | undefined> {
    return searchOne(this.clients.reading(options), (client, rest) => client.get<T>(key, rest));
  }

  gets<T = unknown>(key: Key, options?: ReadOptions): Promise<WithCas<T> | undefined> {
    return searchOne(this.clients.reading(options, true), async (client, rest, index) =>
      tokenFor(index, await client.gets<T>(key, rest)),
    );
  }

  async getMany<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<Map<Key, T>> {
    const { different } = differentKeys(keysOf(keys, 'getMany'));
    return hits(different, await this.#values<T>(different, options));
  }

  async getsMany<T = unknown>(
    keys: Iterable<Key>,
    options?: ReadOptions,
  ): Promise<Map<Key, WithCas<T>>> {
    const { different } = differentKeys(keysOf(keys, 'getsMany'));
    const search = this.clients.reading(options, true);
    const items = await searchMany(search, different, async (client, asked, rest, index) => {
      const found = await client.getsMany<T>(asked, rest);
      return asked.map((key) => tokenFor(index, found.get(key)));
    });
    return hits(different, items);
  }

  async getValues<T = unknown>(
    keys: Iterable<Key>,
    options?: ReadOptions,
  ): Promise<(T | undefined)[]> {
    const { different, places } = differentKeys(keysOf(keys, 'getValues'));
    const values = await this.#values<T>(different, options);
    return places.map((place) => values[place]);
  }

  async getAndTouch<T = unknown>(
    key: Key,
    ttl: Ttl,
    options?: ReadOptions,
  ): Promise<T | undefined> {
    exptime(ttl);
    return searchOne(this.clients.reading(options), async (client, rest, from) => {
      if (from >= this.clients.changed.length) return client.get<T>(key, rest);
      const value = await client.getAndTouch<T>(key, ttl, rest);
      if (value !== undefined) await this.clients.touchBehind([key], { from, ttl }, options);
      return value;
    });
  }

  async getAndTouchMany<T = unknown>(
    keys: Iterable<Key>,
    ttl: Ttl,
    options?: ReadOptions,
  ): Promise<Map<Key, T>> {
    exptime(ttl);
    const { different } = differentKeys(keysOf(keys, 'getAndTouchMany'));
    const search = this.clients.reading(options);
    const values = await searchMany(search, different, async (client, asked, rest, from) => {
      if (from >= this.clients.changed.length) return client.getValues<T>(asked, rest);
      const found = await client.getAndTouchMany<T>(asked, ttl, rest);
      await this.clients.touchBehind([...found.keys()], { from, ttl }, options);
      return asked.map((key) => found.get(key));
    });
    return hits(different, values);
  }

  async inspect<T = unknown>(
    key: Key,
    options?: InspectOptions,
  ): Promise<Inspection<T> | undefined> {
    return new FallbackInspect(this.clients, 'inspect', options).one<T>(key);
  }

  async inspectMany<T = unknown>(
    keys: Iterable<Key>,
    options?: InspectOptions,
  ): Promise<Map<Key, Inspection<T>>> {
    const inspect = new FallbackInspect(this.clients, 'inspectMany', options);
    const { different } = differentKeys(keysOf(keys, 'inspectMany'));
    return hits(different, await inspect.many<T>(different));
  }

  #values<T>(keys: readonly Key[], options: ReadOptions | undefined): Promise<(T | undefined)[]> {
    return searchMany(this.clients.reading(options), keys, (client, asked, rest) =>
      client.getValues<T>(asked, rest),
    );
  }
}

function hits<A>(keys: readonly Key[], values: readonly (A | undefined)[]): Map<Key, A> {
  const found = new Map<Key, A>();
  for (const [place, value] of values.entries())
    if (value !== undefined) found.set(keys[place], value);
  return found;
}
