import { check, illegalOption, integer, object, type Rule } from '../config/check.ts';
import { LONGEST_MS } from '../config/rules.ts';
import { IllegalInputError, ManyError, MemcacheError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { onAbort } from '../primitives/on-abort.ts';
import { aborted } from '../client/abort-watch.ts';

/** What an error may be told by: its class, or its code, such as `ERR_MEMCACHE_TIMEOUT` or `ECONNRESET`. */
export type ErrorFilter = string | (abstract new (...given: never[]) => Error);

/** When a failed call is made again. */
export interface RetryPolicy {
  /** Tries in all, the first one included. Default 2, from 1. */
  readonly attempts?: number | undefined;
  /** Milliseconds between two tries. Default 0: at once. */
  readonly delayMs?: number | undefined;
  /** Only these failures are tried again. Default: all that `doNotRetryFor` does not name. */
  readonly retryFor?: Iterable<ErrorFilter> | undefined;
  /** These are not, also where `retryFor` says they are. Default: none. */
  readonly doNotRetryFor?: Iterable<ErrorFilter> | undefined;
}

const filters: Rule = {
  allowed: 'an array or a Set of error classes and codes',
  accepts: (value) => Array.isArray(value) || value instanceof Set,
};

const RULES: Readonly<Record<keyof RetryPolicy, Rule>> = {
  attempts: integer({ min: 1 }),
  delayMs: integer({ min: 0, max: LONGEST_MS, unit: 'milliseconds' }),
  retryFor: filters,
  doNotRetryFor: filters,
};

/** A failure that another try cannot mend: it is tried again only where `retryFor` names just this. */
const LASTING: readonly ErrorFilter[] = [
  IllegalInputError,
  'ERR_MEMCACHE_CLOSED',
  'ERR_MEMCACHE_ABORTED',
];

/**
 * The same client, but a call whose promise is rejected is made again, as pymemcache's RetryingClient does for its own.
 * The client may be any object with asynchronous methods. What else it has stays as it is: properties, and methods
 * that answer no promise. A method that answers its client answers the retrying one.
 *
 * An IllegalInputError, ERR_MEMCACHE_CLOSED and ERR_MEMCACHE_ABORTED are final unless `retryFor` names that class or
 * code itself. A ManyError is judged by the failures it holds as well: one that is to be tried again lets the whole
 * call be made again, one that is not forbids it. Each try has the whole `timeoutMs` of the call. A `signal` in the
 * call's last argument ends the wait for the next try with ERR_MEMCACHE_ABORTED.
 *
 * A call that is given a function, such as the loader of `fetch`, is made again for a MemcacheError, or for what
 * `retryFor` names: anything else is the function's own failure. When a call is made again, so may be the load.
 *
 * What answers no promise is not tried again: the loop over `keys`, and what `namespace` and `meta` are. Of these two
 * a retrying one is `withRetry(cache.namespace('user'))`.
 *
 * Takes no account of whether a try that failed had an effect: an incr with an error of `sent: 'maybe'` may count
 * twice.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with.
 */
export function withRetry<C extends object>(client: C, policy: RetryPolicy = {}): C {
  const given: unknown = client;
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null)
    throw refusal(`withRetry takes a client, an object with methods; got ${kindOf(given)}`);
  if (!object.accepts(policy))
    throw refusal(`the policy of withRetry must be an object; got ${kindOf(policy)}`);
  return new Retrying(client, policy).proxy;
}

type Method = (...given: unknown[]) => unknown;

/** A client behind a proxy that makes failed calls again. */
class Retrying<C extends object> {
  readonly proxy: C;
  readonly #client: C;
  readonly #attempts: number;
  readonly #delayMs: number;
  readonly #retryFor: readonly ErrorFilter[];
  readonly #doNotRetryFor: readonly ErrorFilter[];
  /** What of `retryFor` is meant even for a lasting failure. */
  readonly #named: readonly ErrorFilter[];
  /** A method stays the same function each time it is asked for. */
  readonly #methods = new WeakMap<Method, Method>();

