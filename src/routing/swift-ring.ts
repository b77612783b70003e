import {
  type HashKey,
  type Hasher,
  type HashNode,
  hex32,
  type Placement,
  type Reason,
} from './hasher.ts';
import { md5Words } from './md5.ts';

export interface SwiftOptions {
  /** How many servers a key is tried on. Default 3, from 1. */
  readonly tries?: number;
}

const POINTS_PER_SERVER = 50;
const DEFAULT_TRIES = 3;
const DIGEST_WORDS = 4;

/**
 * The ring of OpenStack Swift's MemcacheRing: 50 points a server, MD5 of its spelling in the configuration. Of the
 * points after the key's MD5 the first is passed over, as Swift does. Weights are not used.
 */
export function swift({ tries = DEFAULT_TRIES }: SwiftOptions = {}): Hasher {
  return (nodes) => new SwiftRing(nodes, Math.min(tries, nodes.length));
}

interface Point {
  readonly digest: readonly number[];
  readonly server: number;
}

class SwiftRing implements Placement {
  readonly #tries: number;
  /** Four words a point, the most significant first; points ascend. */
  readonly #digests: Uint32Array;
  readonly #servers: Uint32Array;
  readonly #shift: number;
  /** For each combination of top bits how many points are below it. */
  readonly #starts: Uint32Array;

  constructor(nodes: readonly HashNode[], tries: number) {
    this.#tries = tries;
    const points = nodes.flatMap(pointsOf).toSorted(compare);
    this.#digests = Uint32Array.from(points.flatMap(({ digest }) => digest));
    this.#servers = Uint32Array.from(points, ({ server }) => server);
    const bits = Math.ceil(Math.log2(points.length));
    this.#shift = 32 - bits;
    this.#starts = new Uint32Array(2 ** bits);
    let below = 0;
    for (let top = 0; top < this.#starts.length; top++) {
      while (below < points.length && points[below].digest[0] < top * 2 ** this.#shift) below++;
      this.#starts[top] = below;
    }
  }

  locate(key: HashKey): number {
    return this.#servers[this.#firstPoint(key)];
  }

  candidates(key: HashKey): number[] {
    const first = this.#firstPoint(key);
    const servers = [...this.#servers.slice(first), ...this.#servers.slice(0, first)];
    return [...new Set(servers)].slice(0, this.#tries);
  }

  /** The stretch up to a point belongs to the server of the point after it. */
  explain(key: HashKey): Reason {
    const count = this.#servers.length;
    const end = (this.#pointsUpTo(md5Words(key)) % count) * DIGEST_WORDS;
    return {
      kind: 'ring',
      hash: Array.from(md5Words(key), (word) => hex32(swapped(word))).join(''),
      end: Array.from(this.#digests.subarray(end, end + DIGEST_WORDS), hex32).join(''),
      stretches: count,
    };
  }

  #firstPoint(key: HashKey): number {
    return (this.#pointsUpTo(md5Words(key)) + 1) % this.#servers.length;
  }

  /** How many points are not above this digest. */
  #pointsUpTo(digest: Int32Array): number {
    const count = this.#servers.length;
    let point = this.#starts[swapped(digest[0]) >>> this.#shift];
    while (point < count && !this.#isAbove(point, digest)) point++;
    return point;
  }

  #isAbove(point: number, digest: Int32Array): boolean {
    for (let i = 0; i < DIGEST_WORDS; i++) {
      const word = this.#digests[point * DIGEST_WORDS + i];
      const other = swapped(digest[i]);
      if (word !== other) return word > other;
    }
    return false;
  }
}

function pointsOf({ spelling, name, label }: HashNode, server: number): Point[] {
  const text = label ?? spelling ?? name;
  return Array.from({ length: POINTS_PER_SERVER }, (_, i) => ({
    digest: Array.from(md5Words(`${text}-${i}`), swapped),
    server,
  }));
}

/** Words compare as the hexadecimal text of the digest does once their first byte is the highest. */
function swapped(word: number): number {
  const pairs = ((word & 0x00ff00ff) << 8) | ((word >>> 8) & 0x00ff00ff);
  return ((pairs << 16) | (pairs >>> 16)) >>> 0;
}

function compare(a: Point, b: Point): number {
  const differs = a.digest.findIndex((word, i) => word !== b.digest[i]);
  return differs === -1 ? 0 : a.digest[differs] - b.digest[differs];
}
