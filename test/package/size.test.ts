// What the package weighs, as it is published and as it is installed. Who goes over a limit looks at why before raising it.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InstalledPackage } from '../support/installed-package.ts';

const KIB = 1024;
const PACKED_KIB = 560;
const UNPACKED_KIB = 2048;
const INSTALLED_KIB = 8600;

const project = new InstalledPackage();
after(() => {
  project.remove();
});

function bytesUnder(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stat = statSync(join(folder, name));
    if (stat.isFile()) bytes += stat.size;
  }
  return bytes;
}

const kib = (bytes: number): number => Math.ceil(bytes / KIB);
const modules = join(project.folder, 'node_modules');

/** With scopes taken apart, the largest first. */
function packagesBySize(): string {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const sized = names.map((name) => [name, kib(bytesUnder(join(modules, name)))] as const);
  const sorted = sized.toSorted(([, a], [, b]) => b - a);
  return sorted.map(([name, size]) => `${name} ${size}`).join(', ');
}

function within(what: string, measured: number, limit: number, parts: string): void {
  const line = `${what}: ${measured} KiB of at most ${limit}`;
  console.log(line);
  assert.ok(measured <= limit, `${line}, ${measured - limit} too many; ${parts}`);
}

test('the tarball', () => {
  const { size, unpackedSize, files } = project.tarball;
  const largest = files.toSorted((a, b) => b.size - a.size).slice(0, 5);
  const parts = largest.map((file) => `${file.path} ${kib(file.size)}`).join(', ');
  within('packed', kib(size), PACKED_KIB, parts);
  within('unpacked', kib(unpackedSize), UNPACKED_KIB, parts);
});

test('with all that it depends on, as npm installs it on this platform', () => {
  within('installed', kib(bytesUnder(modules)), INSTALLED_KIB, packagesBySize());
});
