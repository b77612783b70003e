// What the documents point to is there: files, headings, scripts.
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { DOCUMENTS, isThere, proseOf, readDocument } from '../support/documents.ts';

/** Headings as GitHub names them: small letters, no punctuation, blanks as hyphens, a number behind what is there already. */
function anchorsOf(document: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(document).matchAll(/^#+ (.*)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let name = anchor;
    for (let times = 1; anchors.has(name); times++) name = `${anchor}-${times}`;
    anchors.add(name);
  }
  return anchors;
}

interface Link {
  readonly target: string;
  readonly line: number;
}

function linksOf(document: string): Link[] {
  const links: Link[] = [];
  for (const [index, line] of readDocument(document).split('\n').entries()) {
    for (const [, target] of line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g))
      links.push({ target, line: index + 1 });
  }
  return links.filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** What programs write and git does not keep. */
const WRITTEN = readDocument('.gitignore').split('\n').filter(Boolean);

for (const document of DOCUMENTS) {
  test(`${document}: every link leads somewhere`, () => {
    for (const { target, line } of linksOf(document)) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : normalize(join(dirname(document), path));
      assert.ok(isThere(file), `line ${line}: no file ${target}`);
      if (anchor === undefined) continue;
      assert.ok(anchorsOf(file).has(anchor), `line ${line}: no heading ${target}`);
    }
  });

  test(`${document}: every path and every script it names is there`, () => {
    const text = readDocument(document);
    const paths = /`((?:src|test|bench|\.ci|\.github)\/[\w./-]+)`/g;
    for (const [, path] of proseOf(document).matchAll(paths))
      assert.ok(isThere(path) || WRITTEN.includes(path), path);
    const { scripts } = JSON.parse(readDocument('package.json')) as { scripts: object };
    for (const [, name] of text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g))
      assert.ok(name in scripts, `npm run ${name}`);
  });
}

test('every guide is linked from the front page', () => {
  const linked = new Set(linksOf('README.md').map(({ target }) => target.split('#')[0]));
  const guides = DOCUMENTS.filter((path) => path !== 'README.md' && path.endsWith('README.md'));
  assert.deepEqual(
    guides.filter((path) => !linked.has(path)),
    [],
  );
});
