import { ManyError, MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { KeyFetch } from '../stampede/key-fetch.ts';
import type { Leases } from '../stampede/leases.ts';
import type { Look } from '../stampede/look.ts';
import { answersOf, type Begun } from '../stampede/waiting.ts';
import { keysOf } from './entries.ts';
import { takesLock } from './fetch-call.ts';
import type { FetchPolicy, Way } from './fetch-policy.ts';
import { FetchPort } from './fetch-port.ts';
import type { KeyCalls } from './key-calls.ts';
import { LeaseManyRead } from './lease-many-read.ts';
import { LoadBatch, type LoadMany } from './load-batch.ts';
import type { Key } from './read.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface FetchManyParts {
  readonly calls: KeyCalls;
  readonly policy: FetchPolicy;
  readonly keys: Iterable<Key>;
  readonly loadMany: LoadMany;
  readonly signal: AbortSignal | undefined;
}

type Found = Look | MemcacheError;

/** Fetches many keys: what is not simply there goes the way of `fetch`, together. */
export async function fetchMany<T>(parts: FetchManyParts): Promise<Map<Key, T>> {
  const keys = distinct(parts);
  if (keys.length === 0) return new Map();
  const { calls, policy, signal } = parts;
  const ask = policy.ask[policy.way];
  const options = { ...ask.options, onError: 'throw', signal } as const;
  const found = await calls.readMany(ask, keys, options, LeaseManyRead);
  const values = found.map((each) => (isSimplyThere(each) ? each.value : undefined));
  const places = [...keys.keys()].filter((place) => !isSimplyThere(found[place]));
  const failures = new Map<Key, Failure>();
  if (places.length > 0) {
    const batch = new LoadBatch(parts.loadMany);
    const begun = places.map((place) => beginOne({ ...parts, batch }, keys[place], found[place]));
    const waiting = { room: calls.fetching, terms: policy, signal };
    const answers = await unlessAborted(answersOf(waiting, begun), signal);
    answers.forEach((answer, i) => {
      if (answer.status === 'fulfilled') values[places[i]] = answer.value;
      else failures.set(keys[places[i]], failureOf(begun[i], answer.reason));
    });
  }
  return valuesOf<T>(keys, values, failures);
}

/** The first step of a key. */
function beginOne(parts: FetchManyParts & { batch: LoadBatch }, key: Key, found: Found): Begun {
  const { policy } = parts;
  if (!(found instanceof MemcacheError)) {
    const fetch = fetchOf(parts, key, policy.way);
    const { failure } = found;
    if (failure !== undefined && policy.failsWithCache)
      return { fetch, step: failedStep(fetch, failure) };
    if (failure !== undefined) parts.calls.fetching.events.guarded(failure);
    return { fetch, step: fetch.begin(found) };
  }
  const byLock = takesLock(found, policy);
  const fetch = fetchOf(parts, key, byLock ? 'lock' : policy.way);
  return { fetch, step: byLock ? fetch.again() : failedStep(fetch, found) };
}

/** A failure that is the caller's affair is that of this key. */
async function failedStep(fetch: KeyFetch, error: MemcacheError): Promise<unknown> {
  return fetch.failed(error);
}

function fetchOf(
  { calls, policy, batch }: FetchManyParts & { batch: LoadBatch },
  key: Key,
  way: Way,
): KeyFetch {
  const { leases } = new FetchPort(calls, key, policy, way);
  const load = (): unknown => batch.load(key);
  return new KeyFetch(calls.fetching, { terms: policy, leases: lookingFor(batch, leases), load });
}

const lookingFor = (batch: LoadBatch, leases: Leases): Leases => ({
  id: leases.id,
  look: () => batch.looking(leases.look()),
  contend: (look) => batch.looking(leases.contend(look)),
  fill: (lease, value) => leases.fill(lease, value),
  release: (look, failed) => leases.release(look, failed),
});

function isSimplyThere(found: Found): found is Look {
  if (found instanceof MemcacheError) return false;
  return found.kind === 'value' && !found.won && !found.lost;
}

/** Of keys with the same bytes the first. */
function distinct({ keys, calls, policy }: FetchManyParts): readonly Key[] {
  const byWire = new Map<WireKey, Key>();
  for (const key of keysOf(keys, policy.ask.server.verb)) {
    const wire = calls.wireOf(key);
    if (!byWire.has(wire)) byWire.set(wire, key);
  }
  return [...byWire.values()];
}

/** Why there is no value, and whether that was the cache's failure. */
interface Failure {
  readonly error: unknown;
  readonly ofCache: boolean;
}

const failureOf = ({ fetch }: Begun, error: unknown): Failure => ({
  error,
  ofCache: fetch.cacheError === error,
});

/** Throws what a loader failed with; otherwise ManyError where the cache failed for some. */
function valuesOf<T>(
  keys: readonly Key[],
  values: readonly unknown[],
  failures: ReadonlyMap<Key, Failure>,
): Map<Key, T> {
  const there = new Map<Key, T>();
  keys.forEach((key, place) => {
    if (values[place] !== undefined) there.set(key, values[place] as T);
  });
  const errors = new Map<Key, MemcacheError>();
  for (const [key, { error, ofCache }] of failures) {
    if (!ofCache) throw error;
    errors.set(key, error as MemcacheError);
  }
  if (errors.size > 0) throw new ManyError(there, errors);
  return there;
}
