import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Namespace } from '../../src/client/namespace.ts';
import { PROFILE_NAMES, PROFILES, type ProfileName } from '../../src/config/profiles.ts';
import { RULES } from '../../src/config/rules.ts';
import { GUARDS } from '../../src/errors.ts';
import * as door from '../../src/index.ts';
import { HASH_NAMES } from '../../src/routing/hashers.ts';
import { DOCUMENTS, named, readDocument, ROOT, section, table } from '../support/documents.ts';

const FRONT = 'README.md';
const VERBS = 'src/client/README.md';
const FLEETS = 'src/routing/README.md';
const OBSERVABILITY = 'src/observability/README.md';

const names = (rows: string[][]): string[] => rows.map(([cell]) => named(cell)).toSorted();

/** Every verb of a client and of a view of it. */
function verbs(): string[] {
  const found = new Set<string>();
  let prototype = door.FleetClient.prototype as object;
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object)
    for (const name of Object.getOwnPropertyNames(prototype)) found.add(name);
  for (const name of Object.getOwnPropertyNames(Namespace.prototype)) found.add(name);
  found.delete('constructor');
  return [...found].toSorted();
}

const called = (rows: string[][], column: number): string[] =>
  rows
    .flatMap((cells) => [...cells[column].matchAll(/`([a-zA-Z]+)/g)].map(([, name]) => name))
    .toSorted();

test('the table of verbs names every verb', () => {
  assert.deepEqual(called(table(VERBS, 'All verbs'), 0), verbs());
});

test('the front page names verbs that there are', () => {
  const known = new Set([...verbs(), 'await']);
  const told = called(table(FRONT, 'Verbs'), 1);
  assert.ok(told.length > 30);
  assert.deepEqual(
    told.filter((name) => !known.has(name)),
    [],
  );
});

test('the table of options is the list of options', () => {
  const options = Object.entries(RULES).flatMap(([name, { parts }]) =>
    parts === undefined ? [name] : Object.keys(parts).map((part) => `${name}.${part}`),
  );
  assert.deepEqual(names(table(FRONT, 'Options')), options.toSorted());
});

/** A default as the table shows it. */
function shown(name: string, value: unknown): string {
  if (name === 'servers') return 'required';
  if (name === 'workers') return 'min(2, cores − 1)';
  if (name === 'stallTimeoutMs') return '2 × `timeoutMs`';
  if (value === undefined) return 'none';
  if (typeof value === 'number') return String(value);
  return `\`${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}\``;
}

test('the table of options shows the defaults', async () => {
  await using cache = door.createClient('127.0.0.1:11211');
  const config: Readonly<Record<string, door.ConfigEntry>> = cache.config();
  for (const [cell, value] of table(FRONT, 'Options')) {
    const name = named(cell);
    assert.equal(value, shown(name, config[name].value), name);
  }
  assert.equal(config['stallTimeoutMs'].value, 2 * cache.config().timeoutMs.value);
  const lean = door.createClient({ servers: 'h', format: 'pymemcache' }).config();
  assert.deepEqual(
    [lean.compressor.value, lean.compressFromBytes.value, lean.minGain.value],
    ['none', 401, 0],
    'what the table says of this format',
  );
});

test('the tables of fleets name every hash, failover and profile', () => {
  const rows = (heading: string): string[][] =>
    table(FLEETS, heading).map(([cell, ...others]) => [cell.replaceAll(/[`']/g, ''), ...others]);
  const first = (heading: string): string[] =>
    rows(heading).map(([name]) => name.replace(/ .*/, ''));
  assert.deepEqual(first('Which server has a key'), [...HASH_NAMES, 'a']);
  assert.deepEqual(first('Failover'), ['next', 'gutter', 'error', 'miss']);
  const shared = 'Sharing a cache with other programs';
  assert.deepEqual(first(shared), PROFILE_NAMES);
  for (const [name, hash, hashed, , values] of rows(shared)) {
    const profile = PROFILES[name as ProfileName];
    assert.equal(named(hash), profile.hash.name, name);
    const part = { key: 'key', 'prefix and key': 'prefixed', 'as stored': 'wire' }[hashed];
    assert.equal(part, profile.hashes, name);
    assert.equal(named(values), profile.format, name);
  }
});

test('the table of building blocks names exports', () => {
  const blocks = table('src/wrappers/README.md', 'Building blocks').slice(0, -1);
  assert.ok(blocks.length > 4);
  for (const [cell] of blocks) assert.ok(named(cell) in door, cell);
});

test('every export is in some document', () => {
  const text = DOCUMENTS.map(readDocument).join('\n');
  for (const name of Object.keys(door)) assert.ok(text.includes(name), name);
});

test('the table of errors names every code with the class it has', () => {
  const source = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(ERR_MEMCACHE_\w+)'/gm)].map(([, code]) => code);
  const rows = table(VERBS, 'Errors');
  assert.deepEqual(names(rows), codes.toSorted());
  for (const [, name] of rows) assert.ok(named(name) in door, name);
});

test('the table of guards is the list of guards', () => {
  const rows = table('src/connection/README.md', 'Guards');
  assert.deepEqual(
    rows.map(([cell]) => named(cell)),
    GUARDS,
  );
});

test('events and metrics are all named', async () => {
  const source = readFileSync(join(ROOT, 'src/client/events.ts'), 'utf8');
  const events = [...source.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name);
  assert.deepEqual(names(table(OBSERVABILITY, 'Events')), events.toSorted());
  await using cache = door.createClient('h');
  const text = section(OBSERVABILITY, 'Metrics');
  for (const name of Object.keys(cache.metrics())) assert.ok(text.includes(`\`${name}\``), name);
});

test('the table of channels is the list of channels', () => {
  assert.deepEqual(
    names(table(OBSERVABILITY, 'Channels')),
    Object.values(door.CHANNELS).toSorted(),
  );
});

test('the runtime dependencies are those with a reason', () => {
  const manifest = JSON.parse(readDocument('package.json')) as {
    dependencies: Record<string, string>;
  };
  const reasons = names(table(FRONT, 'Dependencies'));
  assert.deepEqual(reasons, Object.keys(manifest.dependencies).toSorted());
});
