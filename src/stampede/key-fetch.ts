import { IllegalInputError, MemcacheError } from '../errors.ts';
import type { Fetching } from './fetching.ts';
import type { Leases } from './leases.ts';
import { isThere, type Look } from './look.ts';
import type { Terms } from './terms.ts';

/** Somebody else is loading the value: look again after a pause. */
const WAIT: unique symbol = Symbol('wait');

export interface KeyFetchParts {
  readonly terms: Terms;
  readonly leases: Leases;
  /** Runs the caller's loader. */
  readonly load: () => unknown;
  /** Of several keys of one call: what their pauses are shared by, and when all of them end. */
  readonly together?: { readonly by: string; readonly end: number } | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One caller's way to the value of one key, from what it found there. */
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

  /** What the caller is to be given: the value, or a promise of it. */
  answer(look: Look): unknown {
    return this.#settled(this.#step(look, this.#terms.waitMs === 0));
  }

  /** The same from a look that is yet to be taken. */
  look(): Promise<unknown> {
    return this.#settled(this.#again(this.#terms.waitMs === 0)) as Promise<unknown>;
  }

  /** The same where the cache has failed. */
  failed(error: MemcacheError): Promise<unknown> {
    if (this.#terms.failsWithCache || isCallersFault(error)) {
      this.#cacheError = error;
      return Promise.reject(error);
    }
    this.#room.events.guarded(error);
    return this.#room.flights.of(this.#leases.id, '') ?? this.#own();
  }

  /**
   * Begins to load what was won; undefined where that has begun: all callers of a moment share the server's answer, and
   * with it the lease, but only the first of them has won.
   */
  lead(look: Look): Promise<unknown> | undefined {
    const { flights, events } = this.#room;
    const { id } = this.#leases;
    if (flights.of(id, look.lease) !== undefined) return undefined;
    const answer = called(this.#parts.load);
    flights.begin(id, { lease: look.lease, answer }, this.#store(look, answer));
    if (this.#isBehind(look)) answer.catch((error: unknown) => events.failedBehind(error));
    return answer;
  }

  #isBehind(look: Look): boolean {
    return this.#terms.background && isThere(look);
  }

  #settled(step: unknown): unknown {
    if (step !== WAIT && !(step instanceof Promise)) return step;
    return this.#wait(step);
  }

  async #wait(step: unknown): Promise<unknown> {
    let answer = await step;
    if (answer !== WAIT) return answer;
    const { clock, pauses } = this.#room;
    const { together, signal } = this.#parts;
    const { by, end } = together ?? { by: this.#leases.id, end: clock.now() + this.#terms.waitMs };
    for (let round = 0; answer === WAIT; round++) {
      const left = end - clock.now();
      if (left > 0) await pauses.pause(by, round, left);
      // Nobody is there to be answered.
      if (signal?.aborted === true) return undefined;
      answer = await this.#again(clock.now() >= end);
    }
    return answer;
  }

  async #again(last: boolean): Promise<unknown> {
    let look: Look;
    try {
      look = await this.#leases.look();
    } catch (error) {
      return this.failed(error as MemcacheError);
    }
    return this.#step(look, last);
  }

  /** The value, a promise of it or of `WAIT`, or `WAIT`; not this where it is the `last` step. */
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
    return this.#isBehind(look) ? look.value : answer;
  }

  #lost(look: Look, last: boolean): unknown {
    const { wait } = this.#terms;
    if (isThere(look) && !(look.stale && wait === 'fresh')) return look.value;
    const flight = this.#room.flights.of(this.#leases.id, look.lease);
    if (flight !== undefined) return flight;
    return last || wait === 'never' ? this.#own() : WAIT;
  }

  /** Whether the winner has had its time, and this caller is the one to look after it. */
  #isOverdue(look: Look, last: boolean): boolean {
    const { flights, suspects } = this.#room;
    const { id } = this.#leases;
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
  #own(): Promise<unknown> {
    return this.#room.loads.join(this.#leases.id, () => called(this.#parts.load));
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
      suspects.clear(this.#leases.id);
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
