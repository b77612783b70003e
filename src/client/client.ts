import type { Config } from '../config/config.ts';
import { LONGEST_MS } from '../config/rules.ts';
import type { Settings } from '../config/settings.ts';
import type { TuneChanges, TuneOptions } from '../config/tune.ts';
import { IllegalInputError } from '../errors.ts';
import type { Durations } from '../observability/durations.ts';
import { Administration, type ShutdownOptions } from './administration.ts';
import type { CallOptions } from './call-options.ts';
import { Calls } from './calls.ts';
import { ClientMetaVerbs } from './client-meta.ts';
import { Core } from './core.ts';
import type { ClientMetrics } from './client-metrics.ts';
import type { ClientEvents } from './events.ts';
import type { KeyEntry, KeysOptions, ListedKey } from './keys.ts';
import type { RawOptions } from './raw.ts';
import type { StatValue } from './stat-values.ts';
import { KeyVerbs } from './key-verbs.ts';
import type { Namespace } from './namespace.ts';
import type { NamespaceOptions } from './namespace-options.ts';
import { Namespaces } from './namespaces.ts';

/**
 * The verbs of memcached. They never throw: what is wrong with a call rejects its promise before a byte is sent. See
 * `FleetClient` and `ServerClient`.
 */
export abstract class MemcacheClient extends KeyVerbs {
  protected readonly core: Core;
  readonly #settings: Settings;
  readonly #calls: Calls;
  readonly #administration: Administration;
  readonly #namespaces: Namespaces;
  #meta: ClientMetaVerbs | undefined;
  #closing: Promise<void> | undefined;

