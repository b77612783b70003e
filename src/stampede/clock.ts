/** Time and chance, as those see them who wait. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** From 0 to less than 1. */
  random(): number;
  after(ms: number, run: () => void): void;
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  random: Math.random,
  after: (ms, run) => {
    setTimeout(run, ms);
  },
};
