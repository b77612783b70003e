import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = resolve(fileURLToPath(import.meta.url), '../../../..');

/** Folders of this repository that have documents, and those below them that are other people's. */
const FOLDERS = ['.github', 'src', 'test', 'bench'];
const FOREIGN = ['node_modules', 'results', 'corpus', 'found'];

/** Every document of the repository, by its path from the root. */
export const DOCUMENTS: readonly string[] = [
  ...markdownIn('', { deep: false }),
  ...FOLDERS.flatMap((folder) => markdownIn(folder, { deep: true })),
];

function markdownIn(folder: string, { deep }: { deep: boolean }): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return deep && !FOREIGN.includes(entry.name) ? markdownIn(path, { deep }) : [];
      // Reports of the API are made from the code and read by its reviewers alone.
      return /(?<!\.api)\.md$/.test(entry.name) ? [path] : [];
    });
}

export const readDocument = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const isThere = (path: string): boolean => existsSync(join(ROOT, path));

/** Code between fences. */
export interface Block {
  readonly document: string;
  /** Of the first line of the code, from 1. */
  readonly line: number;
  readonly language: string;
  /** No program: it says so behind the name of its language. */
  readonly isFragment: boolean;
  readonly code: string;
}

export function blocksOf(document: string): Block[] {
  const text = readDocument(document);
  return [...text.matchAll(/^(`{3,})([^\n`]*)\n([^]*?)^\1$/gm)].map(
    ({ 2: info, 3: code, index }) => {
      const [language = '', ...rest] = info.trim().split(' ');
      assert.ok(rest.length === 0 || rest.join(' ') === 'fragment', `${document}: \`\`\`${info}`);
      const line = text.slice(0, index).split('\n').length + 1;
      return { document, line, language, isFragment: rest.length > 0, code };
    },
  );
}

/** A document without its code, for what is looked for in its text. */
export const proseOf = (document: string): string =>
  readDocument(document).replaceAll(/^(`{3,})[^\n`]*\n[^]*?^\1$/gm, '');

/** The text under a heading, up to the next of its rank or above. */
export function section(document: string, heading: string): string {
  const [, marks, rest] =
    new RegExp(`^(#+) ${heading}\\n([^]*)`, 'm').exec(readDocument(document)) ?? [];
  assert.ok(marks !== undefined && rest !== undefined, `${document}: no section ${heading}`);
  return rest.split(new RegExp(`^#{1,${marks.length}} `, 'm'))[0];
}

/** The rows of a table under a heading, cell by cell, without the head. */
export function table(document: string, heading: string, index = 0): string[][] {
  const tables = section(document, heading)
    .split('\n\n')
    .filter((block) => block.trimStart().startsWith('|'));
  const found = tables.at(index);
  assert.ok(found !== undefined, `${document}: no table ${index} under ${heading}`);
  return found
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The first name in a cell. */
export const named = (cell: string): string => /`([^`(]+)/.exec(cell)?.[1] ?? cell;
