import type { Clock } from './clock.ts';

const FIRST_MS = 10;
const LONGEST_MS = 250;
/** The ends of waits are kept to this many milliseconds, so that those who came one after the other wake together. */
const GRAIN_MS = 10;

/**
 * The pauses of those who wait for somebody else's value. All who wait for one key in this process wake in one moment,
 * so that what they ask then is one request. A pause is a random part of one that doubles ("full jitter"): processes
 * that began together do not come back together.
 */
export class Pauses {
  readonly #clock: Clock;
  /** By key: when those wake who have time. */
  readonly #wakes = new Map<string, number>();
  /** By key and moment. */
  readonly #moments = new Map<string, Promise<number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#moments.size;
  }

  /**
   * The caller's `round`th pause, from 0; it lasts to `latest` at most. Resolves with the moment it was to end at, which
   * is the same for all who wake in it, however long they take to look at a clock.
   */
  pause(id: string, round: number, latest: number): Promise<number> {
    const end = Math.ceil(latest / GRAIN_MS) * GRAIN_MS;
    const wake = this.#wakes.get(id) ?? this.#clock.now() + this.#length(round);
    if (end < wake) return this.#moment(id, end);
    this.#wakes.set(id, wake);
    return this.#moment(id, wake);
  }

  #length(round: number): number {
    return Math.max(1, this.#clock.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** round));
  }

  #moment(id: string, at: number): Promise<number> {
    const name = `${id} ${at}`;
    const known = this.#moments.get(name);
    if (known !== undefined) return known;
    const moment = new Promise<number>((resolve) => {
      this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
        this.#moments.delete(name);
        if (this.#wakes.get(id) === at) this.#wakes.delete(id);
        resolve(at);
      });
    });
    this.#moments.set(name, moment);
    return moment;
  }
}
