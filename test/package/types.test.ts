// What the compiler of a user's project says of the types, which it looks at in full: skipLibCheck is off.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InstalledPackage } from '../support/installed-package.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const project = new InstalledPackage();
after(() => {
  project.remove();
});

/** Besides memvolley the project has these, by links to those of this one. */
function add(...packages: string[]): void {
  for (const name of packages) {
    const place = join(project.folder, 'node_modules', name);
    mkdirSync(resolve(place, '..'), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), place);
  }
}

function complaints(file: string, ...settings: string[]): string {
  // Without the library of browsers, which takes the compiler as long as all the rest.
  const libraries = ['--target', 'es2022', '--lib', 'es2022', '--types', 'node'];
  const args = [compiler, '--noEmit', '--strict', ...libraries];
  const { stdout } = spawnSync(process.execPath, [...args, ...settings, file], {
    cwd: project.folder,
    encoding: 'utf8',
  });
  return stdout;
}

const { exports: doors } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types?: string }>;
};
const NAMES = Object.entries(doors)
  .filter(([, door]) => typeof door === 'object' && door.types !== undefined)
  .map(([name]) => name.replace('.', 'memvolley'));

/** Without a package beside memvolley; of adapters only the one whose types are those of its library needs one. */
const WITHOUT_PEERS = NAMES.filter((name) => name !== 'memvolley/opentelemetry');

project.write(
  'program.mts',
  `import { createClient, type Key } from 'memvolley';
   const cache = createClient('127.0.0.1:11211');
   const users: ReadonlyMap<Key, unknown> = await cache.getMany(['a']);
   const user: { name: string } | undefined = await cache.get<{ name: string }>('a');
   export { user, users };`,
);
const importing = (names: readonly string[]): string =>
  names.map((name, i) => `export * as door${i} from '${name}';`).join('\n');
project.write('without-peers.mts', importing(WITHOUT_PEERS));
project.write('with-peers.mts', importing(NAMES));

add('@types/node', 'undici-types');

for (const settings of [
  ['--module', 'node16'],
  ['--module', 'nodenext'],
  ['--module', 'esnext', '--moduleResolution', 'bundler'],
]) {
  test(`a first program, ${settings.at(-1)}`, () => {
    assert.equal(complaints('program.mts', ...settings), '');
  });
}

test('every door that needs no other package for its types', () => {
  assert.equal(complaints('without-peers.mts', '--module', 'nodenext'), '');
});

test('every door, with the packages of the adapters', () => {
  add('@opentelemetry/api');
  assert.equal(complaints('with-peers.mts', '--module', 'nodenext'), '');
});
