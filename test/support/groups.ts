import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** So many files share a process at most. */
const MOST = 20;

/**
 * What a neighbour would notice, or is noticed of one: hooks of all tests, processes, what there is in the process and on
 * its heap, who listens to channels.
 */
const KEEPS_APART = new RegExp(
  [
    /^(?:before|after|beforeEach|afterEach)\(/,
    /node:child_process|node:diagnostics_channel|collectGarbage|GarbageWatch/,
    /process\.(?:exit|on|stdout|memoryUsage|getActiveResourcesInfo)\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'm',
);

/**
 * The same tests in fewer processes, for one takes longer to start than most unit tests run: files of `unit/` are
 * imported by a file that is written for each group, the others stand for themselves. Answers, by the file to be run,
 * the files whose tests it runs.
 */
export function grouped(
  files: readonly string[],
  compiledRoot: string,
): ReadonlyMap<string, readonly string[]> {
  const folder = join(compiledRoot, 'groups');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const groups = new Map<string, readonly string[]>();
  let group: string[] = [];
  const close = (): void => {
    const [first] = group;
    if (first === undefined) return;
    const file = group.length === 1 ? first : join(folder, `${groups.size + 1}.js`);
    if (file !== first) writeFileSync(file, importsOf(group, folder));
    groups.set(file, group);
    group = [];
  };
  for (const file of files) {
    if (!isSociable(file, compiledRoot)) groups.set(file, [file]);
    else if (group.push(file) === MOST) close();
  }
  close();
  return groups;
}

const isSociable = (file: string, compiledRoot: string): boolean =>
  file.startsWith(join(compiledRoot, 'unit') + sep) &&
  !KEEPS_APART.test(readFileSync(file, 'utf8'));

const importsOf = (files: readonly string[], folder: string): string =>
  files.map((file) => `import '${relative(folder, file).split(sep).join('/')}';\n`).join('');
