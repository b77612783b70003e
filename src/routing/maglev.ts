import {
  type HashKey,
  type Hasher,
  type HashNode,
  hex32,
  type Placement,
  type Reason,
} from './hasher.ts';
import { keyBytes } from './key-bytes.ts';
import { murmur3 } from './murmur3.ts';

/** Prime, and a hundred times the servers that a table of this size keeps balanced within a percent. */
const SIZE = 65_537;
const EMPTY = -1;

/**
 * Maglev hashing (Eisenbud and others, NSDI 2016) over murmur3: a table of 65 537 places which the servers fill in turn,
 * each along a permutation of its own, more often the more they weigh. The evenest of all here; a change of the servers
 * moves few keys beyond those it has to. Compatible with no other client.
 */
export const maglev: Hasher = (nodes) => new Maglev(nodes);

class Maglev implements Placement {
  readonly #count: number;
  readonly #table: Int32Array;

  constructor(nodes: readonly HashNode[]) {
    this.#count = nodes.length;
    this.#table = filled(nodes);
  }

  locate(key: HashKey): number {
    return this.#table[placeOf(key)];
  }

  /** The servers of the places that follow. */
  candidates(key: HashKey): number[] {
    const place = placeOf(key);
    const servers = new Set<number>();
    for (let step = 0; step < SIZE && servers.size < this.#count; step++) {
      servers.add(this.#table[(place + step) % SIZE]);
    }
    return [...servers];
  }

  explain(key: HashKey): Reason {
    const hash = hex32(hashOf(key, 0));
    return { kind: 'table', hash, place: placeOf(key), places: SIZE };
  }
}

const placeOf = (key: HashKey): number => hashOf(key, 0) % SIZE;

function hashOf(key: HashKey, seed: number): number {
  keyBytes.load(key);
  return murmur3(keyBytes.bytes, keyBytes.length, seed) >>> 0;
}

function filled(nodes: readonly HashNode[]): Int32Array {
  const table = new Int32Array(SIZE).fill(EMPTY);
  const most = Math.max(...nodes.map(({ weight }) => weight));
  const walks = nodes.map(({ name, label = name, weight }) => ({
    place: hashOf(label, 1) % SIZE,
    step: (hashOf(label, 2) % (SIZE - 1)) + 1,
    share: weight / most,
    credit: 0,
  }));
  for (let left = SIZE; left > 0;) {
    for (const [server, walk] of walks.entries()) {
      walk.credit += walk.share;
      if (walk.credit < 1 || left === 0) continue;
      walk.credit--;
      while (table[walk.place] !== EMPTY) walk.place = (walk.place + walk.step) % SIZE;
      table[walk.place] = server;
      left--;
    }
  }
  return table;
}
