import { hex32, type Placement, type Reason } from './hasher.ts';
import type { KeyHash } from './key-hash.ts';

/** A server's place on the ring of unsigned 32-bit numbers. */
export interface Point {
  readonly value: number;
  readonly server: number;
}

const HIGHEST = 0xffffffff;
/** Points in one number for a native sort: 32 bits of value above 21 of rank. */
const RANKS = 2 ** 21;

/** Points by value; of equal ones the first stays the first. */
export function sortedPoints(points: readonly Point[]): Point[] {
  const packed = Float64Array.from(points, ({ value }, rank) => value * RANKS + rank);
  return Array.from(packed.toSorted(), (number) => points[number % RANKS]);
}

/**
 * A ring of points. Each server has the numbers up to and including its points, and the last stretch belongs to the
 * first point again. The top bits of a number lead to the first point that can be meant, from there it is rarely more
 * than a step.
 */
export class Continuum {
  readonly #shift: number;
  /** For each combination of top bits the first point not below it. */
  readonly #starts: Uint32Array;
  /** Ascending, with one point more: the highest number, which belongs to the first server. */
  readonly #values: Uint32Array;
  readonly #servers: Uint32Array;

  constructor(points: readonly Point[]) {
    const sorted = sortedPoints(points);
    sorted.push({ value: HIGHEST, server: sorted[0].server });
    this.#values = Uint32Array.from(sorted, ({ value }) => value);
    this.#servers = Uint32Array.from(sorted, ({ server }) => server);
    const bits = Math.max(1, Math.ceil(Math.log2(sorted.length)));
    this.#shift = 32 - bits;
    this.#starts = new Uint32Array(2 ** bits);
    let next = 0;
    for (let top = 0; top < this.#starts.length; top++) {
      while (this.#values[next] < top * 2 ** this.#shift) next++;
      this.#starts[top] = next;
    }
  }

  serverOf(hash: number): number {
    return this.#servers[this.#pointOf(hash)];
  }

  /** The servers in the order of their points from this number on. */
  serversFrom(hash: number): number[] {
    const first = this.#pointOf(hash);
    return [...new Set([...this.#servers.slice(first), ...this.#servers.slice(0, first)])];
  }

  reasonFor(hash: number): Reason {
    const end = this.#values[this.#pointOf(hash)];
    return { kind: 'ring', hash: hex32(hash), end: hex32(end), stretches: this.#values.length };
  }

  #pointOf(hash: number): number {
    const values = this.#values;
    let point = this.#starts[hash >>> this.#shift];
    while (values[point] < hash) point++;
    return point;
  }
}

/** The usual ring: the next point clockwise has the key, the next other server stands in for it. */
export function clockwise(points: readonly Point[], hash: KeyHash): Placement {
  const continuum = new Continuum(points);
  return {
    locate: (key) => continuum.serverOf(hash(key)),
    candidates: (key) => continuum.serversFrom(hash(key)),
    explain: (key) => continuum.reasonFor(hash(key)),
  };
}
