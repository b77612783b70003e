import { join } from 'node:path';
import type { Rule, Rules, Schema } from '../../src/config/check.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import { RULES } from '../../src/config/rules.ts';
import { ROOT } from './documents.ts';
import { type OptionType, readOptionTypes } from './option-types.ts';

/** Part of the schema that editors read. */
export interface OptionSchema extends Schema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly not?: object;
  readonly patternProperties?: Readonly<Record<string, OptionSchema>>;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
}

export const SCHEMA_FILE: string = join(ROOT, 'src/config/schema.json');

/** Defaults that depend on other options or on the machine. */
const COMPUTED: Readonly<Record<string, string>> = {
  stallTimeoutMs: '2 × `timeoutMs`',
  workers: 'min(2, cores − 1)',
};

/** The text of src/config/schema.json: rules, defaults and docstrings in one. */
export function schemaText(types: ReadonlyMap<string, OptionType> = readOptionTypes()): string {
  const defaults = resolveOptions({ servers: 'localhost' });
  const schema: OptionSchema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'memvolley.config.json',
    description: 'The options of a memvolley client, as createClient and loadConfig take them.',
    type: 'object',
    patternProperties: { '^\\$': { description: 'A remark, of no effect.' } },
    properties: propertiesOf(RULES, types, { ...defaults, servers: undefined }),
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function propertiesOf(
  rules: Rules,
  types: ReadonlyMap<string, OptionType>,
  defaults: object,
): Record<string, OptionSchema> {
  const entries = Object.entries(rules).map(([name, rule]) => {
    const type = types.get(name);
    if (type === undefined) throw new Error(`option '${name}' is in no type`);
    const value = (defaults as Readonly<Record<string, unknown>>)[name];
    return [name, schemaOf(name, rule, type, value)] as const;
  });
  return Object.fromEntries(entries);
}

function schemaOf(name: string, rule: Rule, type: OptionType, value: unknown): OptionSchema {
  const computed = Object.hasOwn(COMPUTED, name) ? COMPUTED[name] : undefined;
  const said = withoutDefault(type.description);
  if (rule.parts !== undefined) {
    const properties = propertiesOf(rule.parts, type.parts ?? new Map(), value as object);
    return { description: said, ...rule.schema, properties };
  }
  return {
    description: computed === undefined ? said : `${said}\n\nDefault: ${computed}.`,
    ...(value !== undefined && computed === undefined && { default: value }),
    ...(rule.schema ?? { not: {} }),
  };
}

/** Docstrings end a paragraph with a sentence on default and range, for who reads the reference: the schema has both. */
const withoutDefault = (description: string): string =>
  description.replaceAll(/ ?\bDefault:? [^\n]*?\.(?=\s|$)/g, '').trim();
