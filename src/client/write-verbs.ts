import { IllegalInputError } from '../errors.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import type {
  Answered,
  ChangeOptions,
  CountOptions,
  DeleteOptions,
  StoreOptions,
} from './call-options.ts';
import { isCasToken } from './cas-token.ts';
import type { Count, Step } from './count-step.ts';
import type { Entries } from './entries.ts';
import type { StoreCall } from './key-calls.ts';
import { type Change, changeMany, changeOne } from './noreply.ts';
import type { Key } from './read.ts';
import { ReadVerbs } from './read-verbs.ts';
import { removeThis } from './remove.ts';

/** What `cas` found: the item was replaced, had been changed since, or is gone. */
export type CasAnswer = 'stored' | 'exists' | 'missing';

const isStored = (answer: StoreAnswer): boolean => answer === 'stored';

/** The verbs that store, change and remove items. */
export abstract class WriteVerbs extends ReadVerbs {
  /**
   * Stores a value. The bytes of a Buffer or Uint8Array are not copied at the call: neither change nor
   * transfer them until the promise settles.
   */
  set<N extends boolean = false>(
    key: Key,
    value: unknown,
    options?: StoreOptions<N>,
  ): Promise<Answered<N, true>> {
    return this.#store({ verb: 'set', key, value }, options, () => true);
  }

  /** Stores a value unless the key has one; whether it was stored. */
  add<N extends boolean = false>(
    key: Key,
    value: unknown,
    options?: StoreOptions<N>,
  ): Promise<Answered<N, boolean>> {
    return this.#store({ verb: 'add', key, value }, options, isStored);
  }

  /** Stores a value only if the key has one; whether it was stored. */
  replace<N extends boolean = false>(
    key: Key,
    value: unknown,
    options?: StoreOptions<N>,
  ): Promise<Answered<N, boolean>> {
    return this.#store({ verb: 'replace', key, value }, options, isStored);
  }

  /**
   * Adds text or bytes behind those of an item; whether that was done. False where there is no item, and where it would
   * become larger than the server takes (then it stays as it was). They go out as they are, and the item keeps its flags
   * and its ttl: it must have been stored as text or bytes, and not compressed, or it cannot be read any more. Rejects
   * with ERR_MEMCACHE_VALUE for anything else, and with ERR_MEMCACHE_UNSUPPORTED where the option `checksum` is set.
   */
  append<N extends boolean = false>(
    key: Key,
    value: string | Uint8Array,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>> {
    return this.#store({ verb: 'append', key, value, asIs: true }, options, isStored);
  }

  /** As `append`, in front. */
  prepend<N extends boolean = false>(
    key: Key,
    value: string | Uint8Array,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>> {
    return this.#store({ verb: 'prepend', key, value, asIs: true }, options, isStored);
  }

  /** Stores a value if the item still is the one that `gets` answered with this token. */
  cas(
    key: Key,
    value: unknown,
    token: string,
    options?: Omit<StoreOptions, 'noreply'>,
  ): Promise<CasAnswer> {
    if (!isCasToken(token)) {
      const message = 'the cas token must be one that gets answered';
      return Promise.reject(new IllegalInputError('ERR_MEMCACHE_VALUE', message));
    }
    return this.calls.storeOne({ verb: 'cas', key, value, cas: token }, options, (answer) =>
      answer === 'not stored' ? 'missing' : answer,
    );
  }

  /**
   * Stores many values with one promise. Rejects with ManyError when some were not stored; its `values` tell of the
   * others.
   */
  setMany<N extends boolean = false>(
    entries: Entries,
    options?: StoreOptions<N>,
  ): Promise<Answered<N, true>> {
    return this.calls.storeMany(entries, options) as Promise<Answered<N, true>>;
  }

  /**
   * Removes an item; whether there was one. With `cas` only the item with this token, and false for another one, too:
   * `meta.delete` tells them apart.
   */
  delete<N extends boolean = false>(
    key: Key,
    options?: DeleteOptions<N>,
  ): Promise<Answered<N, boolean>> {
    if (options?.cas === undefined) return changeOne(this.calls, REMOVE, key, options);
    return removeThis(this.calls, key, options) as Promise<Answered<N, boolean>>;
  }

  /** Removes many items; for each key, whether there was one. */
  deleteMany<N extends boolean = false>(
    keys: Iterable<Key>,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, Map<Key, boolean>>> {
    return changeMany(this.calls, REMOVE, keys, options);
  }

  /** Gives an item a new ttl; whether there was one. */
  async touch<N extends boolean = false>(
    key: Key,
    ttl: Ttl,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>> {
    return changeOne(this.calls, touching(this.calls.exptime(ttl)), key, options);
  }

  /**
   * Adds to a counter and answers its new value, or undefined where there is none. A number delta is answered with a
   * number, a bigint delta with a bigint. A result past 2^53 rejects where a number was due (ERR_MEMCACHE_VALUE): the
   * counter has been changed, and the error's `cause` is its exact value. Counters wrap at 2^64.
   */
  incr<D extends number | bigint = number, N extends boolean = false>(
    key: Key,
    delta: D = 1 as D,
    options?: CountOptions<N>,
  ): Promise<Answered<N, Count<D> | undefined>> {
    return this.#count({ verb: 'incr', key, delta, options });
  }

  /** As `incr`, downwards; a counter stops at 0. */
  decr<D extends number | bigint = number, N extends boolean = false>(
    key: Key,
    delta: D = 1 as D,
    options?: CountOptions<N>,
  ): Promise<Answered<N, Count<D> | undefined>> {
    return this.#count({ verb: 'decr', key, delta, options });
  }

  #store<R, N extends boolean>(
    what: StoreCall<StoreAnswer>,
    options: StoreOptions<N> | undefined,
    read: (answer: StoreAnswer) => R,
  ): Promise<Answered<N, R>> {
    return this.calls.storeOne(what, options, read) as Promise<Answered<N, R>>;
  }

  #count<D extends number | bigint, N extends boolean>(
    step: Step<D>,
  ): Promise<Answered<N, Count<D> | undefined>> {
    return this.calls.count(step) as Promise<Answered<N, Count<D> | undefined>>;
  }
}

const REMOVE: Change<boolean> = {
  verb: 'delete',
  send: (server, wire, sink) => server.delete(wire, { sink, tag: 0 }),
  quiet: (key) => ({ verb: 'delete', key }),
};

const touching = (exptime: number): Change<boolean> => ({
  verb: 'touch',
  send: (server, wire, sink) => server.touch(wire, exptime, { sink, tag: 0 }),
  quiet: (key) => ({ verb: 'touch', key, exptime }),
});
