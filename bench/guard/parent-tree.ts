import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { UsageError } from '../usage-error.ts';

const FILES = ['src', 'package.json', 'tsconfig.json', 'bench/rivals/package.json'];
const MOST_BYTES = 256 * 1024 * 1024;

/** Types were checked when that commit was made. */
const SETTINGS = {
  extends: './tsconfig.json',
  compilerOptions: {
    noCheck: true,
    declaration: false,
    isolatedDeclarations: false,
    sourceMap: false,
  },
  include: ['src'],
};

function git(...args: readonly string[]): Buffer {
  return execFileSync('git', args, {
    cwd: PACKAGE_ROOT,
    maxBuffer: MOST_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What the tree is compared with unless told: the last commit if the sources have changed since, else the one before. */
export function usualParent(): string {
  return git('status', '--porcelain', '--', 'src').length > 0 ? 'HEAD' : 'HEAD~1';
}

/** The commit as it is called in a report. Throws UsageError for a name that git does not know. */
export function describeCommit(ref: string): string {
  try {
    return git('log', '-1', '--format=%h %s', ref, '--').toString().trim();
  } catch {
    throw new UsageError(`git knows no commit ${ref} here`);
  }
}

/**
 * Builds the sources of a commit in a temporary folder, with the packages and the bench of this tree, and answers where.
 * Both trees are thus asked the same by the same code.
 */
export function buildTree(ref: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-parent-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const archive = git('archive', '--format=tar', ref, '--', ...FILES);
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'tsconfig.guard.json'), JSON.stringify(SETTINGS));
  const tsc = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(folder, 'tsconfig.guard.json')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const bench = join(import.meta.dirname, '..');
  cpSync(bench, join(folder, 'dist', 'bench'), { recursive: true });
  return folder;
}
