import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { MAX_RELATIVE_SECONDS, type Ttl } from '../protocol/ttl.ts';
import { ALLOWED, type CallOptions, type CallRule, type CallRules } from './call-options.ts';
import type { ReadOptions } from './call-options.ts';

/** How a lease is given out. */
export type LeaseKind = 'auto' | 'meta' | 'add';

/**
 * How `fetch` answers and stores. Of the options of every call, `timeoutMs` bounds each command by itself: what it
 * takes to load has no bound but the loader's own. `signal` gives up the caller, not the load: that goes on for others
 * and is stored.
 */
export interface FetchOptions extends Omit<ReadOptions, 'onError'> {
  /** How long a value is fresh: whole seconds, 0 for ever, or the Date it ends. Default: the client's `ttl`. */
  readonly ttl?: Ttl | undefined;
  /**
   * Whole seconds after the ttl in which the old value is still there, to be answered while one caller renews it.
   * Default 0. Without effect where the server does not speak the meta commands.
   */
  readonly staleFor?: number | undefined;
  /** Whole seconds before the end of the ttl at which one caller renews the value early. Default 0. As `staleFor`. */
  readonly recacheBefore?: number | undefined;
  /** Whole seconds a winner has before another may take its place, from 1. Default 10. */
  readonly lock?: number | undefined;
  /**
   * What a caller does while another one loads. `stale`: answers an old value where there is one, else waits for the
   * new. `fresh`: waits for the new value even so. `never`: answers an old value, else loads for itself, without
   * storing. Default `stale`.
   */
  readonly wait?: 'stale' | 'fresh' | 'never' | undefined;
  /**
   * Milliseconds it waits for another process before it loads for itself, without storing. Default: those of `lock`. A
   * load of its own process it shares for as long as that takes.
   */
  readonly waitMs?: number | undefined;
  /**
   * A winner that holds an old value answers it at once and renews it behind that; a failure then goes to the event
   * `refresh`. Default false.
   */
  readonly background?: boolean | undefined;
  /** Whole seconds for which a loader's `undefined` is remembered and answered. Default 0: it is not stored. */
  readonly negativeTtl?: number | undefined;
  /**
   * How one loader is agreed on: by leases of the server (`meta`), by a lock beside the key (`add`), or by leases where
   * they can be had (`auto`): a server that speaks the meta commands, format `'memvolley'` and a codec by name. Others
   * would take a lease's placeholder for a value. All who share a key have to use the same. Default `auto`.
   */
  readonly lease?: LeaseKind | undefined;
  /**
   * What becomes of a call when the cache fails. `miss`: the loader takes its place, with the event `guard`; its value
   * is not stored. `throw`: it rejects. Default `miss`, whatever the client's `onError` is.
   */
  readonly onError?: 'throw' | 'miss' | undefined;
}

/** How `invalidate` leaves an item. */
export interface InvalidateOptions extends CallOptions {
  /**
   * Whole seconds the old value stays to be answered while one caller renews it. Default 0: it is removed, as it is where
   * there are no leases.
   */
  readonly staleFor?: number | undefined;
  /** As `fetch` was given it. Default `auto`. */
  readonly lease?: LeaseKind | undefined;
}

const seconds = (from: number): CallRule => ({
  legal: (value) =>
    Number.isInteger(value) &&
    (value as number) >= from &&
    (value as number) <= MAX_RELATIVE_SECONDS,
  what: `whole seconds from ${from} to ${MAX_RELATIVE_SECONDS}`,
});

const oneOf = (...words: readonly string[]): CallRule => ({
  legal: (value) => words.includes(value as string),
  what: words.map((word) => `'${word}'`).join(' or '),
});

const LEASE = oneOf('auto', 'meta', 'add');
const { signal, timeoutMs, routeBy, onError, lane, codec, ttl } = ALLOWED;

export const FETCH_RULES: CallRules = {
  signal,
  timeoutMs,
  routeBy,
  onError,
  lane,
  codec,
  ttl,
  staleFor: seconds(0),
  recacheBefore: seconds(0),
  lock: seconds(1),
  wait: oneOf('stale', 'fresh', 'never'),
  waitMs: {
    legal: (value) => typeof value === 'number' && value >= 0 && value <= 2_147_483_647,
    what: 'a number of milliseconds from 0',
  },
  background: { legal: (value) => typeof value === 'boolean', what: 'true or false' },
  negativeTtl: seconds(0),
  lease: LEASE,
};

export const INVALIDATE_RULES: CallRules = {
  signal,
  timeoutMs,
  routeBy,
  staleFor: seconds(0),
  lease: LEASE,
};

/** Throws IllegalInputError (ERR_MEMCACHE_VALUE) for what cannot be called. */
export function checkLoader(loader: unknown, verb: string): void {
  if (typeof loader === 'function') return;
  const message = `the loader of ${verb} must be a function, not ${kindOf(loader)}`;
  throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
}
