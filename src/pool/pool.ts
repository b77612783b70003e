import { IllegalInputError } from '../errors.ts';
import { IdleMembers } from './idle-members.ts';
import { type Member, poolClosed, PoolMembers } from './members.ts';
import {
  checkBorrow,
  checkPoolOptions,
  WAITER_DEFAULTS,
  POOL_RULES,
  type PoolOptions,
} from './options.ts';
import { aborted, overloaded, PoolWaiters } from './waiters.ts';

/** How one borrower waits. */
export interface BorrowOptions {
  /** Milliseconds it waits, from 1. Default: the pool's `timeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Gives the wait up when aborted: it rejects with ERR_MEMCACHE_ABORTED, whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lends each of its members to one borrower at a time, makes them when they are needed and lets them go when they are
 * not. The one given back last is lent first, so that those that only a burst needed grow idle. Borrowers are served
 * in the order they came, by whatever is there first: a member given back, or one that was made.
 */
export class Pool<T> {
  readonly #options: PoolOptions<T>;
  readonly #members: PoolMembers<T>;
  readonly #idle: IdleMembers<T>;
  readonly #waiters = new PoolWaiters<T>();
  readonly #maxWaiting: number;
  readonly #timeoutMs: number;

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with. */
  constructor(options: PoolOptions<T>) {
    checkPoolOptions(options, POOL_RULES);
    this.#options = options;
    this.#members = new PoolMembers(options);
    this.#idle = new IdleMembers(this.#members);
    this.#maxWaiting = options.maxWaiting ?? WAITER_DEFAULTS.maxWaiting;
    this.#timeoutMs = options.timeoutMs ?? WAITER_DEFAULTS.timeoutMs;
  }

  /** Members, with those being made. */
  get size(): number {
    return this.#members.size;
  }

  /** Members that nobody has borrowed. */
  get idle(): number {
    return this.#idle.size;
  }

  /** Borrowers without a member yet. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * A member for the caller alone, until it is given back or discarded. Rejects with what `create` failed with, with
   * ERR_MEMCACHE_OVERLOADED when too many wait, ERR_MEMCACHE_TIMEOUT, ERR_MEMCACHE_ABORTED, ERR_MEMCACHE_CLOSED, or
   * ERR_MEMCACHE_OPTION.
   */
  borrow(options: BorrowOptions = {}): Promise<T> {
    const { timeoutMs = this.#timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      checkBorrow(timeoutMs, signal);
      if (this.#members.closed) throw poolClosed();
      if (signal?.aborted === true) throw aborted(signal.reason);
      const member = this.#takeIdle();
      if (member !== undefined) {
        resolve(member.item);
        return;
      }
      if (this.#full && this.#waiters.size - this.#members.making >= this.#maxWaiting)
        throw overloaded(this.#maxWaiting);
      const waiter = { deadline: performance.now() + timeoutMs, signal, resolve, reject };
      this.#waiters.add(waiter);
      this.#makeMissing();
      this.#waiters.mind(waiter);
    });
  }

  /** Throws IllegalInputError (ERR_MEMCACHE_VALUE) for what is not borrowed: given back twice, it would be lent twice. */
  giveBack(item: T): void {
    const member = this.#borrowed(item);
    member.inUse = false;
    member.usedAt = performance.now();
    if (this.#members.closed || this.#members.isDue(member) || !this.#isValid(member))
      this.#remove(member);
    else this.#offer(member);
  }

  /** Destroys a borrowed member. Throws as `giveBack` does. */
  discard(item: T): void {
    this.#remove(this.#borrowed(item));
  }

  /**
   * Borrows a member for a task and gives it back. When the task fails the member is discarded, for nobody knows what
   * was left undone; but not for an IllegalInputError, which is raised before a member is touched. Rejects as `borrow`
   * and the task do.
   */
  async use<R>(task: (item: T) => R | PromiseLike<R>, options?: BorrowOptions): Promise<R> {
    const item = await this.borrow(options);
    let sound = false;
    try {
      const result = await task(item);
      sound = true;
      return result;
    } catch (error) {
      sound = error instanceof IllegalInputError;
      throw error;
    } finally {
      // The task may have discarded it.
      if (this.#members.get(item)?.inUse === true) {
        if (sound) this.giveBack(item);
        else this.discard(item);
      }
    }
  }

  /**
   * Lends no more: those who wait are rejected with ERR_MEMCACHE_CLOSED, idle members are destroyed at once, borrowed
   * ones when they are given back. Resolves when the last member is gone.
   */
  close(): Promise<void> {
    const gone = this.#members.close();
    this.#waiters.rejectAll(poolClosed);
    this.#idle.end();
    return gone;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #full(): boolean {
    return this.#members.size >= this.#members.max;
  }

  #borrowed(item: T): Member<T> {
    const member = this.#members.get(item);
    if (member?.inUse === true) return member;
    const message = 'only a member that is borrowed can be given back or discarded';
    throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
  }

  #takeIdle(): Member<T> | undefined {
    for (let member = this.#idle.take(); member !== undefined; member = this.#idle.take()) {
      member.inUse = true;
      if (this.#isValid(member)) return member;
      this.#members.remove(member);
    }
    return undefined;
  }

  #isValid({ item }: Member<T>): boolean {
    try {
      return this.#options.validate?.(item) ?? true;
    } catch {
      return false;
    }
  }

  #offer(member: Member<T>): void {
    member.inUse = this.#waiters.serve(member.item);
    if (!member.inUse) this.#idle.add(member);
  }

  #remove(member: Member<T>): void {
    this.#members.remove(member);
    this.#makeMissing();
  }

  #makeMissing(): void {
    while (!this.#full && this.#waiters.size > this.#members.making) this.#make();
  }

  #make(): void {
    this.#members.make();
    try {
      const item = this.#options.create();
      if (isPromise(item)) this.#awaitMade(item);
      else this.#made(item);
    } catch (error) {
      this.#notMade(error);
    }
  }

  #awaitMade(making: PromiseLike<T>): void {
    making.then(
      (item) => {
        this.#made(item);
        this.#makeMissing();
      },
      (error: unknown) => {
        this.#notMade(error);
        this.#makeMissing();
      },
    );
  }

  #made(item: T): void {
    let member: Member<T>;
    try {
      member = this.#members.made(item);
    } catch (error) {
      this.#rejectOldest(error);
      return;
    }
    if (this.#members.closed) this.#members.remove(member);
    else this.#offer(member);
  }

  #notMade(error: unknown): void {
    this.#members.failed();
    this.#rejectOldest(error);
  }

  /** Nobody is told of a failure while every borrower still has a member on the way. */
  #rejectOldest(error: unknown): void {
    if (this.#waiters.size > this.#members.making) this.#waiters.rejectOldest(error);
  }
}

function isPromise<T>(made: T | PromiseLike<T>): made is PromiseLike<T> {
  return typeof (made as Partial<PromiseLike<T>> | null)?.then === 'function';
}
