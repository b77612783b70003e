import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { nearest } from './nearest.ts';

/** What an option may be. */
export interface Rule {
  /** As it reads after "must be". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  /**
   * The value a text stands for, or the text itself if it stands for none; absent where text cannot
   * express it.
   */
  readonly fromText?: (text: string) => unknown;
  /** The rules of the parts of an option that is a group. */
  readonly parts?: Rules;
}

export type Rules = Readonly<Record<string, Rule>>;

interface Range {
  readonly min: number;
  readonly max?: number;
  readonly unit?: string;
  /** 0 is allowed below `min` and means this. */
  readonly zero?: string;
}

export function integer(range: Range): Rule {
  return numeric('an integer', range, Number.isSafeInteger);
}

export function decimal(range: Range): Rule {
  return numeric('a number', range, Number.isFinite);
}

function numeric(
  noun: string,
  { min, max = Number.MAX_SAFE_INTEGER, unit, zero }: Range,
  fits: (value: unknown) => boolean,
): Rule {
  const upTo = max === Number.MAX_SAFE_INTEGER ? `${min} up` : `${min} to ${max}`;
  const off = zero === undefined ? '' : `, or 0 for ${zero}`;
  return {
    allowed: `${noun}${unit === undefined ? '' : ` of ${unit}`} from ${upTo}${off}`,
    accepts: (value) =>
      fits(value) &&
      (((value as number) >= min && (value as number) <= max) ||
        (zero !== undefined && value === 0)),
    fromText: (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text),
  };
}

export function oneOf(...words: readonly string[]): Rule {
  return {
    allowed: words.map((word) => `'${word}'`).join(' or '),
    accepts: (value) => words.includes(value as string),
    fromText: (text) => text,
  };
}

export const boolean: Rule = {
  allowed: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

export const text: Rule = {
  allowed: 'a string',
  accepts: (value) => typeof value === 'string',
  fromText: (given) => given,
};

export const bytes: Rule = { allowed: 'bytes', accepts: (value) => value instanceof Uint8Array };

export const callable: Rule = {
  allowed: 'a function',
  accepts: (value) => typeof value === 'function',
};

export const object: Rule = { allowed: 'an object', accepts: isObject };

export const list: Rule = { allowed: 'a list', accepts: Array.isArray };

/** Text is taken by the first rule that accepts what it stands for. */
export function either(...rules: readonly Rule[]): Rule {
  const readers = rules.filter((rule) => rule.fromText !== undefined);
  const accepts = (value: unknown): boolean => rules.some((rule) => rule.accepts(value));
  const allowed = rules.map((rule) => rule.allowed).join(' or ');
  if (readers.length === 0) return { allowed, accepts };
  const fromText = (given: string): unknown =>
    readers.map((rule) => rule.fromText?.(given)).find(accepts) ?? given;
  return { allowed, accepts, fromText };
}

export function notInText(rule: Rule): Rule {
  return { allowed: rule.allowed, accepts: rule.accepts };
}

export function group(parts: Rules): Rule {
  return { allowed: `an object of ${Object.keys(parts).join(', ')}`, accepts: isObject, parts };
}

/**
 * Throws at the first option that is unknown or not as its rule says. An undefined option counts as
 * left out.
 */
export function check(options: object, rules: Rules, prefix = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const path = `${prefix}${name}`;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      const known = Object.keys(rules).map((other) => `${prefix}${other}`);
      throw unknownOption(path, known);
    }
    if (value === undefined) continue;
    if (!rule.accepts(value)) {
      throw illegalOption(path, `must be ${rule.allowed}; got ${kindOf(value)}`);
    }
    if (rule.parts !== undefined) check(value as object, rule.parts, `${path}.`);
  }
}

export function unknownOption(name: string, known: readonly string[]): IllegalInputError {
  const suggestion = nearest(name, known);
  const hint = suggestion === undefined ? '' : `: did you mean '${suggestion}'?`;
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `unknown option '${name}'${hint}`);
}

export function illegalOption(name: string, problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option '${name}' ${problem}`);
}

function isObject(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
