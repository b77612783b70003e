import type { ServerSpec } from '../connection/address.ts';
import type { HashOption } from './hashers.ts';

/** How keys are placed on servers, and what becomes of those whose server is lost. */
export interface FleetOptions {
  /**
   * What places keys: the name of a hash, its name with options of its own, or a function. Programs
   * that share a cache have to agree on it. Default `'rendezvous'`, as pymemcache does it.
   */
  readonly hash: HashOption;
  /**
   * The part of a key that places it, so that keys which belong together share a server. Two
   * characters such as `'{}'`: what stands between them. `{ stop: '|' }`: what stands before that
   * text. A key without it is placed by the whole of it. Default undefined.
   */
  readonly hashTag:
    | string
    | {
        /** The text that ends the part that counts. */
        readonly stop: string;
      }
    | undefined;
  /**
   * What becomes of the keys of a server that is out. `'next'`: the server that would have them
   * without it. `'gutter'`: a spare one, for a short while. `'error'`: they reject with
   * ERR_MEMCACHE_UNAVAILABLE. `'miss'`: reads are answered as misses, with an event; writes reject.
   * Default `'next'`.
   */
  readonly failover: 'next' | 'gutter' | 'error' | 'miss';
  /**
   * When a stand-in is asked under `failover: 'next'`. `'down'`: once the server is out.
   * `'failure'`: also by an operation that has just failed there and may be tried again, for its
   * further attempts. Default `'down'`.
   *
   * With `'down'` a short loss scatters no keys; OpenStack Swift's client does as `'failure'`.
   */
  readonly failoverOn: 'down' | 'failure';
  /**
   * Operations per second that may go to a stand-in, all servers together; those beyond it reject
   * with ERR_MEMCACHE_UNAVAILABLE; 0: any number. Default 0.
   *
   * Keeps the loss of many servers from becoming the loss of all.
   */
  readonly failoverPerSecond: number;
  /** The spare servers of `failover: 'gutter'`. */
  readonly gutter: {
    /** The spare servers of `failover: 'gutter'`, as in `servers`. Default none. */
    readonly servers: string | readonly ServerSpec[];
    /** Whole seconds an item lives on a spare server at most. Default 10, from 1. */
    readonly ttl: number;
  };
  /**
   * Milliseconds after a change of servers for which a miss on a key that has moved looks once at
   * the key's former server; 0: not at all. Default 0.
   *
   * While it lasts, writes of such keys remove the former copy.
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
