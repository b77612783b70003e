import { base64Text, isBase64, type WireKey } from './key.ts';

/*
 * Requests whose answer nobody waits for. A classic one ends with `noreply`. A meta one has the flag `q`: it hides the
 * usual answer (`HD`, of `mg` `EN`), not the others. memcached (seen in 1.6.18) tells of errors behind a `q`, and keeps
 * most of them to itself behind `noreply`: that the value was too large, or the memory full.
 */

/** How a request is spelled. */
export interface Spelling {
  readonly meta: boolean;
  /** Not to be answered. */
  readonly quiet: boolean;
}

const MODES = { set: 'S', add: 'E', replace: 'R', append: 'A', prepend: 'P' } as const;

export type QuietStoreVerb = keyof typeof MODES;

/** What a store says beside its data. */
export interface StoreLine {
  readonly verb: QuietStoreVerb;
  readonly key: WireKey;
  readonly flags: number;
  readonly exptime: number;
  readonly length: number;
}

/**
 * `<verb> <key> <flags> <exptime> <length>[ noreply]`, answered `STORED` or `NOT_STORED`, or
 * `ms <key> <length>[ b] F<flags> T<exptime> M<mode>[ q]`, answered `HD` or `NS`.
 */
export function storeLine(store: StoreLine, { meta, quiet }: Spelling): string {
  const { verb, key, flags, exptime, length } = store;
  if (!meta) return `${verb} ${key} ${flags} ${exptime} ${length}${quiet ? ' noreply' : ''}`;
  const line = isBase64(key) ? `ms ${base64Text(key)} ${length} b` : `ms ${key} ${length}`;
  return `${line} F${flags} T${exptime} M${MODES[verb]}${quiet ? ' q' : ''}`;
}

/** A command of one line that changes an item. */
export type ChangeLine =
  | { readonly verb: 'incr' | 'decr'; readonly key: WireKey; readonly delta: bigint }
  | { readonly verb: 'delete'; readonly key: WireKey }
  | { readonly verb: 'touch'; readonly key: WireKey; readonly exptime: number };

/**
 * `delete <key>`, `touch <key> <exptime>`, `incr <key> <delta>`, `decr <key> <delta>`, each with ` noreply` where it is
 * quiet; or `md <key>[ b]`, `mg <key>[ b] T<exptime>`, `ma <key>[ b] M<I or D> D<delta>`, each with ` q`.
 */
export function changeLine(change: ChangeLine, { meta, quiet }: Spelling): string {
  if (!meta) return `${classicLine(change)}${quiet ? ' noreply' : ''}`;
  const { key } = change;
  const line = metaLine(change, isBase64(key) ? `${base64Text(key)} b` : key);
  return `${line}${quiet ? ' q' : ''}`;
}

function classicLine(change: ChangeLine): string {
  const { verb, key } = change;
  if (verb === 'delete') return `delete ${key}`;
  return `${verb} ${key} ${verb === 'touch' ? change.exptime : change.delta}`;
}

function metaLine(change: ChangeLine, key: string): string {
  switch (change.verb) {
    case 'delete':
      return `md ${key}`;
    case 'touch':
      return `mg ${key} T${change.exptime}`;
    case 'incr':
      return `ma ${key} MI D${change.delta}`;
    case 'decr':
      return `ma ${key} MD D${change.delta}`;
  }
}
