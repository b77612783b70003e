// The reference of the public interface, with the guides beside it: typedoc, with the options that package.json has.
//
//   npm run docs              writes it to dist/docs
//   npm run docs -- --check   fails where something public is not documented, or a link of it leads nowhere
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const isCheck = process.argv.includes('--check');
/** Where guides are copied to, each in its place, so that they find each other. */
const guides = 'dist/guides';

/** Every door of the package. */
const doors = Object.values(manifest.exports)
  .map(({ types }) => types?.replace(/^\.\/dist\/(.*)\.d\.ts$/, '$1.ts'))
  .filter((path) => path !== undefined);

function markdownIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(folder, path));
}

/** Programs and the like that a document leads to. */
function copyLinked(path, text) {
  for (const [, link] of text.matchAll(/\]\(([^):#]+)\)/g)) {
    const target = join(dirname(path), link);
    const isFile = statSync(join(root, target), { throwIfNoEntry: false })?.isFile() === true;
    if (isFile && !target.endsWith('.md')) cpSync(join(root, target), join(root, guides, target));
  }
}

/** A document's name is that of its file unless it begins with another. */
function copyGuide(path) {
  const text = readFileSync(join(root, path), 'utf8');
  const [, title = path] = /^# (.*)$/m.exec(text) ?? [];
  const target = join(root, guides, path);
  mkdirSync(dirname(target), { recursive: true });
  copyLinked(path, text);
  writeFileSync(target, `---\ntitle: ${JSON.stringify(title)}\n---\n\n${text}`);
  return join(guides, path);
}

function copyGuides() {
  rmSync(join(root, guides), { recursive: true, force: true });
  const rooms = markdownIn('src').toSorted();
  const others = ['test/faults', 'test/security', '.github'].flatMap(markdownIn);
  const paths = [...rooms, ...others, 'bench/README.md', 'CHANGELOG.md'];
  const front = readFileSync(join(root, 'README.md'), 'utf8');
  mkdirSync(join(root, guides), { recursive: true });
  writeFileSync(join(root, guides, 'README.md'), front);
  copyLinked('README.md', front);
  return paths.map(copyGuide);
}

rmSync(join(root, 'dist/docs'), { recursive: true, force: true });
const args = [
  ...doors.flatMap((door) => ['--entryPoints', door]),
  ...copyGuides().flatMap((guide) => ['--projectDocuments', guide]),
  ...['--readme', join(guides, 'README.md')],
  ...(isCheck ? ['--emit', 'none'] : ['--out', 'dist/docs']),
];
const typedoc = fileURLToPath(new URL('../bin/typedoc', import.meta.resolve('typedoc')));
const { status } = spawnSync(process.execPath, [typedoc, ...args], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
