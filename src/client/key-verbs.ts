import { sized } from './entries.ts';
import { FetchCall } from './fetch-call.ts';
import { fetchMany } from './fetch-many.ts';
import { checkLoader, type FetchOptions, type InvalidateOptions } from './fetch-options.ts';
import { FetchPolicies } from './fetch-policy.ts';
import { invalidate } from './invalidate.ts';
import type { KeyCalls } from './key-calls.ts';
import type { Loaded, LoadMany } from './load-batch.ts';
import { MetaVerbs } from './meta-verbs.ts';
import type { Key } from './read.ts';
import { WriteVerbs } from './write-verbs.ts';

type Loader = (key: Key) => unknown;

/** All verbs about keys. */
export abstract class KeyVerbs extends WriteVerbs {
  readonly #one: FetchPolicies;
  readonly #many: FetchPolicies;
  #metaVerbs: MetaVerbs | undefined;

  protected constructor(calls: KeyCalls) {
    super(calls);
    this.#one = new FetchPolicies('fetch', calls);
    this.#many = new FetchPolicies('fetchMany', calls);
  }

  /** The meta commands about keys, with every flag as an option. */
  get meta(): MetaVerbs {
    this.#metaVerbs ??= new MetaVerbs(this.calls);
    return this.#metaVerbs;
  }

  /**
   * The value of a key; where there is none, or where it is due, what the loader makes of it, which is then stored. Of
   * all who ask, in all processes, one loads, and in each process who needs the new value shares one load, the value
   * and the error: do not change what you are given. What is loaded is stored only if nobody has changed, removed or
   * invalidated the item meanwhile. A value of `undefined` is not stored, but see `negativeTtl`.
   *
   * Rejects with what the loader threw. When the cache fails the loader is run, see `onError`.
   */
  fetch<T>(key: string, options: FetchOptions, loader: (key: string) => T | Promise<T>): Promise<T>;
  fetch<T>(key: Key, options: FetchOptions, loader: (key: Key) => T | Promise<T>): Promise<T>;
  fetch<T>(key: Key, options: FetchOptions, loader: (key: never) => T | Promise<T>): Promise<T> {
    const { calls } = this;
    const load = loader as Loader;
    if (!calls.watched) return this.#fetch<T>(calls.parts, key, options, load);
    return calls.whole('fetch', undefined, (parts) => this.#fetch<T>(parts, key, options, load));
  }

  /**
   * As `fetch` for many keys: a Map of the values by the caller's own keys in their order, without those that are
   * `undefined`; of keys with the same bytes, the first one. The loader is called once with the keys that are this
   * caller's to load; while it runs, those that others load are waited for, and which of these are left go to one more
   * call. It answers a Map or a plain object; what is not in it is `undefined`.
   *
   * Rejects with what a loader threw: what is there is in the cache. With `onError: 'throw'` rejects with ManyError
   * when the cache fails for some.
   */
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
  fetchMany<T>(
    keys: Iterable<Key>,
    options: FetchOptions,
    loadMany: (keys: readonly never[]) => Loaded<T> | Promise<Loaded<T>>,
  ): Promise<Map<Key, T>> {
    const list = this.calls.watched ? sized(keys) : keys;
    return this.calls.whole('fetchMany', list, async (calls) => {
      checkLoader(loadMany, 'fetchMany');
      const policy = this.#many.of(options);
      const parts = { calls, policy, keys: list, loadMany: loadMany as LoadMany };
      return fetchMany<T>({ ...parts, signal: options.signal });
    });
  }

  /**
   * Says that a value is no longer true: the next `fetch` loads it anew, and what is being loaded at this moment is not
   * stored. With `staleFor` it stays for so many seconds, for those whom a `fetch` lets answer an old value; a plain
   * `get` goes on answering it. Whether there was anything.
   */
  invalidate(key: Key, options: InvalidateOptions = {}): Promise<boolean> {
    return this.calls.whole('invalidate', undefined, (parts) => invalidate(parts, key, options));
  }

  #fetch<T>(calls: KeyCalls, key: Key, options: FetchOptions, load: Loader): Promise<T> {
    try {
      checkLoader(load, 'fetch');
      return new FetchCall<T>(calls, this.#one.of(options), key, load).begin(options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
