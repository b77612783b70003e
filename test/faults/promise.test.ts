// The promise in README.md of this folder names its tests. They exist, and none is left out.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sourcePath } from '../support/foreign-programs.ts';

const read = (path: string): string => readFileSync(sourcePath(`faults/${path}`), 'utf8');

/** Each line that names a test: its file and its title. */
const named = [...read('README.md').matchAll(/^- `([^`]+\.test\.ts)` — (.+)$/gm)].map(
  ([, file, title]) => ({ file, title }),
);

/** The titles of a file's tests, with '…' for what varies. */
function titlesOf(file: string): string[] {
  const titles = read(file).matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs);
  return [...titles].map(([, , title]) =>
    title.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\\(.)/g, '$1'),
  );
}

test('every test that the promise names exists', () => {
  assert.ok(named.length > 80, `${named.length} tests are named`);
  const missing = named.filter(({ file, title }) => !titlesOf(file).includes(title));
  assert.deepEqual(missing, []);
});

test('the promise names every file of tests beside it', () => {
  const files = readdirSync(sourcePath('faults')).filter((name) => name.endsWith('.test.ts'));
  const left = files.filter((name) => !named.some(({ file }) => file === name));
  assert.deepEqual(left, ['promise.test.ts'], 'what a caller sees there belongs into README.md');
});
