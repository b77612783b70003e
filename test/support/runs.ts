/** Set in the environment of a run (see test/run.ts): what a test that plays dice begins with. */
export const RUN_SEED = 'VOLLEY_TEST_SEED';

/** By how much more often than usual each property is tried, such as 20 for a night or 0.1 for a glance; 1 by default. */
const FACTOR = 'VOLLEY_TEST_RUNS';

/**
 * For fast-check: how often a property is tried, times the factor from the environment, and the seed of this run, so
 * that one that failed can be had again; a new one outside of a run.
 */
export function runs(usual: number): { numRuns: number; seed?: number } {
  const seed = process.env[RUN_SEED];
  const numRuns = many(usual);
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

/** How often something is to be repeated that is usually repeated `usual` times; at least once. */
export function many(usual: number): number {
  const text = process.env[FACTOR] ?? '';
  const factor = text === '' ? 1 : Number(text);
  if (!(factor > 0)) throw new Error(`${FACTOR} must be a number above 0`);
  return Math.max(1, Math.round(usual * factor));
}
