import type { Codec } from '../codec/codec.ts';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { Ttl } from '../protocol/ttl.ts';

/** What every call may be given. */
export interface CallOptions {
  /** Gives the call up when aborted: it rejects with ERR_MEMCACHE_ABORTED, whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the call until its promise settles; above 0. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Places the operation by this key instead of its own. Without effect on one server. */
  readonly routeBy?: string | Uint8Array | undefined;
}

export interface ReadOptions extends CallOptions {
  /** A failed read rejects, or is answered as a miss. Default: the client's `onError`. */
  readonly onError?: 'throw' | 'miss' | undefined;
  /** 'bulk' says that the value is large: it is read where it delays no small ones. */
  readonly lane?: 'bulk' | undefined;
  /** Reads the value with this codec instead of the client's. */
  readonly codec?: Codec | undefined;
}

export interface StoreOptions extends CallOptions {
  /** Whole seconds, 0 for no expiry, negative for already expired, or the Date it ends. Default: the client's `ttl`. */
  readonly ttl?: Ttl | undefined;
  /** Writes the value with this codec instead of the client's. */
  readonly codec?: Codec | undefined;
}

export interface CountOptions extends CallOptions {
  /** What a missing counter starts with, before the first delta is added to it. Default: it stays missing. */
  readonly initial?: number | bigint | undefined;
  /** How long a counter made of `initial` lives. Default: the client's `ttl`. */
  readonly ttl?: Ttl | undefined;
}

/** Every name a call's options may have, and what it may be. */
interface Rule {
  legal(value: unknown): boolean;
  readonly what: string;
}

const ALLOWED: Readonly<Partial<Record<string, Rule>>> = {
  signal: { legal: (value) => value instanceof AbortSignal, what: 'an AbortSignal' },
  timeoutMs: {
    legal: (value) => typeof value === 'number' && value > 0 && value <= 2_147_483_647,
    what: 'a number of milliseconds above 0',
  },
  routeBy: {
    legal: (value) => typeof value === 'string' || value instanceof Uint8Array,
    what: 'a key: a string or a Uint8Array',
  },
  onError: { legal: (value) => value === 'throw' || value === 'miss', what: "'throw' or 'miss'" },
  lane: { legal: (value) => value === 'bulk', what: "'bulk'" },
  codec: {
    legal: (value) => isCodec(value),
    what: 'a codec: an object with the functions encode and decode',
  },
  ttl: {
    legal: (value) => typeof value === 'number' || value instanceof Date,
    what: 'whole seconds or a Date',
  },
  initial: {
    legal: (value) =>
      typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)),
    what: 'a whole number',
  },
};

/**
 * Refuses names and values a call does not know.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option, the value's kind and what is allowed.
 */
export function checkCall(options: unknown, verb: string): void {
  if (typeof options !== 'object' || options === null) {
    throw refusal(`the options of ${verb} must be an object, not ${kindOf(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(ALLOWED, name) ? ALLOWED[name] : undefined;
    if (rule === undefined) {
      throw refusal(
        `unknown option '${name}' of ${verb}: allowed are ${Object.keys(ALLOWED).join(', ')}`,
      );
    }
    if (value !== undefined && !rule.legal(value)) {
      throw refusal(`option '${name}' of ${verb} must be ${rule.what}, not ${kindOf(value)}`);
    }
  }
}

function isCodec(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { encode, decode } = value as Partial<Codec>;
  return typeof encode === 'function' && typeof decode === 'function';
}

const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
