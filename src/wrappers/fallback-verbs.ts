import { IllegalInputError } from '../errors.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type {
  CallOptions,
  ChangeOptions,
  CountOptions,
  ReadOptions,
  StoreOptions,
} from '../client/call-options.ts';
import type { CasAnswer } from '../client/write-verbs.ts';
import type { Count } from '../client/count-step.ts';
import { type Entries, entriesOf, keysOf } from '../client/entries.ts';
import { ofAll, ofAllByKey } from './fallback-all.ts';
import {
  addressOf,
  type FallbackClient,
  type FallbackClients,
  type FallbackMember,
  needsAnswer,
} from './fallback-clients.ts';
import { differentKeys, remaining, searchMany, searchOne } from './fallback-search.ts';
import type { Key, WithCas } from '../client/read.ts';
import type { StatValue } from '../client/stat-values.ts';

/** The verbs of a client over several. What each does is told at `fallback`. */
export class Fallback implements FallbackClient {
  readonly #clients: FallbackClients;

  constructor(clients: FallbackClients) {
    this.#clients = clients;
  }

  get<T = unknown>(key: Key, options?: ReadOptions): Promise<T | undefined> {
    return searchOne(this.#clients.reading(options), (client, rest) => client.get<T>(key, rest));
  }

  gets<T = unknown>(key: Key, options?: ReadOptions): Promise<WithCas<T> | undefined> {
    return searchOne(this.#clients.reading(options, true), async (client, rest, index) =>
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
    const search = this.#clients.reading(options, true);
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

  async set(key: Key, value: unknown, options?: StoreOptions<false>): Promise<true> {
    needsAnswer(options);
    const answer = this.#clients.first.set(key, value, options);
    await this.#clients.follow(answer, [key], options, (client) => client.set(key, value, options));
    return answer;
  }

  async setMany(entries: Entries, options?: StoreOptions<false>): Promise<true> {
    needsAnswer(options);
    const pairs = entriesOf(entries);
    const keys = pairs.map(([key]) => key);
    const answer = this.#clients.first.setMany(pairs, options);
    await this.#clients.follow(answer, keys, options, (client) => client.setMany(pairs, options));
    return answer;
  }

  async add(key: Key, value: unknown, options?: StoreOptions<false>): Promise<boolean> {
    needsAnswer(options);
    const began = performance.now();
    const { signal, timeoutMs, routeBy } = options ?? {};
    const values = await this.#clients.ofOthers('all', (client) =>
      client.get(key, { signal, timeoutMs, routeBy }),
    );
    if (values.some((other) => other !== undefined)) return false;
    return this.#clients.first.add(key, value, remaining(options, began));
  }

  async replace(key: Key, value: unknown, options?: StoreOptions<false>): Promise<boolean> {
    needsAnswer(options);
    return this.#atOne(key, options, (client, rest) => client.replace(key, value, rest));
  }

  async append(
    key: Key,
    value: string | Uint8Array,
    options?: ChangeOptions<false>,
  ): Promise<boolean> {
    needsAnswer(options);
    return this.#atOne(key, options, (client, rest) => client.append(key, value, rest));
  }

  async prepend(
    key: Key,
    value: string | Uint8Array,
    options?: ChangeOptions<false>,
  ): Promise<boolean> {
    needsAnswer(options);
    return this.#atOne(key, options, (client, rest) => client.prepend(key, value, rest));
  }

  async cas(
    key: Key,
    value: unknown,
    token: string,
    options?: StoreOptions<false>,
  ): Promise<CasAnswer> {
    const [, place, cas] = /^(\d{1,9})\.(.+)$/.exec(token) ?? [];
    const at = Number(place);
    if (!(at < this.#clients.all.length)) {
      const message = 'the cas token must be one that gets answered';
      throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
    }
    // A client that is only read keeps its item; the first one, which did not have the key, gets it.
    if (at >= this.#clients.changed.length)
      return (await this.#clients.first.add(key, value, options)) ? 'stored' : 'exists';
    const answer = await this.#clients.changed[at].cas(key, value, cas, options);
    if (answer === 'stored') await this.#clients.forget([key], at, options);
    return answer;
  }

  async delete(key: Key, options?: ChangeOptions<false>): Promise<boolean> {
    needsAnswer(options);
    const answers = await ofAll(this.#clients.deleted, (client) => client.delete(key, options));
    return answers.includes(true);
  }

  async deleteMany(
    keys: Iterable<Key>,
    options?: ChangeOptions<false>,
  ): Promise<Map<Key, boolean>> {
    needsAnswer(options);
    const { different } = differentKeys(keysOf(keys, 'deleteMany'));
    return ofAllByKey(this.#clients.deleted, (client) => client.deleteMany(different, options));
  }

  async touch(key: Key, ttl: Ttl, options?: ChangeOptions<false>): Promise<boolean> {
    needsAnswer(options);
    const [had, others] = await Promise.all([
      this.#clients.first.touch(key, ttl, options),
      this.#clients.ofOthers('changed', (client) => client.touch(key, ttl, options)),
    ]);
    return had || others.includes(true);
  }

  incr<D extends number | bigint = number>(
    key: Key,
    delta: D = 1 as D,
    options?: CountOptions<false>,
  ): Promise<Count<D> | undefined> {
    return this.#count('incr', { key, delta }, options);
  }

  decr<D extends number | bigint = number>(
    key: Key,
    delta: D = 1 as D,
    options?: CountOptions<false>,
  ): Promise<Count<D> | undefined> {
    return this.#count('decr', { key, delta }, options);
  }

  flushAll(delaySeconds = 0, options?: CallOptions): Promise<Map<string, boolean>> {
    return ofAllByKey(this.#clients.deleted, (client) => client.flushAll(delaySeconds, options));
  }

  version(options?: CallOptions): Promise<Map<string, string>> {
    return this.#clients.ofServers((client) => client.version(options));
  }

  stats(group = '', options?: CallOptions): Promise<Map<string, Map<string, StatValue>>> {
    return this.#clients.ofServers((client) => client.stats(group, options));
  }

  async connect(): Promise<void> {
    const others = this.#clients.ofOthers('all', (client) => client.connect());
    await Promise.all([this.#clients.first.connect(), others]);
  }

  async close(options?: { timeoutMs?: number }): Promise<void> {
    await ofAll(this.#clients.all, (client) => client.close(options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  serverFor(key: Key, options?: { routeBy?: Key }): string {
    return addressOf(this.#clients.first, key, options);
  }

  get servers(): readonly string[] {
    const named = this.#clients.all.flatMap(({ servers, server }) => servers ?? server ?? []);
    return [...new Set(named)];
  }

  #values<T>(keys: readonly Key[], options: ReadOptions | undefined): Promise<(T | undefined)[]> {
    return searchMany(this.#clients.reading(options), keys, (client, asked, rest) =>
      client.getValues<T>(asked, rest),
    );
  }

  /** At the first client that has the key; the others lose theirs. */
  async #atOne<O extends CallOptions>(
    key: Key,
    options: O | undefined,
    change: (client: FallbackMember, rest: O | undefined) => Promise<boolean>,
  ): Promise<boolean> {
    const search = this.#clients.changing(options);
    const at = await searchOne(search, async (client, rest, index) =>
      (await change(client, rest)) ? index : undefined,
    );
    if (at === undefined) return false;
    await this.#clients.forget([key], at, options);
    return true;
  }

  async #count<D extends number | bigint>(
    verb: 'incr' | 'decr',
    { key, delta }: { key: Key; delta: D },
    options: CountOptions<false> = {},
  ): Promise<Count<D> | undefined> {
    needsAnswer(options);
    if (this.#clients.changed.length === 1) return this.#clients.first[verb](key, delta, options);
    const began = performance.now();
    const existing = { ...options, initial: undefined };
    const search = this.#clients.changing(existing);
    const found = await searchOne(search, async (client, rest, at) => {
      const value = await client[verb](key, delta, rest);
      return value === undefined ? undefined : { value, at };
    });
    if (found !== undefined) {
      await this.#clients.forget([key], found.at, options);
      return found.value;
    }
    if (options.initial === undefined) return undefined;
    return this.#clients.first[verb](key, delta, remaining(options, began));
  }
}

function tokenFor<T>(client: number, item: WithCas<T> | undefined): WithCas<T> | undefined {
  return item === undefined ? undefined : { value: item.value, cas: `${client}.${item.cas}` };
}

function hits<A>(keys: readonly Key[], values: readonly (A | undefined)[]): Map<Key, A> {
  const found = new Map<Key, A>();
  for (const [place, value] of values.entries())
    if (value !== undefined) found.set(keys[place], value);
  return found;
}
