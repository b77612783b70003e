import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { firstIllegal, keyBytes, type WireKey, wirePrefix } from '../protocol/key.ts';
import type { Version } from './version.ts';

/*
 * The keys of a namespace, behind the client's own prefix:
 *
 *   <name>~version              its version
 *   <name>~<18 digits>~<key>    an item under that version
 *
 * No name holds the separator, so the first one ends it; what comes behind is too short to be a version and an item,
 * or long enough to be nothing else. Thus no two namespaces meet, whatever their keys are.
 */
const SEPARATOR = '~';
const MAX_NAME_BYTES = 64;

const refuse = (problem: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_KEY', `the name of a namespace ${problem}`);

/**
 * The name as it was given. Throws IllegalInputError (ERR_MEMCACHE_KEY) for what is not 1 to 64 bytes of text that may
 * stand in a key, without the separator `~`.
 */
export function checkedName(name: unknown): string {
  if (typeof name !== 'string') throw refuse(`must be a string, not ${kindOf(name)}`);
  const bytes = keyBytes(name);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES)
    throw refuse(`must have 1 to ${MAX_NAME_BYTES} bytes, not ${bytes.length}`);
  if (firstIllegal(name) !== -1) throw refuse('may not hold the bytes 0x00-0x20 and 0x7f');
  if (name.includes(SEPARATOR)) throw refuse(`may not hold '${SEPARATOR}'`);
  return name;
}

/** The key of a namespace's version, to be placed and stored as any key. */
export const versionKey = (name: string): string => `${name}${SEPARATOR}version`;

/** What stands before the keys of a namespace, behind the client's own prefix. */
export function itemPrefix(prefix: WireKey, name: string, version: Version): WireKey {
  return `${prefix}${wirePrefix(name)}${SEPARATOR}${version}${SEPARATOR}`;
}
