import { secondsFor } from '../lifetime.ts';

/** What the store reads of a session's cookie. */
export interface SessionCookie {
  /** When it ends: a Date, or its text in JSON; with anything else, such as null, `maxAge` says so. */
  readonly expires?: Date | string | number | null | boolean | undefined;
  /** Milliseconds that are left. */
  readonly maxAge?: number | null | undefined;
  /** Milliseconds it was given; not looked at. */
  readonly originalMaxAge?: number | null | undefined;
}

/** A session as the two middlewares hand it over. */
export interface StoredSession {
  /** What says how long the session lives. */
  readonly cookie?: SessionCookie | undefined;
}

/* oxlint-disable typescript/no-explicit-any -- the sessions are the middleware's, and each has a type of its own */
/** Called once, and never before the call that it was given to has returned. */
export type DoneCallback = (error?: any) => void;
/** The same. Without an error and a session there is none. */
export type SessionCallback = (error?: any, session?: any) => void;
/* oxlint-enable typescript/no-explicit-any */

/** How long a session lives: as long as its cookie, or `ttl` seconds where that ends with the browser. */
export function secondsOf({ cookie }: StoredSession, ttl: number): number {
  const left = millisecondsLeft(cookie ?? {});
  return left === undefined ? ttl : secondsFor(left);
}

function millisecondsLeft({ expires, maxAge }: SessionCookie): number | undefined {
  let end = Number.NaN;
  if (expires instanceof Date) end = expires.getTime();
  else if (typeof expires === 'string') end = Date.parse(expires);
  if (!Number.isNaN(end)) return end - Date.now();
  return typeof maxAge === 'number' && !Number.isNaN(maxAge) ? maxAge : undefined;
}
