import { readFileSync } from 'node:fs';
import { sourcePath } from './foreign-programs.ts';

export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

const read = (path: string): string => readFileSync(sourcePath(path), 'utf8');

/** Each line of a document of `test/` that names a test: its file and its title. */
export function namedIn(document: string): NamedTest[] {
  const lines = read(document).matchAll(/^- `([^`]+\.test\.ts)` — (.+)$/gm);
  return [...lines].map(([, file, title]) => ({ file, title }));
}

/** The titles of a file's tests, with '…' for what varies. */
export function titlesOf(path: string): string[] {
  const titles = read(path).matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs);
  return [...titles].map(([, , title]) =>
    title.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\\(.)/g, '$1'),
  );
}
