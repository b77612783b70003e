import { IllegalInputError, MemcacheConnectionError, type MemcacheError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { MEMBER_DEFAULTS, type MemberOptions } from './options.ts';

/** What a pool knows of one item of its own. Times are milliseconds of the monotonic clock. */
export interface Member<T> {
  readonly item: T;
  /** From then on it is not handed out any more. */
  retiresAt: number;
  /** Borrowed; or, where members are shared, picked since the pool last looked. */
  inUse: boolean;
  /** When it was last seen in use. */
  usedAt: number;
}

/** A lifetime made up to a tenth longer or shorter; `chance` is from 0 to 1. */
export function spread(lifetimeMs: number, chance: number): number {
  return lifetimeMs * (0.9 + 0.2 * chance);
}

/** The items of a pool from when they are made to when they are destroyed. */
export class PoolMembers<T> {
  /** May change. */
  max: number;
  readonly idleTimeoutMs: number;
  readonly lifetimeMs: number;
  readonly #destroy: MemberOptions<T>['destroy'];
  readonly #members = new Map<T, Member<T>>();
  #making = 0;
  #ending = 0;
  #closing: Promise<void> | undefined;
  #gone: () => void = () => {};

  constructor(options: MemberOptions<T>) {
    this.max = options.max ?? MEMBER_DEFAULTS.max;
    this.idleTimeoutMs = options.idleTimeoutMs ?? MEMBER_DEFAULTS.idleTimeoutMs;
    this.lifetimeMs = options.lifetimeMs ?? MEMBER_DEFAULTS.lifetimeMs;
    this.#destroy = (item) => options.destroy(item);
  }

  /** Members, with those being made. */
  get size(): number {
    return this.#members.size + this.#making;
  }

  get making(): number {
    return this.#making;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  get(item: T): Member<T> | undefined {
    return this.#members.get(item);
  }

  all(): Iterable<Member<T>> {
    return this.#members.values();
  }

  /** The place of an item that is being made. It is given up by `made` or `failed`. */
  make(): void {
    this.#making++;
  }

  /** Throws IllegalInputError (ERR_MEMCACHE_VALUE) for what cannot be told from a member there is. */
  made(item: T): Member<T> {
    const told = (typeof item === 'object' && item !== null) || typeof item === 'function';
    if (!told || this.#members.has(item)) {
      this.failed();
      const what = told ? 'a member it has already' : kindOf(item);
      const message = `create of a pool must make a new object or function each time; got ${what}`;
      throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
    }
    this.#making--;
    const usedAt = performance.now();
    const life = this.lifetimeMs === 0 ? Infinity : spread(this.lifetimeMs, Math.random());
    const member = { item, retiresAt: usedAt + life, inUse: false, usedAt };
    this.#members.set(item, member);
    return member;
  }

  /** When a member that is not used meanwhile is to go; Infinity for never. */
  endOf({ usedAt, retiresAt }: Member<T>): number {
    return this.idleTimeoutMs === 0 ? retiresAt : Math.min(retiresAt, usedAt + this.idleTimeoutMs);
  }

  isDue(member: Member<T>): boolean {
    const end = this.endOf(member);
    return end !== Infinity && end <= performance.now();
  }

  failed(): void {
    this.#making--;
    this.#lookWhetherGone();
  }

  remove(member: Member<T>): void {
    this.#members.delete(member.item);
    this.#ending++;
    const ended = (): void => {
      this.#ending--;
      this.#lookWhetherGone();
    };
    try {
      Promise.resolve(this.#destroy(member.item)).then(ended, ended);
    } catch {
      ended();
    }
  }

  /** Resolves when nothing is left, and nothing being made or destroyed. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#gone = resolve;
    });
    this.#lookWhetherGone();
    return this.#closing;
  }

  #lookWhetherGone(): void {
    if (this.size + this.#ending === 0) this.#gone();
  }
}

export function poolClosed(): MemcacheError {
  return new MemcacheConnectionError('ERR_MEMCACHE_CLOSED', 'the pool is closed');
}
