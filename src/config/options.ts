import type { CodecOptions, ResolvedCodecOptions } from '../codec/codec-options.ts';
import type { ServerAddress, ServerSpec } from '../connection/address.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import type { ServerOptions } from '../server/options.ts';

/** What the client itself decides, above all servers and connections. */
export interface FacadeOptions {
  /**
   * Milliseconds from the call until its promise settles, with all queueing, encoding and retries
   * in between. Default 1000, from 1. A cache that takes longer is no help.
   */
  readonly timeoutMs: number;
  /**
   * Whole seconds an item lives where a call gives no ttl. Default 0, for as long as there is room.
   */
  readonly ttl: number;
  /** Put before every key on the wire, and counted in its length. Default ''. */
  readonly keyPrefix: string | Uint8Array;
  /** What happens to a read that failed by no fault of its own. */
  readonly retry: {
    /**
     * Times it is tried, the first time included. Default 2, 1 to 10: a lost connection then costs
     * no error.
     */
    readonly attempts: number;
  };
  /**
   * A read that failed rejects (`throw`) or answers as if nothing were stored (`miss`). Default
   * `throw`.
   */
  readonly onError: 'throw' | 'miss';
  /** An item nobody here can decode is answered as a miss, or rejects (`error`). Default `miss`. */
  readonly onUnreadable: 'miss' | 'error';
  /**
   * Milliseconds `close` waits for answers under way before it drops them. Default 5000, from 0.
   */
  readonly closeTimeoutMs: number;
  /**
   * Records the latency of every call for percentiles. Default false: it costs 15 MB and some time
   * per call.
   */
  readonly percentiles: boolean;
}

export const FACADE_DEFAULTS: FacadeOptions = {
  timeoutMs: 1000,
  ttl: 0,
  keyPrefix: '',
  retry: { attempts: 2 },
  onError: 'throw',
  onUnreadable: 'miss',
  closeTimeoutMs: 5000,
  percentiles: false,
};

/** Options of which single parts may be given. */
type Group = 'retry' | 'maxQueued' | 'reconnect';

type Optional<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

type Given<Options> = Optional<{
  readonly [Name in keyof Options]: Name extends Group ? Optional<Options[Name]> : Options[Name];
}>;

/** The options of createClient. Only `servers` is required. */
export interface ClientOptions
  extends
    Given<FacadeOptions>,
    Given<ConnectionOptions>,
    Given<ServerOptions>,
    Given<CodecOptions> {
  /** Where the servers listen; as one string, with commas between them. */
  readonly servers: string | readonly ServerSpec[];
}

/** Every option with its value, checked and frozen. */
export interface ResolvedOptions
  extends FacadeOptions, ConnectionOptions, ServerOptions, ResolvedCodecOptions {
  readonly servers: readonly ServerAddress[];
}
