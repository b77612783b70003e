import type { CodecMetrics } from '../codec/codec-metrics.ts';
import type { ResolvedOptions } from '../config/options.ts';
import { LONGEST_MS } from '../config/rules.ts';
import { IllegalInputError } from '../errors.ts';
import type { LatencySnapshot } from '../observability/histogram.ts';
import type { MetricsSnapshot } from '../observability/metrics.ts';
import { exptime, type Ttl } from '../protocol/ttl.ts';
import type { Server } from '../server/server.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import type { CallOptions, CountOptions, ReadOptions, StoreOptions } from './call-options.ts';
import { Calls } from './calls.ts';
import { Core } from './core.ts';
import { type Count, count } from './counting.ts';
import type { Entries } from './entries.ts';
import type { ClientEvents } from './events.ts';
import { ArrayRead, MapRead } from './many-read.ts';
import type { Key, WithCas } from './read.ts';

/** What `cas` found: the item was replaced, had been changed since, or is gone. */
export type CasAnswer = 'stored' | 'exists' | 'missing';

/** What `metrics` tells. */
export interface ClientMetrics extends MetricsSnapshot {
  readonly codec: CodecMetrics;
  /** Milliseconds from call to answer; only with the option `percentiles`. */
  readonly latency: LatencySnapshot | undefined;
}

const isStored = (answer: StoreAnswer): boolean => answer === 'stored';

/**
 * The verbs of memcached. They never throw: what is wrong with a call rejects its promise before a byte is sent. See
 * `FleetClient` and `ServerClient`.
 */
export abstract class MemcacheClient {
  protected readonly core: Core;
  readonly #calls: Calls;
  #closing: Promise<void> | undefined;

  protected constructor(options: ResolvedOptions) {
    this.core = new Core(options);
    this.#calls = new Calls(this.core);
  }

  /** The value stored under a key, or undefined for a miss. */
  get<T = unknown>(key: Key, options?: ReadOptions): Promise<T | undefined> {
    return this.#calls.readOne<T>('get', key, options);
  }

  /** The value and the token that `cas` needs to replace just this value, or undefined for a miss. */
  gets<T = unknown>(key: Key, options?: ReadOptions): Promise<WithCas<T> | undefined> {
    return this.#calls.readOne<WithCas<T>>('gets', key, options);
  }

  /**
   * The hits among many keys, by the caller's own keys in their order; of keys with the same bytes, the first one.
   * Rejects with ManyError when a key failed, unless `onError` is 'miss'.
   */
  getMany<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<Map<Key, T>> {
    return this.#calls.readMany('get', keys, options, MapRead<T>);
  }

  /** As `getMany`, each hit with its cas token. */
  getsMany<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<Map<Key, WithCas<T>>> {
    return this.#calls.readMany('gets', keys, options, MapRead<WithCas<T>>);
  }

  /** The values of many keys in the order of the keys, undefined for a miss: `getMany` without the cost of a Map. */
  getValues<T = unknown>(keys: Iterable<Key>, options?: ReadOptions): Promise<(T | undefined)[]> {
    return this.#calls.readMany('get', keys, options, ArrayRead<T>);
  }

  /**
   * Stores a value. The bytes of a Buffer or Uint8Array are not copied at the call: neither change nor
   * transfer them until the promise settles.
   */
  set(key: Key, value: unknown, options?: StoreOptions): Promise<true> {
    return this.#calls.storeOne({ verb: 'set', key, value }, options, () => true);
  }

  /** Stores a value unless the key has one; whether it was stored. */
  add(key: Key, value: unknown, options?: StoreOptions): Promise<boolean> {
    return this.#calls.storeOne({ verb: 'add', key, value }, options, isStored);
  }

  /** Stores a value only if the key has one; whether it was stored. */
  replace(key: Key, value: unknown, options?: StoreOptions): Promise<boolean> {
    return this.#calls.storeOne({ verb: 'replace', key, value }, options, isStored);
  }