  constructor(client: C, policy: RetryPolicy) {
    check(policy, RULES);
    this.#client = client;
    this.#attempts = policy.attempts ?? 2;
    this.#delayMs = policy.delayMs ?? 0;
    this.#retryFor = filtersOf('retryFor', policy.retryFor);
    this.#doNotRetryFor = filtersOf('doNotRetryFor', policy.doNotRetryFor);
    this.#named = this.#retryFor.filter(
      (filter) => typeof filter === 'string' || filter === IllegalInputError,
    );
    const twice = this.#retryFor.find((filter) => this.#doNotRetryFor.includes(filter));
    if (twice !== undefined) {
      const name = typeof twice === 'string' ? twice : twice.name;
      throw illegalOption('doNotRetryFor', `names ${name}, which 'retryFor' names too`);
    }
    // Not a proxy of the client itself: what is frozen may not be shown as something else.
    this.proxy = new Proxy(Object.create(Object.getPrototypeOf(client) as object | null) as C, {
      get: (_, name) => this.#property(name),
      set: (_, name, value) => Reflect.set(client, name, value, client),
      has: (_, name) => Reflect.has(client, name),
      deleteProperty: (_, name) => Reflect.deleteProperty(client, name),
      ownKeys: () => Reflect.ownKeys(client),
      getOwnPropertyDescriptor: (_, name) => this.#descriptor(name),
    });
  }

  /** Private fields are the client's own, so the client is `this` in all it has. */
  #property(name: PropertyKey): unknown {
    const value: unknown = Reflect.get(this.#client, name, this.#client);
    if (typeof value !== 'function' || name === 'constructor') return value;
    const method = value as Method;
    const known = this.#methods.get(method);
    if (known !== undefined) return known;
    const retrying: Method = (...given) => this.#call(method, given);
    this.#methods.set(method, retrying);
    return retrying;
  }

  #descriptor(name: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.#client, name);
    if (descriptor === undefined) return undefined;
    const { enumerable = false } = descriptor;
    return { value: this.#property(name), enumerable, configurable: true, writable: true };
  }

  #call(method: Method, given: unknown[]): unknown {
    const answer = method.apply(this.#client, given);
    if (answer === this.#client) return this.proxy;
    return isPromise(answer) ? this.#retry(answer, method, given) : answer;
  }

  async #retry(first: PromiseLike<unknown>, method: Method, given: unknown[]): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (attempt === 1 ? first : method.apply(this.#client, given));
      } catch (error) {
        const signal = signalOf(given);
        if (attempt >= this.#attempts || signal?.aborted === true || !this.#allows(error, given))
          throw error;
        if (this.#delayMs > 0) await pause(this.#delayMs, signal, error);
      }
    }
  }

  #allows(error: unknown, given: readonly unknown[]): boolean {
    const errors = error instanceof ManyError ? [error, ...error.errors.values()] : [error];
    const forbidden = errors.some(
      (each) =>
        matches(each, this.#doNotRetryFor) ||
        (matches(each, LASTING) && !matches(each, this.#named)),
    );
    if (forbidden) return false;
    if (this.#retryFor.length > 0) return errors.some((each) => matches(each, this.#retryFor));
    return error instanceof MemcacheError || !given.some((each) => typeof each === 'function');
  }
}

const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);

function filtersOf(
  name: 'retryFor' | 'doNotRetryFor',
  given: Iterable<ErrorFilter> | undefined,
): readonly ErrorFilter[] {
  const list: readonly unknown[] = [...(given ?? [])];
  const wrong = list.findIndex((filter) => !isFilter(filter));
  if (wrong !== -1) {
    const allowed = 'only error classes and codes such as ERR_MEMCACHE_TIMEOUT';
    throw illegalOption(name, `must hold ${allowed}; got ${kindOf(list[wrong])}`);
  }
  return list as readonly ErrorFilter[];
}

function isFilter(value: unknown): boolean {
  if (typeof value === 'string') return /^[A-Z][A-Z0-9_]*$/.test(value);
  return (
    typeof value === 'function' &&
    (value === Error || (value.prototype as unknown) instanceof Error)
  );
}

function matches(error: unknown, listed: readonly ErrorFilter[]): boolean {
  return listed.some((filter) =>
    typeof filter === 'string'
      ? (error as { code?: unknown } | null | undefined)?.code === filter
      : error instanceof filter,
  );
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

function signalOf(given: readonly unknown[]): AbortSignal | undefined {
  const last = given.at(-1);
  if (typeof last !== 'object' || last === null) return undefined;
  const { signal } = last as { signal?: unknown };
  return signal instanceof AbortSignal ? signal : undefined;
}

/** Rejects with ERR_MEMCACHE_ABORTED; `error` is what the wait comes after. */
function pause(ms: number, signal: AbortSignal | undefined, error: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    let forget = (): void => {};
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    if (signal === undefined) return;
    forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(aborted(signal.reason, error instanceof MemcacheError ? error.sent : 'maybe'));
    });
  });
}
