import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';

/** How long the members of a pool live, and how many there may be. */
export interface MemberOptions<T> {
  /**
   * Lets go of a member. Called once for each, with nobody using it any more. What it throws or rejects with is
   * ignored: the member is gone either way.
   */
  destroy(item: T): void | PromiseLike<void>;
  /** Members at most, those being made included. Default 10; from 1, or Infinity. */
  readonly max?: number | undefined;
  /** Milliseconds without use after which a member is destroyed. Default 0: never. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Milliseconds after which a member is destroyed as soon as it is free. Each gets a tenth more or less, so that
   * those made together do not go together. Default 0: never.
   */
  readonly lifetimeMs?: number | undefined;
}

export interface PoolOptions<T> extends MemberOptions<T> {
  /** Makes a member, an object or function that is no member yet. What it fails with rejects the longest waiting borrower. */
  create(): T | PromiseLike<T>;
  /**
   * Borrowers that may wait for a member when there are `max`; one more is refused with ERR_MEMCACHE_OVERLOADED.
   * Default 10 000; from 0, or Infinity.
   */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds a borrower waits, also for a member that is being made. Default 1000, from 1. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether a member may be handed out again; asked each time. One that may not, or for which it throws, is destroyed.
   * Default: always.
   */
  readonly validate?: ((item: T) => boolean) | undefined;
}

export interface SharedPoolOptions<T> extends MemberOptions<T> {
  /** Makes a member, an object or function that is no member yet. What it throws is thrown by `pick`. */
  create(): T;
  /** How much a member has to do; 0 for nothing. */
  load(item: T): number;
}

export const MEMBER_DEFAULTS = { max: 10, idleTimeoutMs: 0, lifetimeMs: 0 };

/** Waiting costs memory and time; a cache that takes longer than a second is no help. */
export const WAITER_DEFAULTS = { maxWaiting: 10_000, timeoutMs: 1000 };

interface Rule {
  readonly allowed: string;
  readonly required?: boolean;
  readonly accepts: (value: unknown) => boolean;
}

/** A timer of Node's takes no longer, and a lifetime may be stretched by a tenth. */
const LONGEST_MS = 1_900_000_000;

const isWhole = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least;

const count = (least: number): Rule => ({
  allowed: `an integer from ${least}, or Infinity`,
  accepts: (value) => value === Infinity || isWhole(value, least),
});

const milliseconds = (least: number): Rule => ({
  allowed: `an integer of milliseconds from ${least} to ${LONGEST_MS}`,
  accepts: (value) => isWhole(value, least) && (value as number) <= LONGEST_MS,
});

const callable = (required: boolean): Rule => ({
  allowed: 'a function',
  required,
  accepts: (value) => typeof value === 'function',
});

const MEMBER_RULES = {
  create: callable(true),
  destroy: callable(true),
  max: count(1),
  idleTimeoutMs: milliseconds(0),
  lifetimeMs: milliseconds(0),
};

export const POOL_RULES: Readonly<Record<keyof PoolOptions<unknown>, Rule>> = {
  ...MEMBER_RULES,
  maxWaiting: count(0),
  timeoutMs: milliseconds(1),
  validate: callable(false),
};

export const SHARED_POOL_RULES: Readonly<Record<keyof SharedPoolOptions<unknown>, Rule>> = {
  ...MEMBER_RULES,
  load: callable(true),
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) at the first option that is missing, unknown or not as its rule says. */
export function checkPoolOptions(options: unknown, rules: Readonly<Record<string, Rule>>): void {
  if (typeof options !== 'object' || options === null)
    throw refusal(`a pool is made from an object of options; got ${kindOf(options)}`);
  for (const name of Object.keys(options))
    if (!Object.hasOwn(rules, name)) throw refusal(`unknown option '${name}' of a pool`);
  for (const [name, { allowed, required, accepts }] of Object.entries(rules)) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined && required !== true) continue;
    if (!accepts(value))
      throw refusal(`option '${name}' of a pool must be ${allowed}; got ${kindOf(value)}`);
  }
}

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what `borrow` cannot work with. */
export function checkBorrow(timeoutMs: unknown, signal: unknown): void {
  const { allowed, accepts } = POOL_RULES.timeoutMs;
  if (!accepts(timeoutMs))
    throw refusal(`option 'timeoutMs' of borrow must be ${allowed}; got ${kindOf(timeoutMs)}`);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw refusal(`option 'signal' of borrow must be an AbortSignal; got ${kindOf(signal)}`);
}

const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
