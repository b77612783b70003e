/** Set in the environment of a run (see test/run.ts): what a test that plays dice begins with. */
export const RUN_SEED = 'MEMVOLLEY_TEST_SEED';

/** For fast-check: the seed of this run, so that one that failed can be had again; a new one outside of a run. */
export function runSeed(): { seed?: number } {
  const text = process.env[RUN_SEED];
  return text === undefined ? {} : { seed: Number(text) };
}
