import type { ServerSpec } from '../connection/address.ts';
import type { HashOption } from './hashers.ts';

/** How keys are placed on servers, and what becomes of those whose server is lost. */
export interface FleetOptions {
  /**
   * What places keys: the name of a hash, its name with options of its own, or a function. Default
   * `rendezvous`, as pymemcache does it. Programs that share a cache have to agree on it.
   */
  readonly hash: HashOption;
  /**
   * The part of a key that places it, so that keys which belong together share a server. Two
   * characters such as `{}`: what stands between them. `{ stop: '|' }`: what stands before that
   * text. A key without it is placed by the whole of it. Default undefined, for no such part.
   */
  readonly hashTag:
    | string
    | {
        /** The text that ends the part that counts. */
        readonly stop: string;
      }
    | undefined;
  /**
   * What becomes of the keys of a server that is out. `next`: the server that would have them
   * without it. `gutter`: a spare one, for a short while. `error`: they reject with
   * ERR_MEMCACHE_UNAVAILABLE. `miss`: reads are answered as misses, with an event; writes reject.
   * Default `next`.
   */
  readonly failover: 'next' | 'gutter' | 'error' | 'miss';
  /**
   * When a stand-in is asked under `failover: 'next'`. `down`: once the server is out. `failure`:
   * also by an operation that has just failed there and may be tried again, for its further
   * attempts; OpenStack Swift's client does so. Default `down`: a short loss then scatters no keys.
   */
  readonly failoverOn: 'down' | 'failure';
  /**
   * Operations per second that may go to a stand-in, all servers together; those beyond it reject
   * with ERR_MEMCACHE_UNAVAILABLE. Default 0, for no limit. Keeps the loss of many servers from
   * becoming the loss of all.
   */
  readonly failoverPerSecond: number;
  /** The spare servers of `failover: 'gutter'`. */
  readonly gutter: {
    /** Where they listen, as `servers`. Default none. */
    readonly servers: string | readonly ServerSpec[];
    /** Whole seconds an item lives there at most. Default 10, from 1. */
    readonly ttl: number;
  };
  /**
   * Milliseconds after a change of the servers for which a miss on a key that has moved looks once
   * at the key's former server. Default 0, for not at all. While it lasts, writes of such keys
   * remove the former copy.
   */
  readonly movedGraceMs: number;
}

export const FLEET_DEFAULTS: FleetOptions = {
  hash: 'rendezvous',
  hashTag: undefined,
  failover: 'next',
  failoverOn: 'down',
  failoverPerSecond: 0,
  gutter: { servers: [], ttl: 10 },
  movedGraceMs: 0,
};
