import { ManyError, MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { KeyFetch } from '../stampede/key-fetch.ts';
import type { Leases } from '../stampede/leases.ts';
import type { Look } from '../stampede/look.ts';
import { keysOf } from './entries.ts';
import { type FetchCallParts, takesLock } from './fetch-call.ts';
import type { Way } from './fetch-policy.ts';
import { FetchPort } from './fetch-port.ts';
import { LeaseManyRead } from './lease-many-read.ts';
import { LoadBatch, type LoadMany } from './load-batch.ts';
import type { Key } from './read.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface FetchManyParts extends Pick<FetchCallParts, 'calls' | 'policy' | 'signal'> {
  readonly keys: Iterable<Key>;
  readonly loadMany: LoadMany;
}

let manyCalls = 0;

/** Fetches many keys: what is not simply there goes the way of `fetch`, with one loader for those of one moment. */
export async function fetchMany<T>(parts: FetchManyParts): Promise<Map<Key, T>> {
  const keys = distinct(parts);
  if (keys.length === 0) return new Map();
  const { policy, signal } = parts;
  const ask = policy.ask[policy.way];
  const options = { ...ask.options, onError: 'throw', signal } as const;
  const looks = await parts.calls.readMany(ask, keys, options, LeaseManyRead);
  const batch = new LoadBatch(parts.loadMany);
  const end = parts.calls.fetching.clock.now() + policy.waitMs;
  const many = { ...parts, batch, together: { by: `fetchMany ${manyCalls++}`, end } };
  const answers = looks.map((look, place) => new KeyAnswer(many, keys[place], look));
  const pending = answers.filter(({ settled }) => !settled).map((answer) => answer.settle());
  if (pending.length > 0) await unlessAborted(Promise.all(pending), signal);
  return valuesOf(keys, answers);
}

interface Many extends Pick<FetchCallParts, 'calls' | 'policy' | 'signal'> {
  readonly batch: LoadBatch;
  readonly together: { readonly by: string; readonly end: number };
}

/** What came of one key of several. */
class KeyAnswer {
  value: unknown;
  settled: boolean;
  /** Why there is no value, and whether that was the cache's failure. */
  failure: { readonly error: unknown; readonly ofCache: boolean } | undefined;
  readonly #fetch: KeyFetch | undefined;

  constructor(many: Many, key: Key, found: Look | MemcacheError) {
    if (isSimplyThere(found)) {
      this.value = found.value;
      this.settled = true;
      return;
    }
    const { policy } = many;
    const byLock = found instanceof MemcacheError && takesLock(found, policy);
    this.#fetch = fetchOf(many, key, byLock ? 'lock' : policy.way);
    this.value = answerOf(this.#fetch, found, byLock);
    this.settled = !(this.value instanceof Promise);
  }

  async settle(): Promise<void> {
    try {
      this.value = await this.value;
    } catch (error) {
      this.value = undefined;
      this.failure = { error, ofCache: this.#fetch?.cacheError === error };
    }
  }
}

function fetchOf(many: Many, key: Key, way: Way): KeyFetch {
  const { calls, policy, batch, together, signal } = many;
  const { leases } = new FetchPort(calls, key, policy, way);
  return new KeyFetch(calls.fetching, {
    terms: policy,
    leases: lookingFor(batch, leases),
    load: () => batch.load(key),
    together,
    signal,
  });
}

const lookingFor = (batch: LoadBatch, leases: Leases): Leases => ({
  id: leases.id,
  look: () => batch.looking(leases.look()),
  contend: (look) => batch.looking(leases.contend(look)),
  fill: (lease, value) => leases.fill(lease, value),
  release: (look, failed) => leases.release(look, failed),
});

function answerOf(fetch: KeyFetch, found: Look | MemcacheError, byLock: boolean): unknown {
  if (!(found instanceof MemcacheError)) return fetch.answer(found);
  return byLock ? fetch.look() : fetch.failed(found);
}

function isSimplyThere(found: Look | MemcacheError): found is Look {
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

/** Throws what a loader failed with; otherwise ManyError where the cache failed for some. */
function valuesOf<T>(keys: readonly Key[], answers: readonly KeyAnswer[]): Map<Key, T> {
  const values = new Map<Key, T>();
  const errors = new Map<Key, MemcacheError>();
  answers.forEach(({ value, failure }, place) => {
    if (failure === undefined) {
      if (value !== undefined) values.set(keys[place], value as T);
    } else if (failure.ofCache) errors.set(keys[place], failure.error as MemcacheError);
    else throw failure.error;
  });
  if (errors.size > 0) throw new ManyError(values, errors);
  return values;
}
