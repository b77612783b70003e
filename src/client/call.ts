import type { MemcacheError, Sent } from '../errors.ts';
import type { AbortWatch } from './abort-watch.ts';

let takenResolve: (value: never) => void;
let takenReject: (reason: unknown) => void;

/** One function for all promises: a closure for each costs as much as the promise. */
const take = (resolve: (value: never) => void, reject: (reason: unknown) => void): void => {
  takenResolve = resolve;
  takenReject = reject;
};

/** What a caller waits for: one promise, settled once. */
export abstract class Call<R> {
  readonly promise: Promise<R>;
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  settled = false;
  /** Whether any of it has been handed to a socket. */
  sent: Sent = 'no';
  /** Present when the caller gave a signal. */
  watch: AbortWatch | undefined = undefined;
  readonly #resolve: (value: R) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(deadline: number) {
    this.deadline = deadline;
    this.promise = new Promise<R>(
      take as (resolve: (value: R) => void, reject: (reason: unknown) => void) => void,
    );
    this.#resolve = takenResolve as (value: R) => void;
    this.#reject = takenReject;
  }

  /** Whether what `tag` stands for is still awaited. */
  awaits(_tag: number): boolean {
    return !this.settled;
  }

  /** Gives up everything that is still awaited. */
  abandon(error: MemcacheError): void {
    this.reject(error);
  }

  protected resolve(value: R): void {
    if (this.settled) return;
    this.settled = true;
    this.#resolve(value);
    this.watch?.settled(this);
  }

  protected reject(error: MemcacheError): void {
    if (this.settled) return;
    this.settled = true;
    this.#reject(error);
    this.watch?.settled(this);
  }
}
