const MOST_KEYS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
const ZIPF_EXPONENT = 0.99;
const DRAWS = 65_536;

/**
 * As many keys as fit 16 MiB of values, 13 bytes each. Every entry of a race has keys of its own, for the clients'
 * formats differ.
 */
export function keysOf(entry: number, size: number): string[] {
  const count = Math.max(8, Math.min(MOST_KEYS, Math.floor(MOST_BYTES / size)));
  const prefix = `bench${String(entry).padStart(2, '0')}`;
  return Array.from({ length: count }, (_, index) => prefix + String(index).padStart(6, '0'));
}

/** Indexes drawn beforehand: the timed loop only walks through them. */
export function uniformDraws(count: number): Uint32Array {
  return Uint32Array.from({ length: DRAWS }, () => Math.floor(Math.random() * count));
}

/** The i-th most popular key is drawn with a weight of 1 / i^0.99, as in YCSB. */
export function zipfDraws(count: number): Uint32Array {
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) cumulative[i] = total += 1 / (i + 1) ** ZIPF_EXPONENT;
  return Uint32Array.from({ length: DRAWS }, () => {
    const wanted = Math.random() * total;
    let low = 0;
    for (let high = count - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
