import { hashedPart } from '../protocol/key-rules.ts';
import type { Reason } from '../routing/hasher.ts';
import { hasherOf } from '../routing/hashers.ts';
import type { Core } from './core.ts';
import type { Key } from './read.ts';

/** Which server has a key, and how that came about. */
export interface Explanation {
  /** The address of the server that has the key. */
  readonly server: string;
  /** The servers in the order in which they stand in for each other, the key's own first. */
  readonly candidates: readonly string[];
  /** All servers, in the order in which the hash was given them. */
  readonly servers: readonly string[];
  /** What the key is called on the wire: with the prefix, as the key rule made it. */
  readonly wireKey: Key;
  /** What of it was hashed. */
  readonly hashed: Key;
  /** The name of the hash, or `function` for one of the user's own. */
  readonly hash: string;
  /** Undefined for a function of the user's own. */
  readonly reason: Reason | undefined;
}

/** Places the key anew, beside the placement that calls go by. */
export function explain(core: Room, key: Key, routeBy: Key): Explanation {
  const { options, places } = core;
  const wire = core.wire(key);
  core.wire(routeBy);
  const server = places.owner(routeBy).name;
  const { addresses } = places.fleet;
  const hashed = places.hashed(routeBy);
  const placement = hasherOf(options.hash)(addresses);
  return {
    server,
    candidates: placement.candidates(hashed).map((number) => addresses[number].name),
    servers: addresses.map(({ name }) => name),
    wireKey: hashedPart('wire', key, '', wire),
    hashed,
    hash: nameOf(options.hash),
    reason: placement.explain(hashed),
  };
}

/** What of the core an explanation needs. */
type Room = Pick<Core, 'options' | 'places' | 'wire'>;

function nameOf(hash: Core['options']['hash']): string {
  if (typeof hash === 'string') return hash;
  return typeof hash === 'function' ? 'function' : hash.name;
}
