import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { check, type Rules, type Schema } from '../../../src/config/check.ts';
import type { ClientOptions } from '../../../src/config/options.ts';
import { nested, rulesByPath } from '../../../src/config/paths.ts';
import { resolveOptions } from '../../../src/config/resolve.ts';
import { RULES } from '../../../src/config/rules.ts';
import { blocksOf, DOCUMENTS } from '../../support/documents.ts';
import { type OptionSchema, SCHEMA_FILE, schemaText } from '../../support/option-schema.ts';
import { type OptionType, readOptionTypes } from '../../support/option-types.ts';

const committed = readFileSync(SCHEMA_FILE, 'utf8');
const schema = JSON.parse(committed) as OptionSchema & {
  readonly properties: Readonly<Record<string, OptionSchema>>;
};
const validate = new Ajv().compile(schema);
const isValid = (options: unknown): boolean => validate(options);
const flaws = (): string => JSON.stringify(validate.errors);
const types = readOptionTypes();

test('the schema is what rules, defaults and docstrings say', () => {
  assert.equal(
    committed,
    schemaText(types),
    'run `npm run schema` and commit src/config/schema.json',
  );
});

test('the schema names the options and parts of the type, and no others', () => {
  assert.deepEqual(Object.keys(schema.properties).toSorted(), [...types.keys()].toSorted());
  const groups = (entries: readonly (readonly [string, Iterable<string> | undefined])[]): object =>
    Object.fromEntries(
      entries.flatMap(([name, parts]) =>
        parts === undefined ? [] : [[name, [...parts].toSorted()]],
      ),
    );
  const rules: Rules = RULES;
  const ofSchema = Object.entries(schema.properties).map(
    ([name, its]) => [name, rules[name].parts && Object.keys(its.properties ?? {})] as const,
  );
  const ofType = [...types].map(([name, { parts }]) => [name, parts?.keys()] as const);
  assert.deepEqual(groups(ofSchema), groups(ofType));
});

/** Every option that is no group, and every part of one. */
function leaves(): [path: string, schema: OptionSchema, type: OptionType][] {
  return [...rulesByPath().keys()].map((path) => {
    const [name, part] = path.split('.');
    const [its, type] = [schema.properties[name], types.get(name)];
    const leaf = part === undefined ? its : its.properties?.[part];
    const leafType = part === undefined ? type : type?.parts?.get(part);
    assert.ok(leaf !== undefined && leafType !== undefined, path);
    return [path, leaf, leafType];
  });
}

const alternatives = ({ anyOf, ...one }: Schema): readonly Schema[] =>
  anyOf === undefined ? [one] : anyOf.flatMap(alternatives);

const words = (its: Schema): unknown[] =>
  alternatives(its)
    .flatMap((each) => each.enum ?? [])
    .filter((word) => typeof word === 'string')
    .toSorted();

const kinds = (its: Schema): string[] => {
  const said = alternatives(its).flatMap(({ type }) => (type === undefined ? [] : [type]));
  return [...new Set(said.map((type) => (type === 'integer' ? 'number' : type)))].toSorted();
};

/** Objects of functions, which JSON has not. */
const ONLY_IN_CODE: readonly string[] = ['discovery', 'compressor'];

test('an option may be in the schema what it may be in the type', () => {
  for (const [path, its, type] of leaves()) {
    assert.deepEqual(words(its), type.words, path);
    const told = type.kinds.filter((kind) => kind !== 'object' || !ONLY_IN_CODE.includes(path));
    assert.deepEqual(kinds(its), told, path);
  }
});

