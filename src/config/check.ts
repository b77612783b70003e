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
  /** What of it JSON can express, as a JSON Schema (draft-07); absent where that is nothing. */
  readonly schema?: Schema;
}

/** Part of a JSON Schema. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
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
  return numeric('an integer', range, 'integer');
}

export function decimal(range: Range): Rule {
  return numeric('a number', range, 'number');
}

function numeric(
  noun: string,
  { min, max = Number.MAX_SAFE_INTEGER, unit, zero }: Range,
  type: 'integer' | 'number',
): Rule {
  const fits = type === 'integer' ? Number.isSafeInteger : Number.isFinite;
  const schema = { type, minimum: min, maximum: max };
  const upTo = max === Number.MAX_SAFE_INTEGER ? `${min} up` : `${min} to ${max}`;
  const off = zero === undefined ? '' : `, or 0 for ${zero}`;
  return {
    allowed: `${noun}${unit === undefined ? '' : ` of ${unit}`} from ${upTo}${off}`,
    accepts: (value) =>
      fits(value) &&
      (((value as number) >= min && (value as number) <= max) ||
        (zero !== undefined && value === 0)),
    fromText: (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text),
    schema: zero === undefined ? schema : { anyOf: [schema, { enum: [0] }] },
  };
}

export function oneOf(...words: readonly string[]): Rule {
  return {
    allowed: words.map((word) => `'${word}'`).join(' or '),
    accepts: (value) => words.includes(value as string),
    fromText: (text) => text,
    schema: { enum: words },
  };
}

export const boolean: Rule = {
  allowed: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  schema: { type: 'boolean' },
};

export const text: Rule = {
  allowed: 'a string',
  accepts: (value) => typeof value === 'string',
  fromText: (given) => given,
  schema: { type: 'string' },
};

export const bytes: Rule = { allowed: 'bytes', accepts: (value) => value instanceof Uint8Array };

export const callable: Rule = {
  allowed: 'a function',
  accepts: (value) => typeof value === 'function',
};

export const object: Rule = {
  allowed: 'an object',
  accepts: isObject,
  schema: { type: 'object' },
};

export const list: Rule = {
  allowed: 'a list',
  accepts: Array.isArray,
  schema: { type: 'array' },
};

/** A list that reads as text with commas between. */
export const words: Rule = {
  allowed: 'a list of strings',
  accepts: (value) => Array.isArray(value) && value.every((word) => typeof word === 'string'),
  schema: { type: 'array', items: { type: 'string' } },
  fromText: (given) => given.split(',').map((word) => word.trim()),
};

/** Text is taken by the first rule that accepts what it stands for. */
export function either(...rules: readonly Rule[]): Rule {
  const readers = rules.filter((rule) => rule.fromText !== undefined);
  const accepts = (value: unknown): boolean => rules.some((rule) => rule.accepts(value));
  const schemas = rules.flatMap(({ schema }) => schema ?? []);
  const united = {
    allowed: rules.map((each) => each.allowed).join(' or '),
    accepts,
    ...(schemas.length > 0 && { schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas } }),
  };
  if (readers.length === 0) return united;
  const fromText = (given: string): unknown =>
    readers.map((rule) => rule.fromText?.(given)).find(accepts) ?? given;
  return { ...united, fromText };
}

export function notInText(rule: Rule): Rule {
  const { allowed, accepts, schema } = rule;
  return { allowed, accepts, ...(schema !== undefined && { schema }) };
}

export function group(parts: Rules): Rule {
  const schemas = Object.entries(parts).flatMap(([name, { schema }]) =>
    schema === undefined ? [] : [[name, schema] as const],
  );
  return {
    allowed: `an object of ${Object.keys(parts).join(', ')}`,
    accepts: isObject,
    parts,
    schema: {
      type: 'object',
      properties: Object.fromEntries(schemas),
      additionalProperties: false,
    },
  };
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
