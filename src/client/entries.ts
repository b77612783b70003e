import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { Key } from './read.ts';

/** Keys with values: pairs, a Map, or a plain object. */
export type Entries = Iterable<readonly [Key, unknown]> | Readonly<Record<string, unknown>>;

const refuse = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_VALUE', message);

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

/** Throws IllegalInputError (ERR_MEMCACHE_VALUE) for what holds no keys with values. */
export function entriesOf(entries: Entries): [Key, unknown][] {
  const given: unknown = entries;
  if (isIterable(given)) return [...given].map(pairOf);
  if (typeof given === 'object' && given !== null) return Object.entries(given);
  throw refuse(`setMany takes pairs, a Map or a plain object, not ${kindOf(given)}`);
}

function pairOf(entry: unknown): [Key, unknown] {
  if (Array.isArray(entry) && entry.length === 2) return entry as [Key, unknown];
  throw refuse(`setMany takes pairs of a key and a value, not ${kindOf(entry)}`);
}

/** How many keys there are, as far as that can be told without taking them. */
export function sizeOf(keys: unknown): number | undefined {
  if (Array.isArray(keys)) return keys.length;
  if (keys instanceof Map || keys instanceof Set) return keys.size;
  if (typeof keys !== 'object' || keys === null || isIterable(keys)) return undefined;
  return Object.keys(keys).length;
}

/** A list of what can be taken once, so that its size is known. What cannot be taken fails as it does where it is. */
export function sized<M>(many: M): M | Iterable<never> {
  if (sizeOf(many) !== undefined || !isIterable(many) || many instanceof Uint8Array) return many;
  try {
    return [...many] as never[];
  } catch (error) {
    return {
      [Symbol.iterator]: () => {
        throw error;
      },
    };
  }
}

/**
 * The keys as they are now: the caller may use its array again at once.
 * Throws IllegalInputError (ERR_MEMCACHE_KEY) for what is no list of keys; a lone string is taken for a mistake.
 */
export function keysOf(keys: Iterable<Key>, verb: string): readonly Key[] {
  if (isIterable(keys) && !(keys instanceof Uint8Array)) return [...keys];
  throw new IllegalInputError(
    'ERR_MEMCACHE_KEY',
    `${verb} takes an array or another iterable of keys, not ${kindOf(keys)}`,
  );
}
