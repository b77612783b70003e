import { IllegalInputError } from '../errors.ts';
import { MAX_RELATIVE_SECONDS } from '../protocol/ttl.ts';
import { ALLOWED, type CallRule, type CallRules, checkCall } from './call-options.ts';
import { isCasToken } from './cas-token.ts';
import type { MetaFact } from './meta-options.ts';

const LARGEST_FLAGS = 4_294_967_295;
const FACTS: readonly MetaFact[] = [
  'value',
  'size',
  'cas',
  'flags',
  'ttl',
  'lastAccess',
  'hitBefore',
];

const pick = (...names: readonly string[]): CallRules =>
  Object.fromEntries(names.map((name) => [name, ALLOWED[name]]));

const oneOf = (...words: readonly string[]): CallRule => ({
  legal: (value) => words.includes(value as string),
  what: words.map((word) => `'${word}'`).join(' or '),
});

const flag: CallRule = { legal: (value) => typeof value === 'boolean', what: 'true or false' };
const ttl: CallRule = {
  legal: (value) => typeof value === 'number' || value instanceof Date,
  what: 'whole seconds or a Date',
};
const seconds: CallRule = {
  legal: (value) => isWhole(value, MAX_RELATIVE_SECONDS) && value > 0,
  what: `whole seconds from 1 to ${MAX_RELATIVE_SECONDS}`,
};
const whole: CallRule = {
  legal: (value) => typeof value === 'bigint' || isWhole(value, Number.MAX_SAFE_INTEGER),
  what: 'a whole number from 0',
};
const token: CallRule = {
  legal: (value) => isCasToken(value) && BigInt(value) > 0n,
  what: 'a cas token other than 0',
};
const newCas: CallRule = {
  legal: (value) => token.legal(typeof value === 'bigint' ? String(value) : value),
  what: 'a number of 64 bits above 0, as a bigint or as text of its digits',
};
const opaque: CallRule = {
  legal: (value) => isWord(value, 31),
  what: 'text of 1 to 31 characters of 0x21-0x7e',
};
const proxy: CallRule = {
  legal: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).every((name) => name === 'P' || name === 'L') &&
    isHint((value as Hints).P) &&
    isHint((value as Hints).L),
  what: 'an object with P and L, texts of 1 to 200 characters of 0x21-0x7e',
};

/** Read by name: what an object inherits is sent as well. */
type Hints = Readonly<Partial<Record<'P' | 'L', unknown>>>;

const isHint = (hint: unknown): boolean => hint === undefined || isWord(hint, LONGEST_HINT);

/** Both of them, an opaque and the longest key leave a line far below 2 KiB. */
const LONGEST_HINT = 200;

function isWord(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length <= longest && /^[\x21-\x7e]+$/.test(value);
}

function isWhole(value: unknown, largest: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= largest;
}

const CALL = pick('signal', 'timeoutMs', 'routeBy');
const MARKS: CallRules = { ...CALL, opaque, proxy };
const READ: CallRules = {
  ...CALL,
  ...pick('onError', 'lane', 'codec'),
  touch: ttl,
  vivify: seconds,
  recache: seconds,
  bump: flag,
  unlessCas: token,
  newCas,
};

const RULES: Readonly<Record<MetaVerb, CallRules>> = {
  inspect: { ...READ, value: flag },
  inspectMany: { ...READ, value: flag },
  'meta.get': {
    ...READ,
    ...MARKS,
    facts: {
      legal: (value) => Array.isArray(value) && value.every((fact) => isFact(fact)),
      what: `an array of ${FACTS.map((fact) => `'${fact}'`).join(', ')}`,
    },
  },
  'meta.set': {
    ...MARKS,
    ...pick('ttl', 'codec'),
    mode: oneOf('set', 'add', 'append', 'prepend', 'replace'),
    cas: token,
    invalidate: flag,
    vivify: ttl,
    newCas,
    flags: {
      legal: (value) => isWhole(value, LARGEST_FLAGS),
      what: `a whole number from 0 to ${LARGEST_FLAGS}`,
    },
    returnCas: flag,
    returnSize: flag,
  },
  'meta.delete': { ...MARKS, cas: token, invalidate: flag, keepItem: flag, ttl, newCas },
  'meta.arithmetic': {
    ...MARKS,
    mode: oneOf('incr', 'decr'),
    delta: whole,
    vivify: ttl,
    initial: whole,
    ttl,
    cas: token,
    newCas,
  },
  'meta.debug': CALL,
};

const isFact = (value: unknown): boolean => (FACTS as readonly unknown[]).includes(value);

export type MetaVerb =
  | 'inspect'
  | 'inspectMany'
  | 'meta.get'
  | 'meta.set'
  | 'meta.delete'
  | 'meta.arithmetic'
  | 'meta.debug';

/**
 * Refuses names and values a meta command does not know.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option, the value's kind and what is allowed.
 */
export function checkMetaCall(options: unknown, verb: MetaVerb): void {
  checkCall(options, verb, RULES[verb]);
}

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) where an option is given that has no effect by itself. */
export function needs(
  verb: MetaVerb,
  options: object,
  option: string,
  others: readonly string[],
): void {
  const values = options as Readonly<Record<string, unknown>>;
  const given = (name: string): boolean => values[name] !== undefined && values[name] !== false;
  if (!given(option) || others.some((name) => given(name))) return;
  const what = others.map((name) => `'${name}'`).join(' or ');
  throw refusal(`option '${option}' of ${verb} has no effect without ${what}`);
}

export const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
