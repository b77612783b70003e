import type { MemcacheError } from '../errors.ts';
import { type Clock, REAL_CLOCK } from './clock.ts';
import { Flights } from './flights.ts';
import { Pauses } from './pauses.ts';
import { Shared } from './shared.ts';
import { Suspects } from './suspects.ts';

/** What the fetches of a client tell it. */
export interface FetchingEvents {
  /** The cache has failed, and the loader took its place. */
  guarded(error: MemcacheError): void;
  /** Something failed that no caller was told of: a renewal behind an answer, or storing what was loaded. */
  failedBehind(error: unknown): void;
}

/** What all fetches of a client share. */
export class Fetching {
  readonly events: FetchingEvents;
  readonly clock: Clock;
  /** Loads with a lease. */
  readonly flights: Flights = new Flights();
  /** Loads without one: their values are not stored. */
  readonly loads: Shared<unknown> = new Shared();
  /** Attempts to get the lock beside a key. */
  readonly locks: Shared<string> = new Shared();
  readonly pauses: Pauses;
  readonly suspects: Suspects;

  readonly #storing = new Set<Promise<void>>();
  readonly #finishing = new WeakSet<object>();

  constructor(events: FetchingEvents, clock: Clock = REAL_CLOCK) {
    this.events = events;
    this.clock = clock;
    this.pauses = new Pauses(clock);
    this.suspects = new Suspects(clock);
  }

  /** What is being loaded for a key may be what was invalidated. */
  forget(id: string): void {
    this.flights.forget(id);
    this.loads.forget(id);
  }

  /** What was loaded is being stored; `done` never rejects. */
  storing(done: Promise<void>): void {
    this.#storing.add(done);
    void done.then(() => this.#storing.delete(done));
  }

  /** Everything that has been loaded is stored. */
  async stored(): Promise<void> {
    while (this.#storing.size > 0) await Promise.all(this.#storing);
  }

  /** Marks the options of a command that stores what was loaded. */
  finishes<O extends object>(options: O): O {
    this.#finishing.add(options);
    return options;
  }

  /** A client that closes takes no more commands but these. */
  isFinishing(options: object): boolean {
    return this.#finishing.has(options);
  }
}
