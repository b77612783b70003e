import { DURATION_BOUNDS_MS } from '../../index.ts';

/** The upper bounds of durations that the conventions advise for `db.client.operation.duration`. */
export const CONVENTIONAL_MS: readonly number[] = [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000];
/** All in which clients count, which go below a millisecond: a cache that is near answers in less. */
export const FINE_MS: readonly number[] = DURATION_BOUNDS_MS;
