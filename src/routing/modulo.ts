import { crc32 as crc32Of } from './crc32.ts';
import { type HashKey, type Hasher, hex32, type Placement, type Reason } from './hasher.ts';
import { KEY_HASHES, type KeyHash, type KeyHashName } from './key-hash.ts';

export interface ModulaOptions {
  /** Default `default`, Jenkins' one-at-a-time. */
  readonly hash?: KeyHashName;
}

/**
 * The hash modulo the number of servers, in the order given: the default of libmemcached, pylibmc and php. Every change
 * of the list moves most keys. Weights are not used.
 */
export function modula({ hash = 'default' }: ModulaOptions = {}): Hasher {
  return (nodes) => byRemainder(nodes.length, KEY_HASHES[hash]);
}

/** gomemcache: CRC-32 modulo the number of servers, in the order given. Weights are not used. */
export const crc32: Hasher = (nodes) => byRemainder(nodes.length, crc32Of);

/** Without a server its keys are placed as if the list had been made without it. */
function byRemainder(count: number, hash: KeyHash): Placement {
  return {
    locate: (key) => hash(key) % count,
    candidates: (key) => drawn(count, () => hash(key)),
    explain: (key) => remainderOf(hash(key), count),
  };
}

const remainderOf = (hash: number, count: number): Reason => ({
  kind: 'remainder',
  hash: hex32(hash),
  remainder: hash % count,
});

/** All numbers below `count`: of those that are left, the one at a number's remainder comes next. */
function drawn(count: number, next: () => number): number[] {
  const left = Array.from({ length: count }, (_, number) => number);
  return Array.from({ length: count }, () => left.splice(next() % left.length, 1)[0]);
}

/** memjs: the key's UTF-16 units in base 31, modulo the number of servers; the next in the list stands in. Weights are not used. */
export const memjs: Hasher = ({ length: count }) => {
  const locate = (key: HashKey): number => base31(key) % count;
  return {
    locate,
    candidates(key) {
      const first = locate(key);
      return Array.from({ length: count }, (_, step) => (first + step) % count);
    },
    explain: (key) => remainderOf(base31(key), count),
  };
};

function base31(key: HashKey): number {
  let hash = 0;
  const { length } = key;
  if (typeof key === 'string') {
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  } else {
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + key[i]) | 0;
  }
  return Math.abs(hash);
}
