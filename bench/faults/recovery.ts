import { setTimeout as pause } from 'node:timers/promises';
import type { Cache } from './load/asks.ts';

const KEYS = 8;
/** In a row: one could be luck. */
const GOOD_ROUNDS = 3;
const BETWEEN_MS = 10;
const PATIENCE_MS = 10_000;
/** Of bad rounds, whoever is to blame. */
const LONGEST_MS = 60_000;
/** A round that takes longer is no good one, and is not waited for: some clients never answer. */
const ROUND_MS = 2000;

export interface RecoveryOptions {
  readonly control?: Cache;
  /** Milliseconds of bad rounds that are its own fault. */
  readonly patienceMs?: number;
}

/**
 * Milliseconds from then to the first of some good rounds in a row; undefined: there were none. A bad round is the
 * client's own fault where `control`, which nothing befell, has a good one after it; without one, each is.
 */
export async function recovery(
  client: Cache,
  since: number,
  { control, patienceMs = PATIENCE_MS }: RecoveryOptions = {},
): Promise<number | undefined> {
  let good = 0;
  let goodSince = since;
  let badMs = 0;
  for (let round = 0; badMs < patienceMs && performance.now() < since + LONGEST_MS; round++) {
    const began = performance.now();
    if (await inTime(goodRound(client, 'round', round))) {
      if (good++ === 0) goodSince = began;
      if (good === GOOD_ROUNDS) return goodSince - since;
    } else {
      good = 0;
      const tookMs = performance.now() - began + BETWEEN_MS;
      const isFair = control === undefined || (await inTime(goodRound(control, 'control', round)));
      if (isFair) badMs += tookMs;
    }
    await pause(BETWEEN_MS);
  }
  return undefined;
}

async function inTime(round: Promise<boolean>): Promise<boolean> {
  const settled = new AbortController();
  const late = pause(ROUND_MS, false, { signal: settled.signal }).catch(() => false);
  return Promise.race([round, late]).finally(() => settled.abort());
}

async function goodRound(client: Cache, prefix: string, round: number): Promise<boolean> {
  const keys = Array.from({ length: KEYS }, (_, i) => `${prefix}:${i}`);
  const value = `round ${round}`;
  try {
    await Promise.all(keys.map((key) => client.set(key, value)));
    const answers = await Promise.all(keys.map((key) => client.get(key)));
    return answers.every((answer) => answer === value);
  } catch {
    return false;
  }
}
