import type { Manners } from '../guest/manners.ts';
import type { Random } from '../support/random.ts';
import { valueFor } from './values.ts';
import type { Workload } from './workloads.ts';

const MOST_KEYS = 10_000;
/** However large the values, but for somebody's server, which holds no more than was promised. */
const LEAST_KEYS = 8;
const MOST_BYTES = 16 * 1024 * 1024;
const ZIPF_EXPONENT = 0.99;

/** What a load works on. */
export interface Stock {
  /** First those that are stored; behind them as many that never are, where some reads are to find nothing. */
  readonly keys: readonly string[];
  /** Of the keys that are stored. */
  readonly values: readonly unknown[];
  /** Of a value, on average. */
  readonly meanBytes: number;
}

/** How many keys there are at most, and bytes of their values. */
function limitsOf(
  { popularity, keys }: Workload,
  manners: Manners | undefined,
): { readonly least: number; readonly most: number; readonly mostBytes: number } {
  const wanted = popularity === 'one key' ? 1 : (keys ?? MOST_KEYS);
  const wantedBytes = keys === undefined ? MOST_BYTES : Number.POSITIVE_INFINITY;
  const { limits } = manners ?? {};
  return {
    least: limits === undefined ? LEAST_KEYS : 1,
    most: Math.min(wanted, limits?.keys ?? wanted),
    mostBytes: limits?.storedBytes ?? wantedBytes,
  };
}

/**
 * As many keys as are asked for, or else as fit 16 MiB of values. Every entry of a race has keys of its own, for the clients' formats differ.
 */
export function stockOf(
  workload: Workload,
  entry: number,
  random: Random,
  manners?: Manners,
): Stock {
  const { keyBytes, valueBytes, kind, misses } = workload;
  const { least, most, mostBytes } = limitsOf(workload, manners);
  const prefix = `${manners?.prefix ?? 'bench'}${String(entry).padStart(2, '0')}`;
  const key = (index: number): string =>
    prefix + String(index).padStart(keyBytes(random) - prefix.length, '0');
  const keys: string[] = [];
  const values: unknown[] = [];
  let bytes = 0;
  while (keys.length < most) {
    const size = valueBytes(random);
    if (bytes + size > mostBytes && keys.length >= least) break;
    bytes += size;
    values.push(valueFor(kind, size, keys.length));
    keys.push(key(keys.length));
  }
  const stored = keys.length;
  if (misses > 0) for (let index = 0; index < stored; index++) keys.push(key(stored + index));
  return { keys, values, meanBytes: bytes / stored };
}

/** Draws indexes below `count`. */
export function drawing(popularity: Workload['popularity'], count: number): (r: Random) => number {
  if (popularity === 'in turn') {
    let next = 0;
    return () => next++ % count;
  }
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
