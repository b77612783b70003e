import type { MemcacheError } from '../errors.ts';
import { KeyFetch } from '../stampede/key-fetch.ts';
import { isThere, type Look } from '../stampede/look.ts';
import type { FetchPolicy, Way } from './fetch-policy.ts';
import { FetchPort } from './fetch-port.ts';
import type { KeyCalls } from './key-calls.ts';
import type { ReadEnd } from './lease-read.ts';
import type { Key } from './read.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface FetchCallParts {
  readonly calls: KeyCalls;
  readonly policy: FetchPolicy;
  readonly key: Key;
  readonly load: (key: Key) => unknown;
  readonly signal: AbortSignal | undefined;
}

/** One `fetch`: of a value that is fresh it knows nothing, its read is answered as any other. */
export class FetchCall<T> implements ReadEnd<T> {
  readonly takesFresh = true;
  signal: AbortSignal | undefined = undefined;
  readonly #calls: KeyCalls;
  readonly #policy: FetchPolicy;
  readonly #key: Key;
  readonly #load: (key: Key) => unknown;
  #fetch: KeyFetch | undefined;
  /** What it has begun to load. */
  #leading: Promise<unknown> | undefined;

  // Of its own fields, not of an object with them: this is the hot path.
  constructor(calls: KeyCalls, policy: FetchPolicy, key: Key, load: (key: Key) => unknown) {
    this.#calls = calls;
    this.#policy = policy;
    this.#key = key;
    this.#load = load;
  }

  begin(signal: AbortSignal | undefined): Promise<T> {
    this.signal = signal;
    return this.#calls.readTo(this.#policy.ask[this.#policy.way], this.#key, this);
  }

  /**
   * Others who share the answer are to find the load begun, though it takes until the value is decoded. To the one who
   * waits for the new value the old one is of no use.
   */
  sighted(look: Look): boolean {
    if (!look.won) return true;
    this.#leading = this.#slowly().lead(look);
    return this.#leading === undefined || this.#policy.background;
  }

  found(look: Look): T | Promise<T> {
    const leading = this.#leading as Promise<T> | undefined;
    if (leading !== undefined) {
      if (this.#policy.background && isThere(look)) return look.value as T;
      return unlessAborted(leading, this.signal);
    }
    const seen = look.won ? { ...look, won: false, lost: true } : look;
    const answer = this.#slowly().answer(seen) as T | Promise<T>;
    return answer instanceof Promise ? unlessAborted(answer, this.signal) : answer;
  }

  failed(error: MemcacheError, look: Look | undefined): T | Promise<T> {
    if (look !== undefined && !this.#policy.failsWithCache) {
      this.#calls.fetching.events.guarded(error);
      return this.found(look);
    }
    return unlessAborted(this.#without(error) as Promise<T>, this.signal);
  }

  #without(error: MemcacheError): Promise<unknown> {
    if (!takesLock(error, this.#policy)) return this.#slowly().failed(error);
    this.#fetch = this.#by('lock');
    return this.#fetch.look();
  }

  #slowly(): KeyFetch {
    this.#fetch ??= this.#by(this.#policy.way);
    return this.#fetch;
  }

  #by(way: Way): KeyFetch {
    const parts = { calls: this.#calls, policy: this.#policy, key: this.#key, load: this.#load };
    return keyFetch({ ...parts, signal: this.signal }, way);
  }
}

/** Whether a server gave out no lease, but a lock will do. */
export const takesLock = ({ code }: MemcacheError, policy: FetchPolicy): boolean =>
  code === 'ERR_MEMCACHE_UNSUPPORTED' && policy.way === 'server' && policy.mayLock;

/** The way to a value that is not simply there. */
function keyFetch(parts: FetchCallParts, way: Way): KeyFetch {
  const { calls, policy, key, load, signal } = parts;
  const { leases } = new FetchPort(calls, key, policy, way);
  return new KeyFetch(calls.fetching, { terms: policy, leases, load: () => load(key), signal });
}
