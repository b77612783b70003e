import type { HashNode } from '../../src/routing/hasher.ts';
import { hasherOf, type HashOption } from '../../src/routing/hashers.ts';
import { expect, type MicroCase } from './micro-case.ts';

export const HASHES: readonly (readonly [label: string, hash: HashOption])[] = [
  ['rendezvous', 'rendezvous'],
  ['ketama, weighted, md5', 'ketama'],
  ['ketama, consistent', { name: 'ketama', distribution: 'consistent' }],
  ['modula', 'modula'],
  ['modula, md5', { name: 'modula', hash: 'md5' }],
  ['crc32', 'crc32'],
  ['dalli', 'dalli'],
  ['swift', 'swift'],
  ['memjs', 'memjs'],
  ['hashring', 'hashring'],
  ['jump', 'jump'],
  ['maglev', 'maglev'],
];

/** 20 bytes each. */
export const placedKeys = (count: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    `user:${String((i * 2_654_435_761) % 1e15).padStart(15, '0')}`.slice(0, 20),
  );

export const serversOf = (count: number): HashNode[] =>
  Array.from({ length: count }, (_, i) => ({ name: `10.0.${i >> 4}.${i & 15}:11211`, weight: 1 }));

/** Four times what is remembered of rendezvous: when a key comes round again it is forgotten. */
export const FRESH_KEYS = 16_384;

const FLEETS = [8, 64];
const KEYS_PER_RUN = 512;

export function hasherCases(): MicroCase[] {
  const keys = placedKeys(FRESH_KEYS);
  return FLEETS.flatMap((servers) =>
    HASHES.map(([label, hash]) => placing(`${label}, ${servers} servers`, { hash, servers, keys })),
  );
}

interface Placing {
  readonly hash: HashOption;
  readonly servers: number;
  readonly keys: readonly string[];
}

function placing(name: string, { hash, servers, keys }: Placing): MicroCase {
  const placement = hasherOf(hash)(serversOf(servers));
  const places = keys.map((key) => placement.locate(key));
  expect(new Set(places).size === servers, `keys on every server by ${name}`);
  expect(
    keys.every((key, at) => placement.locate(key) === places[at]),
    `one place by ${name}`,
  );
  let from = 0;
  return {
    name: `${name}, per key`,
    operations: KEYS_PER_RUN,
    run: () => {
      let sum = 0;
      for (let i = from; i < from + KEYS_PER_RUN; i++) sum += placement.locate(keys[i]);
      from = (from + KEYS_PER_RUN) % keys.length;
      return sum;
    },
  };
}
