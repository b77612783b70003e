import { randomInt } from '../primitives/late-crypto.ts';

/**
 * Which items of a namespace count: those stored under another version are as good as gone. Two numbers in base 36, a
 * clock in milliseconds and chance, both of fixed width, so that a later version is a greater text. No counter: one
 * that is lost would begin anew and bring back what was stored when it last stood there.
 */
export type Version = string;

const CLOCK_DIGITS = 9;
const CHANCE_DIGITS = 9;
/** The largest that `randomInt` allows near 36^9. */
const CHANCES = 2 ** 46;

const FORM = new RegExp(`^[0-9a-z]{${CLOCK_DIGITS + CHANCE_DIGITS}}$`);

/** No clock is behind this. */
const WRITTEN_AT = Date.UTC(2026, 0, 1);
/** One that is further ahead than a hundred years could leave nothing to come after it. */
const MOST_AHEAD_MS = 100 * 365 * 86_400_000;

const digits = (value: number, width: number): string => value.toString(36).padStart(width, '0');

const clockOf = (version: Version): number => Number.parseInt(version.slice(0, CLOCK_DIGITS), 36);

/** Whether this text is a version, and not what somebody else has stored in its place. */
export function isVersion(text: unknown, nowMs: number = Date.now()): text is Version {
  if (typeof text !== 'string' || !FORM.test(text)) return false;
  return clockOf(text) <= Math.max(nowMs, WRITTEN_AT) + MOST_AHEAD_MS;
}

/** A version that nobody has had, greater than `last` also where the clock has been put back since. */
export function freshVersion(
  last: Version | undefined,
  nowMs: number = Date.now(),
  chance: number = randomInt(CHANCES),
): Version {
  const least = last === undefined ? 0 : clockOf(last) + 1;
  return digits(Math.max(nowMs, least), CLOCK_DIGITS) + digits(chance, CHANCE_DIGITS);
}
