import { IllegalInputError } from '../errors.ts';

/** Seconds; the server takes a larger number for a point in time. */
export const MAX_RELATIVE_SECONDS = 2_592_000;
const MAX_EXPTIME = 2_147_483_647;

/** How long an item lives: whole seconds (0 for ever, negative already expired), or the moment it ends. */
export type Ttl = number | Date;

/** Whether a ttl is the server's exptime as it is. */
export const isRelative = (ttl: unknown): ttl is number =>
  Number.isInteger(ttl) && (ttl as number) >= 0 && (ttl as number) <= MAX_RELATIVE_SECONDS;

/**
 * The server's exptime for a ttl. Relative times over 30 days become absolute, since the server would take them for a
 * moment in 1970; anything already over is -1.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for fractions, NaN, Infinity, an invalid Date, another type, or a
 * moment after January 2038: the server answers a fractional ttl twice, and the next command gets the second answer.
 */
export function exptime(ttl: Ttl, nowMs: number = Date.now()): number {
  if (typeof ttl === 'number' && Number.isInteger(ttl)) {
    if (ttl < 0) return -1;
    return ttl <= MAX_RELATIVE_SECONDS ? ttl : bounded(Math.floor(nowMs / 1000) + ttl);
  }
  if (ttl instanceof Date && !Number.isNaN(ttl.getTime())) {
    return ttl.getTime() <= nowMs ? -1 : bounded(Math.ceil(ttl.getTime() / 1000));
  }
  const kind =
    typeof ttl === 'number'
      ? `the number ${String(ttl)}`
      : ttl instanceof Date
        ? 'an invalid Date'
        : typeof ttl;
  throw new IllegalInputError(
    'ERR_MEMCACHE_OPTION',
    `option 'ttl' must be whole seconds or a Date, not ${kind}`,
  );
}

/** What a client makes of the ttls it is given. */
export interface TtlRules {
  /**
   * Part of a relative ttl, 0 to 1, of which a random share is taken off, in whole seconds, so that
   * what was stored together does not expire together; not of a `Date`, nor of a counter's ttl.
   * Default 0.
   *
   * At least 1 second stays.
   */
  readonly ttlJitter: number;
  /**
   * Seconds an item lives at most: a longer ttl, a later `Date` and 0 become it. Default undefined,
   * for as long as the ttl says; from 1.
   */
  readonly maxTtl: number | undefined;
}

/** A ttl that ends no later than `maxTtl` seconds from now. What is no ttl stays as it is, for `exptime` to refuse. */
export function boundedTtl(ttl: Ttl, maxTtl: number | undefined, nowMs: number = Date.now()): Ttl {
  if (maxTtl === undefined) return ttl;
  if (ttl instanceof Date) return ttl.getTime() > nowMs + maxTtl * 1000 ? maxTtl : ttl;
  return ttl === 0 || (ttl > maxTtl && Number.isInteger(ttl)) ? maxTtl : ttl;
}

/** A relative ttl without a random share of a part of it; at least a second stays. A Date stays as it is. */
export function jitteredTtl(ttl: Ttl, part: number, random: () => number = Math.random): Ttl {
  if (typeof ttl !== 'number' || !Number.isInteger(ttl) || ttl < 1) return ttl;
  const most = Math.min(Math.floor(ttl * part), ttl - 1);
  return ttl - Math.floor(random() * (most + 1));
}

/** An exptime that ends no later than `maxTtl` seconds from now; undefined leaves it as it is. */
export function cappedExptime(
  given: number,
  maxTtl: number | undefined,
  nowMs: number = Date.now(),
): number {
  if (maxTtl === undefined || given < 0) return given;
  if (given === 0) return maxTtl;
  const left = given > MAX_RELATIVE_SECONDS ? given - Math.floor(nowMs / 1000) : given;
  return left > 0 ? Math.min(left, maxTtl) : -1;
}

function bounded(seconds: number): number {
  if (seconds <= MAX_EXPTIME) return seconds;
  throw new IllegalInputError(
    'ERR_MEMCACHE_OPTION',
    "option 'ttl' must end before 2038-01-19, where the server's clock ends; use 0 for no expiry",
  );
}