  protected constructor(settings: Settings) {
    const core = new Core(settings.options);
    const calls = new Calls(core, undefined, core.observer);
    super(calls);
    this.core = core;
    this.#settings = settings;
    this.#calls = calls;
    this.#administration = new Administration(core, calls);
    this.#namespaces = new Namespaces(core, calls.parts);
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
    return versions(this.#calls, options);
  }

  /**
   * Connects to every server without waiting for the first command, and loads what objects are packed with (some 40 ms,
   * which the first object would take otherwise). Rejects with what failed.
   */
  async connect(): Promise<void> {
    const { codec, places, options } = this.core;
    await this.#calls.whole('connect', undefined, async (parts) => {
      codec.prepare();
      await places.learn();
      await versions(parts, { timeoutMs: 2 * options.connectTimeoutMs });
    });
  }

  /**
   * Takes no more calls, waits for those under way, at most `timeoutMs` (default: `closeTimeoutMs`), and lets go.
   * Listings of keys end at once, with ERR_MEMCACHE_CLOSED.
   */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    return this.#close('close', options);
  }

  /** As `close`; each server that is connected is told `quit`, and is the one who ends the connection. */
  quit(options: { timeoutMs?: number } = {}): Promise<void> {
    return this.#close('quit', options);
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Calls a listener whenever the event happens, until `off` is called with it. What it throws is the process's. */
  on<N extends keyof ClientEvents>(name: N, listener: (...event: ClientEvents[N]) => void): this {
    this.core.events.on(name, listener);
    return this;
  }

  /** Calls the listener no more. */
  off<N extends keyof ClientEvents>(name: N, listener: (...event: ClientEvents[N]) => void): this {
    this.core.events.off(name, listener);
    return this;
  }

  /** Counters since the client was made, and percentiles if they were asked for. */
  metrics(): ClientMetrics {
    const { counts, codec, pending, places, times } = this.core;
    const { window } = places;
    return {
      ...counts.snapshot(),
      pending: { operations: pending.operations, bytes: pending.bytes },
      codec: { ...codec.metrics },
      window: window === undefined ? undefined : { size: window.size, inFlight: window.inFlight },
      servers: places.metrics(),
      latency: times.latency(),
      latencies: times.latencies(),
    };
  }

  /**
   * How long operations take, by verb and by what came of them, and what the connections of each server take; counted
   * in buckets, from the first time this is called. For exporters: percentiles are in `metrics` with the option
   * `percentiles`.
   */
  durations(): Durations {
    const { timing, times, places } = this.core;
    timing.durations = true;
    return { operations: times.durations(), servers: places.durations() };
  }

  /** The meta commands, with every flag as an option. */
  override get meta(): ClientMetaVerbs {
    this.#meta ??= new ClientMetaVerbs(this.#calls, this.#administration);
    return this.#meta;
  }

  /**
   * A view of this client in which everything stored can be made unreachable at once, however much it is. A name is 1
   * to 64 bytes of text that may stand in a key, without `~`; it and its version take 20 bytes more of each key.
   * Throws IllegalInputError (ERR_MEMCACHE_KEY for the name, ERR_MEMCACHE_OPTION for what the options cannot be).
   */
  namespace(name: string, options: NamespaceOptions = {}): Namespace {
    return this.#namespaces.view(name, options);
  }

  /**
   * Every option as it is in force now and what said so, by name; parts of a group as `retry.attempts`. Secrets are
   * hidden: `console.table(cache.config())` can be shown to anybody.
   */
  config(): Config {
    return this.#settings.config();
  }

  /**
   * Changes options while the client is in use, all of them or none: what is collected next, queued next or called next
   * is done by the new ones. Reaches every server, those that come later, and all namespaces. Answers what has changed.
   * An option that is left out, or undefined, stays as it is.
   * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names an option it cannot work with, or one that cannot change
   * live and what to do instead.
   */
  tune(options: TuneOptions): TuneChanges {
    const changes = this.#settings.tune(options);
    this.core.retuned();
    return changes;
  }

  /**
   * What each server counts or is set to, by name: whole and decimal numbers (a bigint past 2^53), true and false where
   * it means that, else text. `group` is what stands behind `stats`: settings, items, slabs, sizes, conns, reset,
   * `detail on`, `detail off`, `detail dump`, `cachedump <class> <limit>` and others.
   * Rejects with UnknownCommandError where a server does not know the group.
   */
  stats(group = '', options?: CallOptions): Promise<Map<string, Map<string, StatValue>>> {
    return this.#administration.stats(group, options);
  }

  /**
   * Changes how much memory each server gives to items; true by server. Rejects with ERR_MEMCACHE_CLIENT where it is
   * too little, which is less than 8.
   */
  cacheMemlimit(megabytes: number, options?: CallOptions): Promise<Map<string, true>> {
    return this.#administration.cacheMemlimit(megabytes, options);
  }

  /** Changes how much each server logs, 0 for little and 2 for most; true by server. */
  verbosity(level: number, options?: CallOptions): Promise<Map<string, true>> {
    return this.#administration.verbosity(level, options);
  }

  /**
   * Ends each server's process; true by server, once it has taken the command. Rejects with UnknownCommandError where
   * it was started without `-A`.
   */
  shutdown(options: ShutdownOptions = {}): Promise<Map<string, true>> {
    return this.#administration.shutdown(options);
  }

  /**
   * The keys that are stored, one server after the other, as they are read from it (`lru_crawler metadump`). What
   * cannot be done rejects in the loop; leaving the loop ends the connection. Keys come without the client's
   * `keyPrefix`, and only those that have it; what a key rule made of a key is not undone. A server makes one listing
   * at a time: while it waits for a slow reader it refuses others, and memcached 1.6.18 may keep the callers of one of
   * its threads waiting if it is asked for another.
   */
  keys(options?: KeysOptions & { readonly form?: 'metadump' | undefined }): AsyncIterable<KeyEntry>;
  keys(options: KeysOptions): AsyncIterable<ListedKey>;
  keys(options: KeysOptions = {}): AsyncIterable<ListedKey> {
    return this.#administration.keys(options);
  }

  /**
   * Sends a command as it is, with CRLF behind it, on a connection of its own, and answers the bytes that come before
   * the terminator `until`. An answer that begins with an error line rejects as the errors of other verbs do.
   * Rejects with ERR_MEMCACHE_VALUE for a command that holds CR or LF without `unsafe`, ERR_MEMCACHE_OPTION where no
   * server is named and there are several, and ERR_MEMCACHE_TOO_LARGE for an answer over `maxBytes`.
   */
  raw(command: string | Uint8Array, options: RawOptions = {}): Promise<Buffer> {
    return this.#administration.raw(command, options);
  }

  #close(verb: 'close' | 'quit', options: { timeoutMs?: number }): Promise<void> {
    const { timeoutMs = this.core.options.closeTimeoutMs } = options;
    if (!Number.isFinite(timeoutMs) || timeoutMs < 0 || timeoutMs > LONGEST_MS) {
      const message = `option 'timeoutMs' of ${verb} must be a number of milliseconds from 0`;
      return Promise.reject(new IllegalInputError('ERR_MEMCACHE_OPTION', message));
    }
    this.#closing ??= this.#letGo(timeoutMs, verb === 'quit' ? verb : undefined);
    return this.#closing;
  }

  async #letGo(timeoutMs: number, farewell: 'quit' | undefined): Promise<void> {
    await Promise.all([
      this.core.close(timeoutMs, farewell),
      this.#administration.close(timeoutMs),
    ]);
  }
}

const versions = (calls: Calls, options?: CallOptions): Promise<Map<string, string>> =>
  calls.askServers<string>({ verb: 'version', options }, (server, waiting) => {
    server.version(waiting);
  });
