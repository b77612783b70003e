import { IllegalInputError, MemcacheError } from '../errors.ts';
import type { Fetching } from './fetching.ts';
import type { Leases } from './leases.ts';
import { isThere, type Look } from './look.ts';
import type { Terms } from './terms.ts';

/** Somebody else is loading the value: look again after a pause. */
export const WAIT: unique symbol = Symbol('wait');

/** The value is being loaded here. What fails it is somebody's affair, or nobody's: it may have lost its callers. */
export class Loading {
  readonly answer: Promise<unknown>;

  constructor(answer: Promise<unknown>) {
    this.answer = answer;
    answer.catch(() => {});
  }
}

export interface KeyFetchParts {
  readonly terms: Terms;
  readonly leases: Leases;
  /** Runs the caller's loader. */
  readonly load: () => unknown;
}

/**
 * One caller's way to the value of one key. What it takes are steps: the value itself, `Loading`, `WAIT`, or a promise of
 * one of these. `waiting.ts` goes on from there.
 */
export class KeyFetch {
  readonly #room: Fetching;
  readonly #parts: KeyFetchParts;
  readonly #terms: Terms;
  readonly #leases: Leases;
  #cacheError: MemcacheError | undefined;

  constructor(room: Fetching, parts: KeyFetchParts) {
    this.#room = room;
    this.#parts = parts;
    this.#terms = parts.terms;
    this.#leases = parts.leases;
  }

  /** What it rejected with, if that was the cache's failure and not the loader's. */
  get cacheError(): MemcacheError | undefined {
    return this.#cacheError;
  }

  get id(): string {
    return this.#leases.id;
  }

  /** The first step, from a look that was taken with others. */
  begin(look: Look): unknown {
    return this.#step(look, this.#terms.waitMs === 0);
  }

  /** A step from a new look; not `WAIT` if it is the `last`. */
  async again(last: boolean = this.#terms.waitMs === 0): Promise<unknown> {
    let look: Look;
    try {
      look = await this.#leases.look();
    } catch (error) {
      return this.failed(error as MemcacheError);
    }
    return this.#step(look, last);
  }

  /** The step where the cache has failed. Throws if that is the caller's affair. */
  failed(error: MemcacheError): Loading {
    if (this.#terms.failsWithCache || isCallersFault(error)) {
      this.#cacheError = error;
      throw error;
    }
    this.#room.events.guarded(error);
    return this.#flight('') ?? this.#own();
  }

  /**
   * Begins to load what was won; undefined where that has begun: all callers of a moment share the server's answer, and
   * with it the lease, but only the first of them has won.
   */
  lead(look: Look): Promise<unknown> | undefined {
    const { flights, events } = this.#room;
    const { id } = this;
    if (flights.of(id, look.lease) !== undefined) return undefined;
    const answer = called(this.#parts.load);
    flights.begin(id, { lease: look.lease, answer }, this.#store(look, answer));
    if (this.#isBehind(look)) answer.catch((error: unknown) => events.failedBehind(error));
    return answer;
  }

  #isBehind(look: Look): boolean {
    return this.#terms.background && isThere(look);
  }

  #step(look: Look, last: boolean): unknown {
    if (look.won) return this.#won(look, last);
    if (!look.lost) return isThere(look) ? look.value : this.#contend(look, last);
    if (!this.#isOverdue(look, last)) return this.#lost(look, last);
    const contended = this.#contend(look, last);
    if (!this.#isBehind(look)) return contended;
    contended.catch(() => {});
    return look.value;
  }

  #won(look: Look, last: boolean): unknown {
    const answer = this.lead(look);
    if (answer === undefined) return this.#lost(look, last);
    return this.#isBehind(look) ? look.value : new Loading(answer);
  }

  #lost(look: Look, last: boolean): unknown {
    const { wait } = this.#terms;
    if (isThere(look) && !(look.stale && wait === 'fresh')) return look.value;
    const flight = this.#flight(look.lease);
    if (flight !== undefined) return flight;
    return last || wait === 'never' ? this.#own() : WAIT;
  }

  #flight(lease: string): Loading | undefined {
    const answer = this.#room.flights.of(this.id, lease);
    return answer === undefined ? undefined : new Loading(answer);
  }

  /** Whether the winner has had its time, and this caller is the one to look after it. */
  #isOverdue(look: Look, last: boolean): boolean {
    const { flights, suspects } = this.#room;
    const { id } = this;
    // A lock ends by itself, and a load of this process is not dead.
    if (look.lease === '' || flights.of(id, look.lease) !== undefined) return false;
    return suspects.overdue(id, look.lease, this.#terms.lockMs, last);
  }

  async #contend(look: Look, last: boolean): Promise<unknown> {
    let next: Look;
    try {
      next = await this.#leases.contend(look);
    } catch (error) {
      return isThere(look) ? this.#lost(look, last) : this.failed(error as MemcacheError);
    }
    if (next.won) return this.#won(next, last);
    return next.lost ? this.#lost(next, last) : next.value;
  }

  /** Loads without a lease: what comes of it is not stored. */
  #own(): Loading {
    return new Loading(this.#room.loads.join(this.id, () => called(this.#parts.load)));
  }

  /** Stores what is loaded, or lets go of the lease. Never rejects. */
  #store(look: Look, answer: Promise<unknown>): Promise<void> {
    const stored = (done: Promise<void>): Promise<void> => {
      this.#room.storing(done);
      return done;
    };
    return answer.then(
      (value) => stored(this.#fill(look, value)),
      () => stored(this.#release(look, true)),
    );
  }

  async #fill(look: Look, value: unknown): Promise<void> {
    const { events, suspects } = this.#room;
    if (value === undefined && !this.#terms.remembersNothing) {
      await this.#release(look, false);
      return;
    }
    try {
      await this.#leases.fill(look.lease, value);
      suspects.clear(this.id);
    } catch (error) {
      events.failedBehind(error);
      await this.#release(look, true);
    }
  }

  async #release(look: Look, failed: boolean): Promise<void> {
    await this.#leases.release(look, failed).catch(() => {});
  }
}

/** Nothing a loader could make good: the call was wrong, was given up, or came too late. */
function isCallersFault(error: MemcacheError): boolean {
  const { code } = error;
  return (
    error instanceof IllegalInputError ||
    !(error instanceof MemcacheError) ||
    code === 'ERR_MEMCACHE_ABORTED' ||
    code === 'ERR_MEMCACHE_CLOSED'
  );
}

/** Not at once: an answer may be half read. What throws rejects. */
const called = (load: () => unknown): Promise<unknown> => Promise.resolve().then(load);
