import { IllegalInputError } from '../errors.ts';
import { exptime, jitteredTtl, MAX_RELATIVE_SECONDS, type Ttl } from '../protocol/ttl.ts';
import type { CallDefaults } from './call-defaults.ts';
import type { FetchOptions } from './fetch-options.ts';

/** How long things last that are fetched. Seconds, but for a ttl that is a Date. */
export class FetchTimes {
  /** The last seconds of an item, in which it is stale. */
  readonly staleFor: number;
  /** An item with less than this left is given to one caller to renew. */
  readonly recache: number;
  readonly #fresh: Ttl;
  readonly #negative: number;
  readonly #jitter: number;

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
  constructor(given: FetchOptions, defaults: CallDefaults, verb: string) {
    const { recacheBefore = 0, negativeTtl = 0 } = given;
    const { fresh, staleFor } = bounded(given, defaults);
    this.staleFor = staleFor;
    this.recache = staleFor + recacheBefore;
    this.#fresh = fresh;
    this.#negative = negativeTtl;
    this.#jitter = defaults.ttlJitter;
    // Refused now, or it would be refused where the value is stored.
    exptime(later(fresh, staleFor));
    if (typeof fresh === 'number' && fresh > 0 && recacheBefore >= fresh)
      throw refusal(`option 'recacheBefore' of ${verb} must be less than the ttl of ${fresh}`);
    if (this.recache > MAX_RELATIVE_SECONDS) {
      const most = `${MAX_RELATIVE_SECONDS} seconds`;
      throw refusal(
        `options 'staleFor' and 'recacheBefore' of ${verb} must be at most ${most} together`,
      );
    }
  }

  get remembersNothing(): boolean {
    return this.#negative > 0;
  }

  /** How long a value stays, with the time in which it is stale, if it is to be kept for that. */
  ofValue(keepsStale: boolean): Ttl {
    const fresh = this.#jittered();
    return keepsStale ? later(fresh, this.staleFor) : fresh;
  }

  /** How long the mark of nothing stays: it is renewed when it ends, never early. */
  ofNothing(keepsStale: boolean): number {
    return keepsStale ? this.#negative + this.recache : this.#negative;
  }

  /** What is stored is not to be due at once. */
  #jittered(): Ttl {
    const ttl = jitteredTtl(this.#fresh, this.#jitter);
    const recacheBefore = this.recache - this.staleFor;
    return typeof ttl === 'number' && ttl > 0 ? Math.max(ttl, recacheBefore + 1) : ttl;
  }
}

/** The client's `maxTtl` leaves no more than what is left of it for old values. */
function bounded(
  { ttl, staleFor = 0 }: FetchOptions,
  defaults: CallDefaults,
): { fresh: Ttl; staleFor: number } {
  const fresh = ttl ?? defaults.ttl;
  const { maxTtl } = defaults;
  if (maxTtl === undefined || typeof fresh !== 'number' || !(fresh >= 0))
    return { fresh, staleFor };
  const most = fresh === 0 ? maxTtl : Math.min(fresh, maxTtl);
  return { fresh: most, staleFor: Math.min(staleFor, maxTtl - most) };
}

function later(ttl: Ttl, seconds: number): Ttl {
  if (typeof ttl === 'number') return ttl > 0 ? ttl + seconds : ttl;
  return new Date(ttl.getTime() + seconds * 1000);
}

const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
