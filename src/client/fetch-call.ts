import type { MemcacheError } from '../errors.ts';
import { Scope } from '../primitives/scope.ts';
import { KeyFetch } from '../stampede/key-fetch.ts';
import { isThere, type Look } from '../stampede/look.ts';
import { answerOf } from '../stampede/waiting.ts';
import type { FetchPolicy, Way } from './fetch-policy.ts';
import { FetchPort } from './fetch-port.ts';
import type { KeyCalls } from './key-calls.ts';
import type { ReadEnd } from './lease-read.ts';
import type { Key } from './read.ts';
import { unlessAborted } from './unless-aborted.ts';

/** One `fetch`: of a value that is fresh it knows nothing, its read is answered as any other. */
export class FetchCall<T> implements ReadEnd<T> {
  signal: AbortSignal | undefined = undefined;
  readonly #calls: KeyCalls;
  readonly #policy: FetchPolicy;
  readonly #key: Key;
  readonly #load: (key: Key) => unknown;
  /** The loader is called where the caller is. */
  readonly #scope = new Scope();
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

  get takesFresh(): boolean {
    return true;
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
    return this.#answered(this.#slowly().begin(seen));
  }

  failed(error: MemcacheError, look: Look | undefined): T | Promise<T> {
    if (look !== undefined && !this.#policy.failsWithCache) {
      this.#calls.fetching.events.guarded(error);
      return this.found(look);
    }
    if (!takesLock(error, this.#policy)) return this.#answered(this.#slowly().failed(error));
    this.#fetch = this.#by('lock');
    return this.#answered(this.#fetch.again());
  }

  #answered(step: unknown): T | Promise<T> {
    const { signal } = this;
    const waiting = { room: this.#calls.fetching, terms: this.#policy, signal };
    const answer = answerOf(waiting, this.#slowly(), step) as T | Promise<T>;
    return answer instanceof Promise ? unlessAborted(answer, signal) : answer;
  }

  #slowly(): KeyFetch {
    this.#fetch ??= this.#by(this.#policy.way);
    return this.#fetch;
  }

  #by(way: Way): KeyFetch {
    const calls = this.#calls;
    const { leases } = new FetchPort(calls, this.#key, this.#policy, way);
    const load = (): unknown => this.#scope.run(() => this.#load(this.#key));
    return new KeyFetch(calls.fetching, { terms: this.#policy, leases, load });
  }
}

/** Whether a server gave out no lease, but a lock will do. */
export const takesLock = ({ code }: MemcacheError, policy: FetchPolicy): boolean =>
  code === 'ERR_MEMCACHE_UNSUPPORTED' && policy.way === 'server' && policy.mayLock;
