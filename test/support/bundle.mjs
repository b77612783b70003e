// Makes what is published of the code, dist/bundle, from src/: npm run bundle.
//
// A file for each door and one for the worker thread. The main door is one file, for each more costs an import
// milliseconds; the other doors have from there what is there. Names and line breaks stay, so that stack traces can be
// read; other packages stay outside, so that they are loaded when they are asked for and not before.
import { readFileSync, rmSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));

/** Bundle and source of every door: the command line, and what package.json exports types for. */
const doors = Object.values(manifest.exports)
  .filter(({ types }) => types !== undefined)
  .map(({ types, default: outfile }) => ({
    outfile,
    source: types.replace(/^\.\/dist\/(.*)\.d\.ts$/, './$1.ts'),
  }));
for (const outfile of Object.values(manifest.bin ?? {})) {
  doors.push({ outfile, source: './src/cli/main.ts' });
}

/** Doors share their code, and the classes of errors are those of the main one, whichever an error comes through. */
const otherDoors = (self) => ({
  name: 'other doors',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const source = resolve(resolveDir, path);
      const wanted = source === resolve(root, 'src/errors.ts') ? 'src/index.ts' : source;
      const door = doors.find((each) => resolve(root, each.source) === resolve(root, wanted));
      if (door === undefined || door === self) return undefined;
      return { path: `./${basename(door.outfile)}`, external: true };
    });
  },
});

const bundle = (outfile, source, plugins = []) =>
  build({
    entryPoints: [source],
    outfile,
    absWorkingDir: root,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
    define: { MEMVOLLEY_VERSION: JSON.stringify(manifest.version) },
    plugins,
  });

rmSync(resolve(root, 'dist/bundle'), { recursive: true, force: true });
for (const door of doors) {
  const isMain = door.source === './src/index.ts';
  await bundle(door.outfile, door.source, isMain ? [] : [otherDoors(door)]);
}
// The thread's copies of classes are its own in any case. src/codec/worker-file.ts finds it by its name.
await bundle('dist/bundle/memvolley-worker.js', 'src/codec/memvolley-worker.ts');
