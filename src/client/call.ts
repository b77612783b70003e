import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError, Sent } from '../errors.ts';
import type { AbortWatch } from './abort-watch.ts';
import type { Tally } from './tally.ts';

const nothing = (): void => {};

let takenResolve: (value: never) => void = nothing;
let takenReject: (reason: unknown) => void = nothing;

/** One function for all promises: a closure for each costs as much as the promise. */
const take = (resolve: (value: never) => void, reject: (reason: unknown) => void): void => {
  takenResolve = resolve;
  takenReject = reject;
};

/**
 * What a caller waits for: one promise, settled once. It lets go of its promise as soon as it has handed it out and
 * settled it: a settled call that has grown old would keep the promise, and with it the value, until the next full
 * collection (`npm run bench -- --scenario get --size 100000 --kind buffer`).
 */
export abstract class Call<R> {
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  settled = false;
  /** Whether any of it has been handed to a socket. */
  sent: Sent = 'no';
  /** Present when the caller gave a signal. */
  watch: AbortWatch | undefined = undefined;
  /** Where it is counted until it is settled, and as how much; set when it has begun. */
  pending: Tally | undefined = undefined;
  operations = 1;
  bytes = 0;
  #promise: Promise<R> | undefined;
  #resolve: (value: R) => void;
  #reject: (reason: unknown) => void;

  constructor(deadline: number) {
    this.deadline = deadline;
    this.#promise = new Promise<R>(
      take as (resolve: (value: R) => void, reject: (reason: unknown) => void) => void,
    );
    this.#resolve = takenResolve as (value: R) => void;
    this.#reject = takenReject;
    // They would keep the last promise of all, with its value, or an error whose stack knows a whole closed client.
    takenResolve = nothing;
    takenReject = nothing;
  }

  /** The promise, for the caller; to be taken once. */
  handOut(): Promise<R> {
    const promise = this.#promise as Promise<R>;
    this.#promise = undefined;
    return promise;
  }

  /** Whether what `tag` stands for is still awaited. */
  awaits(_tag: number): boolean {
    return !this.settled;
  }

  /** Gives up everything that is still awaited. */
  abandon(error: MemcacheError): void {
    this.reject(error);
  }

  /** A request with a part of it has left: told while somebody wants to know. */
  carried(by: Carrier): void {
    this.pending?.carried(by);
  }

  protected resolve(value: R): void {
    if (this.settled) return;
    const resolve = this.#resolve;
    this.#settle(value, undefined);
    resolve(value);
  }

  protected reject(error: MemcacheError): void {
    if (this.settled) return;
    const reject = this.#reject;
    this.#settle(undefined, error);
    reject(error);
  }

  #settle(answer: unknown, error: MemcacheError | undefined): void {
    this.settled = true;
    this.#resolve = nothing;
    this.#reject = nothing;
    this.watch?.settled(this);
    this.pending?.settled(this, answer, error);
  }
}
