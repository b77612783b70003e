import { randomInt } from 'node:crypto';
import { flagLines, flagValues, numberFrom } from '../flags.ts';

/** How to soak, as the flags say it. */
export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly callers: number;
  /** Longest pause of a caller between two calls, ms. */
  readonly pauseMs: number;
}

const FLAGS = {
  minutes: { type: 'string', help: 'how long the load goes on, from 0.25 (default: 10)' },
  seed: { type: 'string', help: 'what all chance comes from (default: another one each time)' },
  callers: { type: 'string', help: 'callers at the same time (default: 64)' },
  pause: { type: 'string', help: 'longest pause between two calls of one, in ms (default: 16)' },
  help: { type: 'boolean', help: 'this text' },
} as const;

export const HELP: string = `usage: npm run soak -- [flags]\n\n${flagLines(FLAGS)}`;

/** Undefined where help was asked for. Throws UsageError for flags that mean nothing. */
export function soakOptions(args: readonly string[]): SoakOptions | undefined {
  const given = flagValues(args, FLAGS);
  if (given.help === true) return undefined;
  return {
    minutes: numberFrom('minutes', given.minutes ?? '10', { from: 0.25 }),
    seed: numberFrom('seed', given.seed ?? String(randomInt(2 ** 31)), { from: 0, whole: true }),
    callers: numberFrom('callers', given.callers ?? '64', { from: 1, whole: true }),
    pauseMs: numberFrom('pause', given.pause ?? '16', { from: 0 }),
  };
}
