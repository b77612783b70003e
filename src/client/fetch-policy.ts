import type { Ttl } from '../protocol/ttl.ts';
import type { Terms } from '../stampede/terms.ts';
import type { CallDefaults } from './call-defaults.ts';
import { checkCall, type ReadOptions } from './call-options.ts';
import { FETCH_RULES, type FetchOptions } from './fetch-options.ts';
import { FetchTimes } from './fetch-times.ts';
import { askItem, askLease, askToken, type LeaseQuestion } from './lease-question.ts';

const DEFAULT_LOCK = 10;

/** Who gives out the leases: the server, or whoever stores the lock beside the key first. */
export type Way = 'server' | 'lock';

/** The options of a fetch as they are in force, but for the signal: what calls on the same terms have in common. */
export class FetchPolicy implements Terms {
  readonly lockMs: number;
  readonly wait: Terms['wait'];
  readonly waitMs: number;
  readonly background: boolean;
  readonly remembersNothing: boolean;
  readonly failsWithCache: boolean;
  readonly way: Way;
  /** Where the server gives out no leases, the lock will do. */
  readonly mayLock: boolean;
  readonly lock: number;
  /** What every command of the fetch is given. */
  readonly options: ReadOptions | undefined;
  readonly ask: Readonly<Record<Way | 'token', LeaseQuestion>>;
  readonly #given: FetchOptions;
  /** How many options it was given, the signal aside; -1 if one of them has no value. */
  readonly #names: number;
  readonly #times: FetchTimes;

  constructor(verb: string, options: FetchOptions, defaults: CallDefaults) {
    checkCall(options, verb, FETCH_RULES);
    const { signal: _signal, ...given } = options;
    const { lock = DEFAULT_LOCK, wait = 'stale', background = false, lease = 'auto' } = given;
    const times = new FetchTimes(given, defaults, verb);
    const emptyIsNothing = defaults.emptyIsNothing && typeof given.codec !== 'object';
    this.#given = given;
    this.#names = Object.values(given).includes(undefined) ? -1 : Object.keys(given).length;
    this.#times = times;
    this.lock = lock;
    this.lockMs = lock * 1000;
    this.wait = wait;
    this.waitMs = given.waitMs ?? this.lockMs;
    this.background = background;
    this.remembersNothing = times.remembersNothing;
    this.failsWithCache = given.onError === 'throw';
    this.mayLock = lease === 'auto';
    this.way = lease === 'meta' || (this.mayLock && emptyIsNothing) ? 'server' : 'lock';
    this.options = commonOptions(given, defaults);
    const parts = { verb, options: this.options, emptyIsNothing };
    const { staleFor, recache } = times;
    this.ask = {
      server: askLease(parts, { lock, staleFor, recache }),
      lock: askItem(parts),
      token: askToken(parts),
    };
  }

  /** Whether these options say the same. */
  isOf(options: FetchOptions): boolean {
    const given: unknown = options;
    if (typeof given !== 'object' || given === null) return false;
    const { signal } = options;
    if (signal !== undefined && !(signal instanceof AbortSignal)) return false;
    let names = 0;
    for (const name in options) if (name !== 'signal') names++;
    return names === this.#names && isSame(options, this.#given);
  }

  /** How long what was loaded stays; where there are no leases, nothing is kept to be stale. */
  ttlOf(value: unknown, way: Way): Ttl {
    const keepsStale = way === 'server';
    return value === undefined
      ? this.#times.ofNothing(keepsStale)
      : this.#times.ofValue(keepsStale);
  }
}

/** Every option that a policy is made of: a loop over their names would take as long as the read. */
const isSame = (one: FetchOptions, other: FetchOptions): boolean =>
  isSameCall(one, other) && isSameLease(one, other);

const isSameLease = (one: FetchOptions, other: FetchOptions): boolean =>
  one.ttl === other.ttl &&
  one.staleFor === other.staleFor &&
  one.recacheBefore === other.recacheBefore &&
  one.lock === other.lock &&
  one.wait === other.wait &&
  one.waitMs === other.waitMs &&
  one.background === other.background &&
  one.negativeTtl === other.negativeTtl &&
  one.lease === other.lease &&
  one.onError === other.onError;

const isSameCall = (one: FetchOptions, other: FetchOptions): boolean =>
  one.timeoutMs === other.timeoutMs &&
  one.routeBy === other.routeBy &&
  one.lane === other.lane &&
  one.codec === other.codec;

/** The policy of a caller's options: most calls in a row are on the same terms. */
export class FetchPolicies {
  readonly #verb: string;
  readonly #calls: { readonly defaults: CallDefaults };
  #defaults: CallDefaults | undefined;
  #last: FetchPolicy | undefined;

  /** The calls have the defaults as they are now: other ones are another object. */
  constructor(verb: string, calls: { readonly defaults: CallDefaults }) {
    this.#verb = verb;
    this.#calls = calls;
  }

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
  of(options: FetchOptions): FetchPolicy {
    const { defaults } = this.#calls;
    if (this.#last?.isOf(options) !== true || defaults !== this.#defaults)
      this.#last = new FetchPolicy(this.#verb, options, defaults);
    this.#defaults = defaults;
    return this.#last;
  }
}

function commonOptions(given: FetchOptions, defaults: CallDefaults): ReadOptions | undefined {
  const { timeoutMs, routeBy, lane, codec = defaults.codec } = given;
  const common = { timeoutMs, routeBy, lane, codec };
  return Object.values(common).every((value) => value === undefined) ? undefined : common;
}
