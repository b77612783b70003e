// The promise in README.md of this folder names its tests. They exist, and none is left out.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sourcePath } from '../support/foreign-programs.ts';
import { namedIn, titlesOf } from '../support/named-tests.ts';

const named = namedIn('faults/README.md');

test('every test that the promise names exists', () => {
  assert.ok(named.length > 80, `${named.length} tests are named`);
  const missing = named.filter(({ file, title }) => !titlesOf(`faults/${file}`).includes(title));
  assert.deepEqual(missing, []);
});

test('the promise names every file of tests beside it', () => {
  const files = readdirSync(sourcePath('faults')).filter((name) => name.endsWith('.test.ts'));
  const left = files.filter((name) => !named.some(({ file }) => file === name));
  assert.deepEqual(left, ['promise.test.ts'], 'what a caller sees there belongs into README.md');
});
