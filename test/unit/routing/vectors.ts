import { readFileSync } from 'node:fs';
import type { HashNode } from '../../../src/routing/hasher.ts';
import type { HashOption } from '../../../src/routing/hashers.ts';

/** What a client answered; `about` in the file says how it was asked. */
export interface PlacementCase {
  readonly client: string;
  readonly hash: HashOption;
  readonly servers: readonly HashNode[];
  /** A character of 0-9a-z for each key: the number of its server. */
  readonly places: string;
  /** For some keys the servers in the order in which they stand in. */
  readonly orders?: Readonly<Record<string, readonly number[]>>;
  /** Keys were given as bytes. */
  readonly bytes?: boolean;
}

export interface PlacementVectors {
  readonly keys: readonly string[];
  readonly cases: readonly PlacementCase[];
}

export function readVectors(name: string): unknown {
  const file = new URL(`../../../../test/unit/routing/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}