test('every option has a description, which leaves the default to the schema', () => {
  const described = [...leaves(), ...Object.entries(schema.properties)];
  for (const [path, { description = '' }] of described) {
    assert.match(description, /^[A-Z`'0-9].*\.$/s, path);
    assert.doesNotMatch(description, /\bDefault (?!:)|\{@/, path);
  }
});

/** `64 MiB` and `10 000` are numbers. */
function inWords(value: unknown): string {
  if (Array.isArray(value)) return 'none';
  if (typeof value !== 'number') return String(value);
  const MiB = 2 ** 20;
  if (value >= MiB && value % MiB === 0) return `${value / MiB} MiB`;
  return value < 10_000 ? String(value) : String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');
}

test('docstrings tell the defaults that the schema has', () => {
  for (const [path, its, type] of leaves()) {
    if (path === 'servers' || /^Default:/m.test(its.description ?? '')) continue;
    const told = /\bDefault (.*?)[,;:.](?= |$)/m.exec(type.description)?.[1];
    assert.equal(told?.replaceAll(/[`']/g, ''), inWords(its.default), path);
  }
});

test('the schema accepts its own defaults', () => {
  const defaults = leaves().flatMap(([path, its]): [string, unknown][] =>
    Object.hasOwn(its, 'default') ? [[path, its.default]] : [],
  );
  assert.ok(defaults.length > 60);
  assert.ok(isValid(nested(defaults)), flaws());
});

/** A file's options as createClient is given them. */
function isTaken(options: object): boolean {
  try {
    check(options, RULES);
    resolveOptions(options);
    return true;
  } catch {
    return false;
  }
}

const servers = ['10.0.0.1:11211'];
const TAKEN: readonly object[] = [
  { servers },
  { servers: '10.0.0.1,10.0.0.2' },
  { servers: [{ host: 'a', weight: 2, label: 'one' }, { path: '/run/mc.sock' }] },
  { servers, timeoutMs: 1, keepAliveMs: 0, ttlJitter: 0.5 },
  { servers, retry: { attempts: 10 }, health: { errorLimit: 0 } },
  { servers, hash: 'ketama', hashTag: '{}' },
  { servers, hash: { name: 'ketama', distribution: 'weighted' }, hashTag: { stop: '|' } },
  { servers, failover: 'gutter', gutter: { servers: ['10.0.0.9'], ttl: 5 } },
  { servers, auth: { username: 'ada', password: 'secret' }, tls: true },
  { servers, tls: { servername: 'cache' } },
  { servers, codec: 'json', compressor: 'none' },
  { servers, codec: { module: './codec.mjs' } },
  { discovery: 'dns://cache:11211', discoveryLimits: { allow: ['10.0.0.0/8'] } },
];
const REFUSED: readonly object[] = [
  { servers, timoutMs: 100 },
  { servers, retry: { attempt: 3 } },
  { servers, retry: 3 },
  { servers, timeoutMs: 0 },
  { servers, timeoutMs: 1.5 },
  { servers, timeoutMs: '100' },
  { servers, timeoutMs: 2 ** 31 },
  { servers, timeoutMs: null },
  { servers, keepAliveMs: 500 },
  { servers, ttlJitter: 1.1 },
  { servers, unref: 'true' },
  { servers, flush: 'never' },
  { servers, profile: 'pymemcached' },
  { servers, hash: 'ketema' },
  { servers, hash: { distribution: 'weighted' } },
  { servers, hashTag: '{' },
  { servers, hashTag: { stop: '' } },
  { servers, keyPrefix: 7 },
  { servers, connect: 'tunnel' },
  { servers, auth: 'ada:secret' },
  { servers, auth: { username: 'ada' } },
  { servers, compressor: {} },
  { servers, codec: { encode: true } },
  { servers, discovery: { name: 'mine' } },
  { servers: 11211 },
  { servers: [11211] },
  { servers: [{ host: 'a', path: '/b' }] },
  { servers: [{ host: 'a', port: 65_536 }] },
  { discovery: 'dns://cache:11211', discoveryLimits: { allow: '10.0.0.0/8' } },
];

for (const options of TAKEN)
  test(`both take ${JSON.stringify(options)}`, () => {
    assert.deepEqual([isTaken(options), isValid(options)], [true, true], flaws());
  });

for (const options of REFUSED)
  test(`both refuse ${JSON.stringify(options)}`, () => {
    assert.deepEqual([isTaken(options), isValid(options)], [false, false]);
  });

test('remarks are no options', () => {
  assert.ok(isValid({ $schema: './schema.json', $gains: { x: 1 }, servers }));
});

/** Values JSON can express, near the bounds of rules as well. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.integer(),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(
    0,
    1,
    999,
    1000,
    1024,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 30,
    2 ** 30 + 1,
  ),
  fc.constantFrom(...leaves().flatMap(([, its]) => [its.default ?? null, ...words(its)])),
  fc.array(fc.oneof(fc.string(), fc.constantFrom('h', { host: 'h' }, { path: '/p', weight: 0 }))),
);
const said = fc
  .tuple(fc.constantFrom(...rulesByPath().keys(), ...Object.keys(RULES)), anything)
  .map(([path, value]) => JSON.parse(JSON.stringify(nested([[path, value]]))) as ClientOptions);

/** `check` looks at one option after another, and not into what other rooms look into. */
function isChecked(options: object): boolean {
  try {
    check(options, RULES);
    return true;
  } catch {
    return false;
  }
}

/** What options need beside them, so that it is not for lack of it that they are refused. */
function neededBeside({ discovery, gutter }: ClientOptions): ClientOptions {
  if (discovery !== undefined) return {};
  return { servers, ...(gutter?.servers !== undefined && { failover: 'gutter' }) };
}

test('what the schema accepts, check does; what it refuses, a client does', () => {
  fc.assert(
    fc.property(said, (options) => {
      if (isValid(options)) assert.ok(isChecked(options));
      else assert.ok(!isTaken({ ...neededBeside(options), ...options }));
    }),
    { numRuns: 5000 },
  );
});

test('every config file in the documents is valid, and a client takes it', () => {
  const files = DOCUMENTS.flatMap(blocksOf).filter(
    ({ language, code }) => language === 'json' && /"(servers|discovery)"/.test(code),
  );
  assert.ok(files.length > 0);
  for (const { document, line, code } of files) {
    const options = JSON.parse(code) as object;
    assert.ok(isValid(options), `${document}:${line}: ${flaws()}`);
    const given = Object.entries(options).filter(([name]) => !name.startsWith('$'));
    assert.ok(isTaken(Object.fromEntries(given)), `${document}:${line}`);
  }
});
