import { CODEC_FORMS, type CodecOption, isCodecOption } from '../codec/codec-options.ts';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { isCasToken } from './cas-token.ts';
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
  /** Reads the value with this codec instead of the client's: a name, or one of the user's own in any of its forms. */
  readonly codec?: CodecOption | undefined;
}

/** What a call that changes an item may be given. */
export interface ChangeOptions<N extends boolean = boolean> extends CallOptions {
  /**
   * True resolves with undefined as soon as the command has been handed to the socket: whether it was carried out is
   * not asked. It rejects only where that cannot be. Bytes over 16 KiB are not copied: their call resolves when the
   * socket has let go of them. While half of `maxQueued` waits for answers, it resolves with the server's. Default
   * false.
   */
  readonly noreply?: N | undefined;
}

/** What a change is answered with: undefined where it is made with `noreply`. */
export type Answered<N extends boolean, A> = N extends true ? undefined : A;

export interface DeleteOptions<N extends boolean = boolean> extends ChangeOptions<N> {
  /** Removes only the item with this token. Needs memcached 1.6.10, and no `noreply`. Default: any. */
  readonly cas?: string | undefined;
}

export interface StoreOptions<N extends boolean = boolean> extends ChangeOptions<N> {
  /** Whole seconds, 0 for no expiry, negative for already expired, or the Date it ends. Default: the client's `ttl`. */
  readonly ttl?: Ttl | undefined;
  /** Writes the value with this codec instead of the client's. */
  readonly codec?: CodecOption | undefined;
}

export interface CountOptions<N extends boolean = boolean> extends ChangeOptions<N> {
  /** A delta below 0 counts the other way: `incr` by −3 is `decr` by 3. Default false: it is refused. */
  readonly signed?: boolean | undefined;
  /** What a missing counter starts with, before the first delta is added to it. Default: it stays missing. */
  readonly initial?: number | bigint | undefined;
  /** How long a counter made of `initial` lives. Default: the client's `ttl`. */
  readonly ttl?: Ttl | undefined;
}

/** What a call's option may be. */
export interface CallRule {
  legal(value: unknown): boolean;
  readonly what: string;
}

export type CallRules = Readonly<Partial<Record<string, CallRule>>>;

/** The options of a call that is about no key. */
export const ANY_CALL: CallRules = {
  signal: { legal: (value) => value instanceof AbortSignal, what: 'an AbortSignal' },
  timeoutMs: {
    legal: (value) => typeof value === 'number' && value > 0 && value <= 2_147_483_647,
    what: 'a number of milliseconds above 0',
  },
};

/** Every name the options of most calls may have. */
export const ALLOWED: CallRules = {
  ...ANY_CALL,
  routeBy: {
    legal: (value) => typeof value === 'string' || value instanceof Uint8Array,
    what: 'a key: a string or a Uint8Array',
  },
  onError: { legal: (value) => value === 'throw' || value === 'miss', what: "'throw' or 'miss'" },
  lane: { legal: (value) => value === 'bulk', what: "'bulk'" },
  codec: {
    legal: isCodecOption,
    what: CODEC_FORMS,
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

const YES_OR_NO: CallRule = { legal: (value) => typeof value === 'boolean', what: 'true or false' };

const CHANGES: CallRules = { ...ALLOWED, noreply: YES_OR_NO };
const COUNTS: CallRules = { ...CHANGES, signed: YES_OR_NO };
/** The item keeps its ttl, and what is added to it goes out as it is. */
const APPENDS: CallRules = { ...ANY_CALL, routeBy: ALLOWED['routeBy'], noreply: YES_OR_NO };

const BY_VERB: ReadonlyMap<string, CallRules> = new Map([
  ...['set', 'setMany', 'add', 'replace'].map((verb) => [verb, CHANGES] as const),
  ['delete', { ...CHANGES, cas: { legal: isCasToken, what: 'a cas token as gets answers it' } }],
  ...['deleteMany', 'touch'].map((verb) => [verb, CHANGES] as const),
  ...['append', 'prepend'].map((verb) => [verb, APPENDS] as const),
  ...['incr', 'decr'].map((verb) => [verb, COUNTS] as const),
]);

/**
 * Refuses names and values a call does not know; `rules` are those of a call that takes other options.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option, the value's kind and what is allowed.
 */
export function checkCall(
  options: unknown,
  verb: string,
  rules: CallRules = BY_VERB.get(verb) ?? ALLOWED,
): void {
  if (typeof options !== 'object' || options === null) {
    throw refusal(`the options of ${verb} must be an object, not ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(rules, name)) continue;
    const allowed = Object.keys(rules).join(', ');
    throw refusal(`unknown option '${name}' of ${verb}: allowed are ${allowed}`);
  }
  // By the rules' names: an option that the object inherits counts, too.
  const values = options as Readonly<Record<string, unknown>>;
  for (const name in rules) {
    const value = values[name];
    const rule = rules[name];
    if (value !== undefined && rule?.legal(value) === false) {
      throw refusal(`option '${name}' of ${verb} must be ${rule.what}, not ${kindOf(value)}`);
    }
  }
}

const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
