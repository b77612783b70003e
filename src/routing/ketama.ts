import { clockwise, Continuum, type Point } from './continuum.ts';
import type { HashNode, Hasher, Placement } from './hasher.ts';
import { numbered } from './key-bytes.ts';
import { KEY_HASHES, type KeyHash, type KeyHashName } from './key-hash.ts';
import { md5Words } from './md5.ts';
import { hostPortText, libmemcachedText, type NodeText } from './node-text.ts';

export interface KetamaOptions {
  /**
   * `weighted`: 160 points for a server of average weight, four of each MD5, as libmemcached's `ketama_weighted`,
   * php's OPT_LIBKETAMA_COMPATIBLE and spymemcached have it; pylibmc takes it where servers have weights. `consistent`:
   * 100 points of one hash each, whatever the weights, as libmemcached's `consistent` and pylibmc's `ketama`.
   * Default `weighted`.
   */
  readonly distribution?: 'consistent' | 'weighted';
  /** What hashes keys, and the points of `consistent`. Default `md5` for `weighted`, `default` for `consistent`. */
  readonly hash?: KeyHashName;
  /**
   * How points name a server. `libmemcached`: `host:port`, without the port 11211. `spymemcached`: always `host:port`;
   * Java programs that resolve names hash `host/ip:port`, which a server's `label` says. Default `libmemcached`.
   */
  readonly labels?: 'libmemcached' | 'spymemcached';
}

const LABELS: Readonly<Record<'libmemcached' | 'spymemcached', NodeText>> = {
  libmemcached: libmemcachedText,
  spymemcached: hostPortText,
};
const CONSISTENT_POINTS = 100;
const WEIGHTED_POINTS = 160;
/** An MD5 makes four points. */
const WORDS = 4;
/** What spymemcached asks for before it settles for the first server. */
const SPYMEMCACHED_TRIES = 7;

/** The rings that descend from ketama. */
export function ketama(options: KetamaOptions = {}): Hasher {
  const { distribution = 'weighted', labels = 'libmemcached' } = options;
  const weighted = distribution === 'weighted';
  const hash = KEY_HASHES[options.hash ?? (weighted ? 'md5' : 'default')];
  return (nodes) => {
    const texts = nodes.map(LABELS[labels]);
    const points = weighted ? weightedPoints(nodes, texts) : consistentPoints(texts, hash);
    return labels === 'spymemcached' ? rehashed(points, hash) : clockwise(points, hash);
  };
}

function consistentPoints(texts: readonly string[], hash: KeyHash): Point[] {
  return texts.flatMap((text, server) =>
    Array.from({ length: CONSISTENT_POINTS }, (_, i) => ({ value: hash(`${text}-${i}`), server })),
  );
}

function weightedPoints(nodes: readonly HashNode[], texts: readonly string[]): Point[] {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  return texts.flatMap((text, server) =>
    md5Points(text, server, labelsOf(nodes[server].weight / total, nodes.length)),
  );
}

/** Step by step in single precision, as the C code has it: where it rounds decides about a label. */
function labelsOf(share: number, servers: number): number {
  const points = Math.fround(Math.fround(share) * WEIGHTED_POINTS);
  const labels = Math.fround(Math.fround(points / WORDS) * servers);
  return Math.floor(Math.fround(labels + 1e-10));
}

/** The four little-endian words of the MD5 of each label `text-0`, `text-1`... */
export function md5Points(text: string, server: number, labels: number): Point[] {
  return Array.from({ length: labels }, (_, i) =>
    Array.from(md5Words(`${text}-${i}`), (word) => ({ value: word >>> 0, server })),
  ).flat();
}

/** spymemcached does not walk on from a lost server: it hashes the key with the number of the try in front. */
function rehashed(points: readonly Point[], hash: KeyHash): Placement {
  const continuum = new Continuum(points);
  return {
    locate: (key) => continuum.serverOf(hash(key)),
    candidates(key) {
      const servers = new Set<number>();
      let at = hash(key);
      for (let tries = 0; tries < SPYMEMCACHED_TRIES; tries++) {
        servers.add(continuum.serverOf(at));
        at = (at + hash(numbered(tries, key))) >>> 0;
      }
      return [...servers];
    },
    explain: (key) => continuum.reasonFor(hash(key)),
  };
}
