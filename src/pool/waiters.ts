import { MemcacheConnectionError, MemcacheError, TimeoutError } from '../errors.ts';
import { onAbort } from '../primitives/on-abort.ts';
import { type Sweeper, Ticker } from '../primitives/ticker.ts';

/** Who wants a member of a pool. */
export interface Waiter<T> {
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (item: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait for a member, in the order they came. */
export class PoolWaiters<T> implements Sweeper {
  readonly #waiting = new Map<Waiter<T>, (() => void) | undefined>();
  readonly #ticker = new Ticker();

  get size(): number {
    return this.#waiting.size;
  }

  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  add(waiter: Waiter<T>): void {
    this.#waiting.set(waiter, undefined);
  }

  /** Minds the deadline and the signal of one who has not been served at once. */
  mind(waiter: Waiter<T>): void {
    if (!this.#waiting.has(waiter)) return;
    this.#ticker.wake(this);
    const { signal } = waiter;
    if (signal === undefined) return;
    const reject = (): void => this.#reject(waiter, aborted(signal.reason));
    this.#waiting.set(waiter, onAbort(signal, reject));
  }

  /** False if nobody waits. */
  serve(item: T): boolean {
    const oldest = this.#oldest;
    if (oldest === undefined) return false;
    this.#forget(oldest);
    oldest.resolve(item);
    return true;
  }

  rejectOldest(error: unknown): void {
    const oldest = this.#oldest;
    if (oldest !== undefined) this.#reject(oldest, error);
  }

  rejectAll(error: () => MemcacheError): void {
    for (const waiter of this.#waiting.keys()) this.#reject(waiter, error());
    this.#ticker.stop();
  }

  sweep(now: number): void {
    for (const waiter of this.#waiting.keys())
      if (waiter.deadline <= now) this.#reject(waiter, timedOut());
  }

  get #oldest(): Waiter<T> | undefined {
    for (const waiter of this.#waiting.keys()) return waiter;
    return undefined;
  }

  #forget(waiter: Waiter<T>): void {
    const forgetSignal = this.#waiting.get(waiter);
    this.#waiting.delete(waiter);
    forgetSignal?.();
  }

  #reject(waiter: Waiter<T>, error: unknown): void {
    this.#forget(waiter);
    waiter.reject(error);
  }
}

export function aborted(reason: unknown): MemcacheError {
  const message = 'the wait for a member of the pool was aborted';
  return new MemcacheError('ERR_MEMCACHE_ABORTED', message, { cause: reason });
}

export function overloaded(maxWaiting: number): MemcacheError {
  const message = `the pool already has ${maxWaiting} borrowers waiting`;
  return new MemcacheConnectionError('ERR_MEMCACHE_OVERLOADED', message, { retryable: true });
}

function timedOut(): TimeoutError {
  const message = 'no member of the pool was free in time';
  return new TimeoutError('ERR_MEMCACHE_TIMEOUT', message, { retryable: true });
}