  /** Stores a value if the item still is the one that `gets` answered with this token. */
  cas(key: Key, value: unknown, token: string, options?: StoreOptions): Promise<CasAnswer> {
    if (typeof token !== 'string' || !/^\d{1,20}$/.test(token)) {
      const message = 'the cas token must be one that gets answered';
      return Promise.reject(new IllegalInputError('ERR_MEMCACHE_VALUE', message));
    }
    return this.#calls.storeOne({ verb: 'cas', key, value, cas: token }, options, (answer) =>
      answer === 'not stored' ? 'missing' : answer,
    );
  }

  /**
   * Stores many values with one promise. Rejects with ManyError when some were not stored; its `values` tell of the
   * others.
   */
  setMany(entries: Entries, options?: StoreOptions): Promise<true> {
    return this.#calls.storeMany(entries, options);
  }

  /** Removes an item; whether there was one. */
  delete(key: Key, options?: CallOptions): Promise<boolean> {
    return this.#calls.askOne<boolean>({ verb: 'delete', key, options }, same, remove);
  }

  /** Removes many items; for each key, whether there was one. */
  deleteMany(keys: Iterable<Key>, options?: CallOptions): Promise<Map<Key, boolean>> {
    return this.#calls.askMany<boolean>({ verb: 'delete', keys, options }, remove);
  }

  /** Gives an item a new ttl; whether there was one. */
  async touch(key: Key, ttl: Ttl, options?: CallOptions): Promise<boolean> {
    const expires = exptime(ttl);
    return this.#calls.askOne<boolean>(
      { verb: 'touch', key, options },
      same,
      (server, wire, sink) => {
        server.touch(wire, expires, { sink, tag: 0 });
      },
    );
  }

  /**
   * Adds to a counter and answers its new value, or undefined where there is none. A number delta is answered with a
   * number, a bigint delta with a bigint. A result past 2^53 rejects where a number was due (ERR_MEMCACHE_VALUE): the
   * counter has been changed, and the error's `cause` is its exact value. Counters wrap at 2^64.
   */
  incr<D extends number | bigint = number>(
    key: Key,
    delta: D = 1 as D,
    options?: CountOptions,
  ): Promise<Count<D> | undefined> {
    return count(this.core, this.#calls, { verb: 'incr', key, delta, options });
  }

  /** As `incr`, downwards; a counter stops at 0. */
  decr<D extends number | bigint = number>(
    key: Key,
    delta: D = 1 as D,
    options?: CountOptions,
  ): Promise<Count<D> | undefined> {
    return count(this.core, this.#calls, { verb: 'decr', key, delta, options });
  }

  /**
   * Forgets every item, now or after whole seconds; true by server. Spare servers keep theirs for as long as their ttl.
   */
  flushAll(delaySeconds = 0, options?: CallOptions): Promise<Map<string, boolean>> {
    if (!Number.isSafeInteger(delaySeconds) || delaySeconds < 0) {
      const message = 'the delay of flushAll must be whole seconds from 0';
      return Promise.reject(new IllegalInputError('ERR_MEMCACHE_OPTION', message));
    }
    this.core.places.fleet.forgetAllFormer();
    return this.#calls.askServers<boolean>({ verb: 'flushAll', options }, (server, waiting) => {
      server.flushAll(delaySeconds, waiting);
    });
  }

  /** The version by server. */
  version(options?: CallOptions): Promise<Map<string, string>> {
    return this.#calls.askServers<string>({ verb: 'version', options }, (server, waiting) => {
      server.version(waiting);
    });
  }

  /** What each server counts, as text by name. `group` is a word memcached knows: settings, items, slabs, conns. */
  stats(group = '', options?: CallOptions): Promise<Map<string, Map<string, string>>> {
    if (!/^[a-z_]*$/.test(group)) {
      const message = 'the group of stats must be a word of lower-case letters';
      return Promise.reject(new IllegalInputError('ERR_MEMCACHE_OPTION', message));
    }
    return this.#calls.askServers<Map<string, string>>(
      { verb: 'stats', options },
      (server, waiting) => {
        server.stats(group, waiting);
      },
    );
  }

  /** Connects to every server without waiting for the first command. Rejects with what failed. */
  async connect(): Promise<void> {
    await this.core.places.learn();
    await this.version({ timeoutMs: 2 * this.core.options.connectTimeoutMs });
  }

  /** Takes no more calls, waits for those under way, at most `timeoutMs` (default: `closeTimeoutMs`), and lets go. */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs = this.core.options.closeTimeoutMs } = options;
    if (!Number.isFinite(timeoutMs) || timeoutMs < 0 || timeoutMs > LONGEST_MS) {
      const message = "option 'timeoutMs' of close must be a number of milliseconds from 0";
      return Promise.reject(new IllegalInputError('ERR_MEMCACHE_OPTION', message));
    }
    this.#closing ??= this.core.close(timeoutMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  on<N extends keyof ClientEvents>(name: N, listener: (...event: ClientEvents[N]) => void): this {
    this.core.events.on(name, listener);
    return this;
  }

  off<N extends keyof ClientEvents>(name: N, listener: (...event: ClientEvents[N]) => void): this {
    this.core.events.off(name, listener);
    return this;
  }

  /** Counters since the client was made, and percentiles if they were asked for. */
  metrics(): ClientMetrics {
    const { metrics, codec } = this.core;
    return {
      ...metrics.snapshot(),
      codec: { ...codec.metrics },
      latency: this.#calls.latency?.snapshot(),
    };
  }

  /** Every option as it is in force. */
  get config(): ResolvedOptions {
    return this.core.options;
  }
}

const same = <A>(answer: A): A => answer;

const remove = (server: Server, wire: string, sink: AnswerSink<boolean>): void => {
  server.delete(wire, { sink, tag: 0 });
};
