// The bundle as a program of somebody else finds it: by the package's name, from ESM and from CommonJS.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What a program prints that may use the package by its own name. */
const printed = (kind: 'module' | 'commonjs', program: string): string =>
  execFileSync(process.execPath, ['--no-warnings', `--input-type=${kind}`, '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  }).trim();

test('require answers the class itself, as npm memcached does', () => {
  const program = `
    const Memcached = require('memvolley/memcached');
    console.log(typeof Memcached, Memcached.name, Memcached.config.poolSize, new Memcached('h:1').servers[0]);`;
  assert.equal(printed('commonjs', program), 'function Memcached 10 h:1');
});

test('import has the class by default and by name', () => {
  const program = `
    import Memcached, { Memcached as byName } from 'memvolley/memcached';
    import { MemcacheError } from 'memvolley';
    try { new Memcached({}); } catch (error) { console.log(Memcached === byName, error instanceof MemcacheError); }`;
  assert.equal(printed('module', program), 'true true');
});
