import type { CallOptions } from '../client/call-options.ts';
import { checkLoader, type FetchOptions, type InvalidateOptions } from '../client/fetch-options.ts';
import type { Loaded, LoadMany } from '../client/load-batch.ts';
import type { Key } from '../client/read.ts';
import type { StatValue } from '../client/stat-values.ts';
import { ofAll, ofAllByKey, ofAllFirstLast } from './fallback-all.ts';
import { addressOf, type FallbackClient } from './fallback-clients.ts';
import { FallbackLoad } from './fallback-fetch.ts';
import { FallbackWrites } from './fallback-writes.ts';

/** The verbs of a client over several. What each does is told at `fallback`. */
export class Fallback extends FallbackWrites implements FallbackClient {
  fetch<T>(key: string, options: FetchOptions, loader: (key: string) => T | Promise<T>): Promise<T>;
  fetch<T>(key: Key, options: FetchOptions, loader: (key: Key) => T | Promise<T>): Promise<T>;
  async fetch<T>(
    key: Key,
    options: FetchOptions,
    loader: (key: never) => T | Promise<T>,
  ): Promise<T> {
    checkLoader(loader, 'fetch');
    const load = (missing: Key): Promise<T> =>
      new FallbackLoad(this.clients, options).one<T>(missing, loader as (key: Key) => T);
    return this.clients.first.fetch<T>(key, options, load);
  }

  fetchMany<T>(
    keys: Iterable<string>,
    options: FetchOptions,
    loadMany: (keys: readonly string[]) => Loaded<T> | Promise<Loaded<T>>,
  ): Promise<Map<string, T>>;
  fetchMany<T>(
    keys: Iterable<Key>,
    options: FetchOptions,
    loadMany: (keys: readonly Key[]) => Loaded<T> | Promise<Loaded<T>>,
  ): Promise<Map<Key, T>>;
  async fetchMany<T>(
    keys: Iterable<Key>,
    options: FetchOptions,
    loadMany: (keys: readonly never[]) => Loaded<T> | Promise<Loaded<T>>,
  ): Promise<Map<Key, T>> {
    checkLoader(loadMany, 'fetchMany');
    const load = (missing: readonly Key[]): Promise<Loaded<T>> =>
      new FallbackLoad(this.clients, options).many<T>(missing, loadMany as LoadMany);
    return this.clients.first.fetchMany<T>(keys, options, load);
  }

  async invalidate(key: Key, options?: InvalidateOptions): Promise<boolean> {
    // A fetch that looks behind the first client meanwhile is not to store what it finds there.
    const answers = await ofAllFirstLast(this.clients.deleted, (client) =>
      client.invalidate(key, options),
    );
    return answers.includes(true);
  }

  flushAll(delaySeconds = 0, options?: CallOptions): Promise<Map<string, boolean>> {
    return ofAllByKey(this.clients.deleted, (client) => client.flushAll(delaySeconds, options));
  }

  version(options?: CallOptions): Promise<Map<string, string>> {
    return this.clients.ofServers((client) => client.version(options));
  }

  stats(group = '', options?: CallOptions): Promise<Map<string, Map<string, StatValue>>> {
    return this.clients.ofServers((client) => client.stats(group, options));
  }

  verbosity(level: number, options?: CallOptions): Promise<Map<string, true>> {
    return ofAllByKey(this.clients.all, (client) => client.verbosity(level, options));
  }

  cacheMemlimit(megabytes: number, options?: CallOptions): Promise<Map<string, true>> {
    return ofAllByKey(this.clients.all, (client) => client.cacheMemlimit(megabytes, options));
  }

  async connect(): Promise<void> {
    const others = this.clients.ofOthers('all', (client) => client.connect());
    await Promise.all([this.clients.first.connect(), others]);
  }

  async close(options?: { timeoutMs?: number }): Promise<void> {
    await ofAll(this.clients.all, (client) => client.close(options));
  }

  async quit(options?: { timeoutMs?: number }): Promise<void> {
    await ofAll(this.clients.all, (client) => client.quit(options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  serverFor(key: Key, options?: { routeBy?: Key }): string {
    return addressOf(this.clients.first, key, options);
  }

  get servers(): readonly string[] {
    const named = this.clients.all.flatMap(({ servers, server }) => servers ?? server ?? []);
    return [...new Set(named)];
  }
}
