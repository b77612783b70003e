import type { Manners } from '../guest/manners.ts';
import type { Address } from '../contenders/contender.ts';
import { Random } from '../support/random.ts';
import { type Stock, stockOf } from './keys.ts';
import { LARGE_BYTES, type LoadCase, workloadOf } from './load-case.ts';

/** What a contender is to do, where, and from which numbers all that is random comes. */
export interface Assignment {
  readonly servers: readonly Address[];
  readonly load: LoadCase;
  /** Its place in the race, so that its keys are its own. */
  readonly entry: number;
  readonly seed: number;
  /** On servers that are somebody's. */
  readonly manners?: Manners;
}

const LARGE_KEYS_ENTRY = 50; // set apart from the entries of a race, which are a dozen at most

/** What it works on, drawn from its seed, and that seed's next numbers. */
export function stockFor({ load, entry, seed, manners }: Assignment): {
  stock: Stock;
  random: Random;
} {
  const random = new Random(seed);
  return { stock: stockOf(workloadOf(load), entry, random, manners), random };
}

/** What the one beside it works on, whose values are large. */
export function largeStockFor({ load, entry, manners }: Assignment): {
  stock: Stock;
  random: Random;
} {
  const random = new Random(entry);
  const large = workloadOf({
    operation: 'get',
    size: LARGE_BYTES,
    kind: load.kind,
    concurrency: 1,
  });
  return { stock: stockOf(large, entry + LARGE_KEYS_ENTRY, random, manners), random };
}

/** Every key it may store. */
export function keysOf(assignment: Assignment): string[] {
  const { keys } = stockFor(assignment).stock;
  const large = assignment.load.beside === undefined ? [] : largeStockFor(assignment).stock.keys;
  return [...keys, ...large];
}
