import type {
  ChangeOptions,
  CallOptions,
  CountOptions,
  DeleteOptions,
  StoreOptions,
} from '../client/call-options.ts';
import type { Count } from '../client/count-step.ts';
import { type Entries, entriesOf, keysOf } from '../client/entries.ts';
import type { Key } from '../client/read.ts';
import type { CasAnswer } from '../client/write-verbs.ts';
import type { Ttl } from '../protocol/ttl.ts';
import { ofAll, ofAllByKey } from './fallback-all.ts';
import { type FallbackMember, needsAnswer } from './fallback-clients.ts';
import { FallbackReads } from './fallback-reads.ts';
import { differentKeys, remaining, searchOne } from './fallback-search.ts';
import { readToken, wrongToken } from './fallback-token.ts';

/** The verbs of a fallback that store, change and remove items. */
export abstract class FallbackWrites extends FallbackReads {
  async set(key: Key, value: unknown, options?: StoreOptions<false>): Promise<true> {
    needsAnswer(options);
    const answer = this.clients.first.set(key, value, options);
    await this.clients.follow(answer, [key], options, (client) => client.set(key, value, options));
    return answer;
  }

  async setMany(entries: Entries, options?: StoreOptions<false>): Promise<true> {
    needsAnswer(options);
    const pairs = entriesOf(entries);
    const keys = pairs.map(([key]) => key);
    const answer = this.clients.first.setMany(pairs, options);
    await this.clients.follow(answer, keys, options, (client) => client.setMany(pairs, options));
    return answer;
  }

  async add(key: Key, value: unknown, options?: StoreOptions<false>): Promise<boolean> {
    needsAnswer(options);
    const began = performance.now();
    const { signal, timeoutMs, routeBy } = options ?? {};
    const values = await this.clients.ofOthers('all', (client) =>
      client.get(key, { signal, timeoutMs, routeBy }),
    );
    if (values.some((other) => other !== undefined)) return false;
    return this.clients.first.add(key, value, remaining(options, began));
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
    needsAnswer(options);
    const given = readToken(token, this.clients.all.length);
    if (given === undefined) throw wrongToken('ERR_MEMCACHE_VALUE', 'the cas token');
    const { at, cas } = given;
    // A client that is only read keeps its item; the first one, which did not have the key, gets it.
    if (at >= this.clients.changed.length)
      return (await this.clients.first.add(key, value, options)) ? 'stored' : 'exists';
    const answer = await this.clients.changed[at].cas(key, value, cas, options);
    if (answer === 'stored') await this.clients.forget([key], at, options);
    return answer;
  }

  async delete(key: Key, options?: DeleteOptions<false>): Promise<boolean> {
    needsAnswer(options);
    if (options?.cas !== undefined) return this.#deleteThis(key, options);
    const answers = await ofAll(this.clients.deleted, (client) => client.delete(key, options));
    return answers.includes(true);
  }

  async deleteMany(
    keys: Iterable<Key>,
    options?: ChangeOptions<false>,
  ): Promise<Map<Key, boolean>> {
    needsAnswer(options);
    const { different } = differentKeys(keysOf(keys, 'deleteMany'));
    return ofAllByKey(this.clients.deleted, (client) => client.deleteMany(different, options));
  }

  async touch(key: Key, ttl: Ttl, options?: ChangeOptions<false>): Promise<boolean> {
    needsAnswer(options);
    const [had, others] = await Promise.all([
      this.clients.first.touch(key, ttl, options),
      this.clients.ofOthers('changed', (client) => client.touch(key, ttl, options)),
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

  /** At the client that the token is of; those behind it lose what they have, whatever it is. */
  async #deleteThis(key: Key, { cas, ...options }: DeleteOptions<false>): Promise<boolean> {
    const token = readToken(cas, this.clients.all.length);
    if (token === undefined) throw wrongToken('ERR_MEMCACHE_OPTION', "option 'cas' of delete");
    const { deleted } = this.clients;
    // One that is only read keeps its item.
    if (token.at >= deleted.length) return false;
    const [holder, ...behind] = deleted.slice(token.at);
    if (!(await holder.delete(key, { ...options, cas: token.cas }))) return false;
    await ofAll(behind, (client) => client.delete(key, options));
    return true;
  }

  /** At the first client that has the key; the others lose theirs. */
  async #atOne<O extends CallOptions>(
    key: Key,
    options: O | undefined,
    change: (client: FallbackMember, rest: O | undefined) => Promise<boolean>,
  ): Promise<boolean> {
    const search = this.clients.changing(options);
    const at = await searchOne(search, async (client, rest, index) =>
      (await change(client, rest)) ? index : undefined,
    );
    if (at === undefined) return false;
    await this.clients.forget([key], at, options);
    return true;
  }

  async #count<D extends number | bigint>(
    verb: 'incr' | 'decr',
    { key, delta }: { key: Key; delta: D },
    options: CountOptions<false> = {},
  ): Promise<Count<D> | undefined> {
    needsAnswer(options);
    if (this.clients.changed.length === 1) return this.clients.first[verb](key, delta, options);
    const began = performance.now();
    const existing = { ...options, initial: undefined };
    const search = this.clients.changing(existing);
    const found = await searchOne(search, async (client, rest, at) => {
      const value = await client[verb](key, delta, rest);
      return value === undefined ? undefined : { value, at };
    });
    if (found !== undefined) {
      await this.clients.forget([key], found.at, options);
      return found.value;
    }
    if (options.initial === undefined) return undefined;
    return this.clients.first[verb](key, delta, remaining(options, began));
  }
}
