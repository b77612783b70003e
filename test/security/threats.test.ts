// The threats in README.md of this folder name their tests. They exist, and none of the files beside it is left out.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
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

test('each threat is one of a table, and has tests', () => {
  const text = readFileSync(sourcePath('security/README.md'), 'utf8');
  const links = [...text.matchAll(/^\| .*\]\(#([a-z-]+)\) +\|$/gm)].map(([, link]) => link);
  const sections = text.split('\n## ').slice(1);
  const tested = sections.filter((section) => section.includes('.test.ts` — '));
  const names = tested.map((section) =>
    section.split('\n')[0].toLowerCase().replaceAll(',', '').replaceAll(' ', '-'),
  );
  assert.ok(links.length > 15, `${links.length} threats`);
  assert.deepEqual([...new Set(links)].toSorted(), names.toSorted());
});
