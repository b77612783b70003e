import type { CodecOptions, ResolvedCodecOptions } from '../codec/codec-options.ts';
import type { ServerAddress, ServerSpec } from '../connection/address.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { DiscoveryOption } from '../discovery/discovery-option.ts';
import { type DiscoveryLimits, LIMITS_DEFAULTS } from '../discovery/guard.ts';
import type { HashedPart, KeyRuleName } from '../protocol/key-rules.ts';
import type { TtlRules } from '../protocol/ttl.ts';
import { RETRY_DEFAULTS, type RetryOptions } from '../retry/policy.ts';
import type { FleetOptions } from '../routing/fleet-options.ts';
import type { ServerOptions } from '../server/options.ts';
import type { ProfileName } from './profiles.ts';

/** What the client itself decides, above all servers and connections. */
export interface FacadeOptions extends TtlRules {
  /**
   * Milliseconds from a call until its promise settles, with all queueing, encoding and retries in
   * between. Default 1000, from 1.
   *
   * A cache that takes longer is no help.
   */
  readonly timeoutMs: number;
  /**
   * Whole seconds an item lives where the call does not say; 0: as long as there is room. Default
   * 0.
   */
  readonly ttl: number;
  /** Put before every key on the wire, and counted in its length. Default ''. */
  readonly keyPrefix: string | Uint8Array;
  /** What happens to an operation that failed by no fault of its own. */
  readonly retry: RetryOptions;
  /**
   * Another client whose programs share the cache: keys, servers, values and flags are done as it
   * does them. Default undefined.
   *
   * Sets the defaults of `format`, `hash`, `hashedPart` and `keyRule`.
   */
  readonly profile: ProfileName | undefined;
  /**
   * What of a key is hashed: `'key'`, the caller's own, `'prefixed'`, with `keyPrefix`, or
   * `'wire'`, as it is stored. Default `'key'`.
   */
  readonly hashedPart: HashedPart;
  /**
   * What becomes of keys memcached does not take. `'strict'`: they are refused. `'hash'`: long ones
   * are shortened to their beginning and their SHA-256. `'md5'`, `'dalli'`, `'memcached'`: as those
   * clients do. Default `'strict'`.
   */
  readonly keyRule: KeyRuleName;
  /**
   * Where the servers are learned from, instead of `servers`: text such as
   * `elasticache://host:port`, a discovery, or a function. Default undefined.
   */
  readonly discovery: DiscoveryOption | undefined;
  /** What a discovered list must be to be believed. */
  readonly discoveryLimits: DiscoveryLimits;
  /**
   * A read that failed rejects (`'throw'`), or is answered as a miss (`'miss'`) with the event
   * `guard`. Default `'throw'`.
   */
  readonly onError: 'throw' | 'miss';
  /**
   * An item nobody here can decode is a miss (`'miss'`) with the event `unreadable`, or rejects
   * (`'error'`). Default `'miss'`.
   */
  readonly onUnreadable: 'miss' | 'error';
  /**
   * Milliseconds `close` waits for answers under way before it drops them. Default 5000, from 0.
   */
  readonly closeTimeoutMs: number;
  /**
   * What the client takes on, over all servers: everything that has been begun and is not settled, wherever it waits.
   * Beyond it calls are failed with ERR_MEMCACHE_OVERLOADED; with `whenFull: 'shed-oldest'` requests that have not left
   * make room for them. A call of many keys is taken as a whole, so the last one may go over it by its own. More than a
   * process has in memory in peace, and little enough to be refused before memory ends.
   */
  readonly maxPending: {
    /**
     * Operations a client takes on over all servers before it refuses more; a call of a hundred
     * keys is a hundred. Default 100 000, from 1.
     */
    readonly operations: number;
    /**
     * Bytes of their values, of those that are text (as one per character) or bytes. Default 256
     * MiB, from 1.
     */
    readonly bytes: number;
  };
  /**
   * Records the latency of every call for `metrics().latency`; costs 15 MB and some time per call.
   * Default false.
   */
  readonly percentiles: boolean;
}

export const FACADE_DEFAULTS: FacadeOptions = {
  timeoutMs: 1000,
  ttl: 0,
  ttlJitter: 0,
  maxTtl: undefined,
  keyPrefix: '',
  retry: RETRY_DEFAULTS,
  profile: undefined,
  hashedPart: 'key',
  keyRule: 'strict',
  discovery: undefined,
  discoveryLimits: LIMITS_DEFAULTS,
  onError: 'throw',
  onUnreadable: 'miss',
  closeTimeoutMs: 5000,
  maxPending: { operations: 100_000, bytes: 256 * 1024 * 1024 },
  percentiles: false,
};

/** Options of which single parts may be given. */
export type Group =
  | 'window'
  | 'maxPending'
  | 'retry'
  | 'maxInFlight'
  | 'maxQueued'
  | 'reconnect'
  | 'health'
  | 'gutter'
  | 'discoveryLimits';

type Optional<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

type Given<Options> = Optional<{
  readonly [Name in keyof Options]: Name extends Group ? Optional<Options[Name]> : Options[Name];
}>;

/** The options of createClient. Only `servers` is required, or `discovery` instead of it. */
export interface ClientOptions
  extends
    Given<FacadeOptions>,
    Given<FleetOptions>,
    Given<ConnectionOptions>,
    Given<ServerOptions>,
    Given<CodecOptions> {
  /**
   * Where the servers listen: `'host'`, `'host:port'`, `'[v6]'`, `'[v6]:port'`, `'unix:/path'`,
   * `'/path'`, `{ host, port?, weight?, label?, servername? }`, `{ path, … }`, or a list of those;
   * as one string, with commas between them. `discovery` may stand in its place.
   */
  readonly servers?: string | readonly ServerSpec[] | undefined;
}

/** Every option with its value, checked and frozen. */
export interface ResolvedOptions
  extends
    Omit<FacadeOptions, 'discovery'>,
    Omit<FleetOptions, 'gutter'>,
    ConnectionOptions,
    ServerOptions,
    ResolvedCodecOptions {
  /** None where there is a discovery. */
  readonly servers: readonly ServerAddress[];
  readonly gutter: { readonly servers: readonly ServerAddress[]; readonly ttl: number };
  readonly discovery: Discovery | undefined;
}
