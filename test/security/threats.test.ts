// The threats in README.md of this folder name their tests. They exist, and none of the files beside it is left out.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sourcePath } from '../support/foreign-programs.ts';
import { namedIn, titlesOf } from '../support/named-tests.ts';

const named = namedIn('security/README.md');

test('every test that the threats name exists', () => {
  assert.ok(named.length > 20, `${named.length} tests are named`);
  assert.deepEqual(
    named.filter(({ file, title }) => !titlesOf(file).includes(title)),
    [],
  );
});

test('the threats name every file of tests beside them', () => {
  const files = readdirSync(sourcePath('security')).filter((name) => name.endsWith('.test.ts'));
  const left = files.filter((name) => !named.some(({ file }) => file === `security/${name}`));
  assert.deepEqual(left, ['threats.test.ts']);
});
