import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Namespace } from '../../src/client/namespace.ts';
import { PROFILE_NAMES, PROFILES, type ProfileName } from '../../src/config/profiles.ts';
import { RULES } from '../../src/config/rules.ts';
import { GUARDS } from '../../src/errors.ts';
import * as door from '../../src/index.ts';
import { HASH_NAMES } from '../../src/routing/hashers.ts';
import { backend } from './backend.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const server = backend();

/** The text under a heading, up to the next of its rank. */
function section(heading: string): string {
  const [, text] = readme.split(`\n## ${heading}\n`);
  assert.ok(text !== undefined, `no section ${heading}`);
  return text.split('\n## ')[0] ?? '';
}

/** The rows of the first table under a heading, cell by cell, without the head. */
function table(heading: string, index = 0): string[][] {
  const tables = section(heading)
    .split('\n\n')
    .filter((block) => block.trimStart().startsWith('|'));
  return tables[index]
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const named = (cell: string): string => /`([^`(]+)/.exec(cell)?.[1] ?? cell;

/** The lines a program of the README prints, and those its comments say. */
function ran(heading: string): { output: string[]; expected: string[] } {
  const [, program] = /```js\n([^]*?)```/.exec(section(heading)) ?? [];
  assert.ok(program !== undefined);
  const expected = [...program.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, said]) => said);
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  try {
    const index = new URL('../../src/index.js', import.meta.url).href;
    const testing = new URL('../../src/testing/index.js', import.meta.url).href;
    const here = program
      .replace("'memvolley'", `'${index}'`)
      .replace("'memvolley/testing'", `'${testing}'`)
      .replace('127.0.0.1:11211', server.address);
    writeFileSync(join(folder, 'first.mjs'), here);
    const output = execFileSync(process.execPath, ['first.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    });
    return { output: output.trim().split('\n'), expected };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const heading of ['A first program', 'Namespaces', 'Tests of your own code']) {
  test(`${heading}: it runs as printed and prints what its comments say`, () => {
    const { output, expected } = ran(heading);
    assert.ok(expected.length > 2);
    assert.deepEqual(output, expected);
  });
}

test('the table of options is the list of options', () => {
  const names = Object.entries(RULES).flatMap(([name, { parts }]) =>
    parts === undefined ? [name] : Object.keys(parts).map((part) => `${name}.${part}`),
  );
  assert.deepEqual(
    table('Options')
      .map(([cell]) => named(cell))
      .toSorted(),
    names.toSorted(),
  );
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
  const config = cache.config as unknown as Record<string, Record<string, unknown>>;
  for (const [cell, value] of table('Options')) {
    const [name, part] = named(cell).split('.');
    const actual = part === undefined ? config[name] : config[name]?.[part];
    assert.equal(value, shown(name, actual), named(cell));
  }
  assert.equal(cache.config.stallTimeoutMs, 2 * cache.config.timeoutMs);
  const lean = door.createClient({ servers: 'h', format: 'pymemcache' }).config;
  assert.deepEqual(
    [lean.compressor, lean.compressFromBytes, lean.minGain],
    ['none', 401, 0],
    'what the table says of this format',
  );
});

test('the table of verbs names every verb', () => {
  const names = new Set<string>();
  let prototype = door.FleetClient.prototype as object;
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object)
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  for (const name of Object.getOwnPropertyNames(Namespace.prototype)) names.add(name);
  const told = table('Verbs').flatMap(([cell]) =>
    [...cell.matchAll(/`([a-zA-Z]+)/g)].map(([, name]) => name),
  );
  assert.deepEqual(told.toSorted(), [...names].filter((name) => name !== 'constructor').toSorted());
});

test('the tables of fleets name every hash, failover, profile and building block', () => {
  const [hashes, failovers, , , , profiles, blocks] = [0, 1, 2, 3, 4, 5, 6].map((index) =>
    table('Fleets', index).map(([cell, ...others]) => [cell.replaceAll(/[`']/g, ''), ...others]),
  );
  const names = (rows: string[][]): string[] => rows.map(([name]) => name.replace(/ .*/, ''));
  assert.deepEqual(names(hashes), [...HASH_NAMES, 'a']);
  assert.deepEqual(names(failovers), ['next', 'gutter', 'error', 'miss']);
  assert.deepEqual(names(profiles), PROFILE_NAMES);
  for (const [name, hash, hashed, , values] of profiles) {
    const profile = PROFILES[name as ProfileName];
    assert.equal(named(hash), profile.hash.name, name);
    const part = { key: 'key', 'prefix and key': 'prefixed', 'as stored': 'wire' }[hashed];
    assert.equal(part, profile.hashes, name);
    assert.equal(named(values), profile.format, name);
  }
  for (const [cell] of blocks.slice(0, -1)) assert.ok(cell.replace(/\(.*/, '') in door, cell);
});

test('every export is in the text', () => {
  for (const name of Object.keys(door)) assert.ok(readme.includes(name), name);
});

test('the table of errors names every code with the class it has', () => {
  const source = readFileSync(join(root, 'src/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(ERR_MEMCACHE_\w+)'/gm)].map(([, code]) => code);
  const rows = table('Errors');
  assert.deepEqual(rows.map(([code]) => named(code)).toSorted(), codes.toSorted());
  for (const [, name] of rows) assert.ok(named(name) in door, name);
});

test('the table of guards is the list of guards', () => {
  assert.deepEqual(
    table('Guards').map(([cell]) => named(cell)),
    GUARDS,
  );
});

test('events and metrics are all named', async () => {
  const source = readFileSync(join(root, 'src/client/events.ts'), 'utf8');
  const events = [...source.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name);
  assert.deepEqual(
    table('Events')
      .map(([cell]) => named(cell))
      .toSorted(),
    events.toSorted(),
  );
  await using cache = door.createClient('h');
  const text = section('Metrics');
  for (const name of Object.keys(cache.metrics())) assert.ok(text.includes(`\`${name}\``), name);
});

test('the runtime dependencies are those with a reason', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  assert.deepEqual(
    table('Dependencies')
      .map(([cell]) => named(cell))
      .toSorted(),
    Object.keys(manifest.dependencies).toSorted(),
  );
});

test('every link inside the project leads somewhere', () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
  for (const link of links.filter((target) => !target.includes('://'))) {
    const [path, anchor] = link.split('#');
    if (path !== '') assert.ok(existsSync(join(root, path)), link);
    if (anchor === undefined) continue;
    const text = path === '' ? readme : readFileSync(join(root, path), 'utf8');
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    assert.ok(anchors.includes(anchor), link);
  }
});
