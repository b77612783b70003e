import {
  type CallOptions,
  type FleetClient,
  IllegalInputError,
  type MemcacheError,
} from '../../index.ts';
import type { Outcome, Told } from './calls.ts';
import { type KeySettings, type StoredKey, storedKey } from './keys.ts';
import { encodeValue, type StoredValue } from './values.ts';

/** The server takes more for a moment in time, in seconds since 1970. */
const LONGEST_RELATIVE_SECONDS = 2_592_000;

/** Most keys are stored as they are, and need no options. */
export const placedBy = (routeBy: Buffer | undefined): CallOptions =>
  routeBy === undefined ? {} : { routeBy };

/** A lifetime is what the server takes it for; memvolley itself takes any number for seconds from now. */
export const ttlOf = (lifetime: number): number | Date =>
  lifetime > LONGEST_RELATIVE_SECONDS ? new Date(lifetime * 1000) : lifetime;

export type StoreVerb = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';

/** What is stored, and how. */
export interface Storing {
  readonly at: StoredKey;
  readonly stored: StoredValue;
  readonly lifetime: number;
  readonly cas: string;
}

/** Sends a store; whether it was done. */
export function store(client: FleetClient, verb: StoreVerb, what: Storing): Promise<boolean> {
  const { at, stored, lifetime, cas } = what;
  const placed = placedBy(at.routeBy);
  if (verb === 'append' || verb === 'prepend') return client[verb](at.wire, stored.bytes, placed);
  const options = { ...placed, ttl: ttlOf(lifetime) };
  if (verb !== 'cas') return client[verb](at.wire, stored, options);
  return client.cas(at.wire, stored, cas, options).then((answer) => answer === 'stored');
}

/** The bytes of a value, or why there are none. */
export function encoded(value: unknown, maxBytes: number): StoredValue | Error {
  try {
    const stored = encodeValue(value);
    if (stored.bytes.length <= maxBytes) return stored;
    const message = `The length of the value is greater than ${maxBytes}`;
    return new IllegalInputError('ERR_MEMCACHE_TOO_LARGE', message);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the value cannot be stored: ${reason}`;
    return new IllegalInputError('ERR_MEMCACHE_ENCODE', message, { cause });
  }
}

/** What `notStored` is of: a store that found no place. */
class NotStoredError extends Error {
  readonly notStored = true;

  constructor() {
    super('Item is not stored');
  }
}

export const storedOrNot = (stored: boolean): Outcome =>
  stored ? [undefined, true] : [new NotStoredError(), false];

const OTHER_WAY = { incr: 'decr', decr: 'incr' } as const;

/** One step of a counter; false where there is none. Counts are asked for exactly and told as numbers. */
export async function count(
  client: FleetClient,
  { verb, at, amount }: { verb: 'incr' | 'decr'; at: StoredKey; amount: number },
): Promise<number | false> {
  if (!Number.isInteger(amount))
    throw new IllegalInputError('ERR_MEMCACHE_VALUE', 'invalid numeric delta argument');
  const way = amount < 0 ? OTHER_WAY[verb] : verb;
  const counted = await client[way](at.wire, BigInt(Math.abs(amount)), placedBy(at.routeBy));
  return counted === undefined ? false : Number(counted);
}

/** Keys as they are stored, those that are placed by their own name and each of the others. */
interface WantedKeys {
  /** The caller's keys, by what they are stored as. */
  readonly names: ReadonlyMap<string, string>;
  readonly placed: readonly StoredKey[];
}

/** Throws IllegalInputError (ERR_MEMCACHE_KEY). */
export function wantedKeys(keys: unknown, settings: KeySettings): WantedKeys {
  if (!Array.isArray(keys))
    throw new IllegalInputError('ERR_MEMCACHE_KEY', 'Argument "key" is not a valid Array.');
  const names = new Map<string, string>();
  const placed: StoredKey[] = [];
  for (const key of keys) {
    const name = String(key);
    const stored = storedKey(settings.namespace + name, settings);
    if (stored.routeBy !== undefined && !names.has(stored.wire)) placed.push(stored);
    names.set(stored.wire, name);
  }
  return { names, placed };
}

/** The hits by the caller's keys, and one error of each server that failed. */
export async function foundValues(
  { names, placed }: WantedKeys,
  ask: (keys: string[], options: CallOptions) => Promise<Told<unknown>>,
): Promise<Outcome> {
  const alone = new Set(placed.map(({ wire }) => wire));
  const together = [...names.keys()].filter((wire) => !alone.has(wire));
  const told = await Promise.all([
    ...(together.length === 0 ? [] : [ask(together, {})]),
    ...placed.map(({ wire, routeBy }) => ask([wire], placedBy(routeBy))),
  ]);
  const hits = told.flatMap(({ values }) => [...values]);
  const errors = new Map<string | undefined, MemcacheError>();
  for (const error of told.flatMap((each) => each.errors)) errors.set(error.server, error);
  const data = Object.fromEntries(hits.map(([wire, value]) => [names.get(wire) ?? wire, value]));
  return [errors.size === 0 ? undefined : [...errors.values()], data];
}

/** The answer beside no error. */
export const plainly = (data: unknown): Outcome => [undefined, data];
