import type { Ttl } from '../protocol/ttl.ts';
import type { ReadOptions } from './call-options.ts';
import { inspecting, type Inspection, readOptions } from './inspection.ts';
import type { KeyCalls } from './key-calls.ts';
import { ArrayRead, MapRead } from './many-read.ts';
import type { InspectOptions } from './meta-options.ts';
import { PLAIN_GET, PLAIN_GETS, touching } from './questions.ts';
import type { Key, WithCas } from './read.ts';

/** The verbs that read items. */
export abstract class ReadVerbs {
  protected readonly calls: KeyCalls;

  protected constructor(calls: KeyCalls) {
    this.calls = calls;
  }

  /** The value stored under a key, or undefined for a miss. */
  get<T = unknown>(key: Key, options?: ReadOptions): Promise<T | undefined> {
    return this.calls.readOne<T>(PLAIN_GET, key, options);
  }

  /** The value and the token that `cas` needs to replace just this value, or undefined for a miss. */
  gets<T = unknown>(key: Key, options?: ReadOptions): Promise<WithCas<T> | undefined> {
    return this.calls.readOne<WithCas<T>>(PLAIN_GETS, key, options);
  }

  /**
   * The hits among many keys, by the caller's own keys in their order; of keys with the same bytes, the first one.
   * Rejects with ManyError when a key failed, unless `onError` is 'miss'.
   */
  getMany<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<Map<Key, T>> {
    return this.calls.readMany(PLAIN_GET, keys, options, MapRead<T>);
  }

  /** As `getMany`, each hit with its cas token. */
  getsMany<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<Map<Key, WithCas<T>>> {
    return this.calls.readMany(PLAIN_GETS, keys, options, MapRead<WithCas<T>>);
  }

  /** The values of many keys in the order of the keys, undefined for a miss: `getMany` without the cost of a Map. */
  getValues<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<(T | undefined)[]> {
    return this.calls.readMany(PLAIN_GET, keys, options, ArrayRead<T>);
  }

  /** As `get`, and what is found lives for `ttl` from now on. Needs memcached 1.5.3. */
  async getAndTouch<T = unknown>(
    key: Key,
    ttl: Ttl,
    options?: ReadOptions,
  ): Promise<T | undefined> {
    return this.calls.readOne<T>(touching(this.calls.exptime(ttl)), key, options);
  }

  /** As `getMany`, and what is found lives for `ttl` from now on. Needs memcached 1.5.3. */
  async getAndTouchMany<T = unknown>(
    keys: Iterable<Key>,
    ttl: Ttl,
    options?: ReadOptions,
  ): Promise<Map<Key, T>> {
    return this.calls.readMany(touching(this.calls.exptime(ttl)), keys, options, MapRead<T>);
  }

  /**
   * What memcached knows of an item, or undefined for a miss; with `value: true` its value, too. It does not count as a
   * use of the item, unless `bump` says so. One thing changes even so: whoever asks first about an item that has been
   * marked stale is the one who has `won`, and is to store a new value. An item whose value is asked for and cannot be
   * decoded is a miss, as with `get`. Needs memcached 1.6.10.
   */
  async inspect<T = unknown>(
    key: Key,
    options?: InspectOptions,
  ): Promise<Inspection<T> | undefined> {
    const question = inspecting('inspect', this.calls, options);
    return this.calls.readOne<Inspection<T>>(question, key, readOptions(options));
  }

  /** As `inspect`, for many keys: the hits by the caller's own keys in their order. */
  async inspectMany<T = unknown>(
    keys: Iterable<Key>,
    options?: InspectOptions,
  ): Promise<Map<Key, Inspection<T>>> {
    const question = inspecting('inspectMany', this.calls, options);
    return this.calls.readMany(question, keys, readOptions(options), MapRead<Inspection<T>>);
  }
}
