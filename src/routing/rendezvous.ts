import { ALONE, type Hasher, type HashKey, type HashNode, type Placement } from './hasher.ts';
import { KeyBytes, keyBytes } from './key-bytes.ts';
import { PrefixedMurmur3 } from './murmur3.ts';
import { hostPortText } from './node-text.ts';
import { loadAsPython } from './python-text.ts';
import { cached } from './recent-placements.ts';

export interface RendezvousOptions {
  /** Of murmur3; an unsigned 32-bit number. Default 0. */
  readonly seed?: number;
}

/**
 * From so many servers on lately placed keys are remembered: there it pays if a third of the keys are such, with 64
 * servers if a sixth are, with 8 it would take a half (`npm run bench -- --scenario routing`).
 */
const CACHE_FROM = 16;

/**
 * Rendezvous hashing as pymemcache has it: the server whose `host:port-key` has the highest murmur3. A change of the
 * servers moves no key but those it has to. Weights, which pymemcache does not know, give each server its share
 * (-weight / ln of the hash as a fraction); equal weights place as pymemcache does.
 */
export function rendezvous({ seed = 0 }: RendezvousOptions = {}): Hasher {
  return (nodes) => {
    if (nodes.length === 1) return ALONE;
    const scores = new Scores(nodes, seed);
    const weights = nodes.map(({ weight }) => weight);
    const placement = weights.every((weight) => weight === weights[0])
      ? equalWeights(scores)
      : unequalWeights(scores, weights);
    return nodes.length < CACHE_FROM ? placement : cached(placement);
  };
}

/** The murmur3 of each server and key, in an order of its own; some servers stand in it twice. */
class Scores {
  /** Numbers of the servers. */
  readonly servers: Uint32Array;
  /** Of two servers with one score the one with the greater text wins: here the one with the higher rank. */
  readonly ranks: Uint32Array;
  readonly #murmur: PrefixedMurmur3;

  constructor(nodes: readonly HashNode[], seed: number) {
    this.#murmur = new PrefixedMurmur3(
      nodes.map((node) => prefixOf(`${hostPortText(node)}-`)),
      seed,
    );
    this.servers = this.#murmur.numbers;
    // The order of UTF-8 is that of code points, which is Python's.
    const utf8 = nodes.map((node) => Buffer.from(hostPortText(node)));
    const ascending = nodes.map((_, i) => i).toSorted((a, b) => Buffer.compare(utf8[a], utf8[b]));
    this.ranks = this.servers.map((server) => ascending.indexOf(server));
  }

  /** Signed numbers that stand until the next call. */
  of(key: HashKey): Int32Array {
    loadAsPython(keyBytes, key);
    this.#murmur.take(keyBytes.bytes, keyBytes.length);
    return this.#murmur.hashes;
  }

  /** Of scores in the order here, those of the servers in their own. */
  byServer(scores: readonly number[]): number[] {
    const sorted: number[] = [];
    for (const [entry, server] of this.servers.entries()) sorted[server] = scores[entry];
    return sorted;
  }

  serversDescending(scores: readonly number[]): number[] {
    const { ranks, servers } = this;
    const entries = scores
      .map((_, i) => i)
      .toSorted((a, b) => (scores[a] === scores[b] ? ranks[b] - ranks[a] : scores[b] - scores[a]));
    return [...new Set(entries.map((entry) => servers[entry]))];
  }
}

function prefixOf(text: string): Uint8Array {
  const prefix = new KeyBytes();
  loadAsPython(prefix, text);
  return prefix.bytes.subarray(0, prefix.length);
}

/** Turned over, signed numbers have the order of the unsigned ones. */
const SIGN = 1 << 31;

function equalWeights(scores: Scores): Placement {
  const { ranks, servers } = scores;
  return {
    locate(key) {
      const hashes = scores.of(key);
      let best = 0;
      let highest = hashes[0] ^ SIGN;
      for (let i = 1; i < hashes.length; i++) {
        const hash = hashes[i] ^ SIGN;
        if (hash < highest || (hash === highest && ranks[i] < ranks[best])) continue;
        highest = hash;
        best = i;
      }
      return servers[best];
    },
    candidates: (key) => scores.serversDescending(unsigned(scores, key)),
    explain: (key) => ({ kind: 'scores', scores: scores.byServer(unsigned(scores, key)) }),
  };
}

const unsigned = (scores: Scores, key: HashKey): number[] =>
  Array.from(scores.of(key), (hash) => hash >>> 0);

function unequalWeights(scores: Scores, weightOf: readonly number[]): Placement {
  const { ranks, servers } = scores;
  const weights = Float64Array.from(servers, (server) => weightOf[server]);
  const weigh = (key: HashKey): number[] =>
    Array.from(scores.of(key), (hash, i) => weighted(hash, weights[i]));
  return {
    locate(key) {
      const hashes = scores.of(key);
      let best = 0;
      let highest = 0;
      for (let i = 0; i < hashes.length; i++) {
        const score = weighted(hashes[i], weights[i]);
        if (score < highest || (score === highest && ranks[i] < ranks[best])) continue;
        highest = score;
        best = i;
      }
      return servers[best];
    },
    candidates: (key) => scores.serversDescending(weigh(key)),
    explain: (key) => ({ kind: 'scores', scores: scores.byServer(weigh(key)) }),
  };
}

/** The hash as a number above 0 and below 1. */
const weighted = (hash: number, weight: number): number =>
  -weight / Math.log(((hash >>> 0) + 0.5) / 2 ** 32);
