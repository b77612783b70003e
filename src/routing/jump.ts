import {
  type HashKey,
  type Hasher,
  type HashNode,
  hex32,
  type Placement,
  type Reason,
} from './hasher.ts';
import { naturally } from '../primitives/natural-order.ts';
import { productHigh, xxh64 } from './xxh64.ts';

export interface JumpOptions {
  /**
   * `natural`: servers in the natural order of their names (`mc-2` before `mc-10`), whatever the order given, as dskit
   * and its users have it. `given`: as listed. Default `natural`.
   */
  readonly order?: 'natural' | 'given';
}

/**
 * Jump consistent hash (Lamping and Veach) over XXH64 of the key: grafana/dskit's selector. It moves the fewest keys
 * possible when a server is added or removed at the *end* of the order; a stateful set is meant. Weights are not used.
 */
export function jump({ order = 'natural' }: JumpOptions = {}): Hasher {
  return (nodes) => new Jump(order === 'natural' ? inNaturalOrder(nodes) : nodes.map((_, i) => i));
}

class Jump implements Placement {
  readonly #servers: readonly number[];

  constructor(servers: readonly number[]) {
    this.#servers = servers;
  }

  locate(key: HashKey): number {
    return this.#servers[jumpHash(xxh64(key), this.#servers.length)];
  }

  /** A lost server's keys jump again among those that are left, from a hash with another seed. */
  candidates(key: HashKey): number[] {
    const left = [...this.#servers];
    return this.#servers.map(
      (_, seed) => left.splice(jumpHash(xxh64(key, seed), left.length), 1)[0],
    );
  }

  explain(key: HashKey): Reason {
    const [low, high] = xxh64(key);
    const bucket = jumpHash(xxh64(key), this.#servers.length);
    return { kind: 'jump', hash: hex32(high) + hex32(low), bucket };
  }
}

function inNaturalOrder(nodes: readonly HashNode[]): number[] {
  const texts = nodes.map(({ label, name }) => label ?? name);
  return nodes.map((_, i) => i).toSorted((a, b) => naturally(texts[a], texts[b]));
}

/** 2862933555777941757, the multiplier of the paper's generator. */
const MULTIPLIER_LOW = 0x87b0b0fd | 0;
const MULTIPLIER_HIGH = 0x27bb2ee6;

/** The paper's algorithm: a number below `buckets` for a 64-bit hash given as two halves, the low one first. */
export function jumpHash(hash: Int32Array, buckets: number): number {
  let low = hash[0];
  let high = hash[1];
  let bucket = 0;
  for (let next = 0; next < buckets;) {
    bucket = next;
    high = productHigh(low, high, MULTIPLIER_LOW, MULTIPLIER_HIGH);
    low = (Math.imul(low, MULTIPLIER_LOW) + 1) | 0;
    if (low === 0) high = (high + 1) | 0;
    next = Math.floor((bucket + 1) * (2 ** 31 / ((high >>> 1) + 1)));
  }
  return bucket;
}
