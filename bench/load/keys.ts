import type { Manners } from '../guest/manners.ts';
import type { Random } from '../support/random.ts';
import { valueFor } from './values.ts';
import type { Workload } from './workloads.ts';

const MOST_KEYS = 10_000;
const LEAST_KEYS = 8;
const MOST_BYTES = 16 * 1024 * 1024;
const ZIPF_EXPONENT = 0.99;

/** What a load works on. */
export interface Stock {
  /** First those that are stored; behind them as many that never are, where some reads are to find nothing. */
  readonly keys: readonly string[];
  /** Of the keys that are stored. */
  readonly values: readonly unknown[];
}

/**
 * As many keys as fit 16 MiB of values. Every entry of a race has keys of its own, for the clients' formats differ.
 */
export function stockOf(
  workload: Workload,
  entry: number,
  random: Random,
  manners?: Manners,
): Stock {
  const { keyBytes, valueBytes, kind, popularity, misses } = workload;
  const most = popularity === 'one key' ? 1 : (manners?.limits?.keys ?? MOST_KEYS);
  const mostBytes = manners?.limits?.storedBytes ?? MOST_BYTES;
  const prefix = `${manners?.prefix ?? 'bench'}${String(entry).padStart(2, '0')}`;
  const key = (index: number): string =>
    prefix + String(index).padStart(keyBytes(random) - prefix.length, '0');
  const keys: string[] = [];
  const values: unknown[] = [];
  for (let bytes = 0; keys.length < most;) {
    const size = valueBytes(random);
    bytes += size;
    if (bytes > mostBytes && keys.length >= LEAST_KEYS) break;
    values.push(valueFor(kind, size, keys.length));
    keys.push(key(keys.length));
  }
  const stored = keys.length;
  if (misses > 0) for (let index = 0; index < stored; index++) keys.push(key(stored + index));
  return { keys, values };
}

/** Draws indexes below `count`. */
export function drawing(popularity: Workload['popularity'], count: number): (r: Random) => number {
  if (popularity !== 'zipf') return (random) => random.below(count);
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) cumulative[i] = total += 1 / (i + 1) ** ZIPF_EXPONENT;
  return (random) => {
    const wanted = random.share() * total;
    let low = 0;
    for (let high = count - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
