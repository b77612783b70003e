// Makes what is published of the code, dist/bundle, from src/: npm run bundle.
//
// A file for each door and one for the worker thread. The main door is one file, for each more costs an import
// milliseconds; that of testing has its errors from there. Names and line breaks stay, so that stack traces can be read; other packages stay
// outside, so that they are loaded when they are asked for and not before.
import { rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The classes of errors are those of the main door, whichever door an error comes through. */
const errorsOfMainDoor = {
  name: 'errors of the main door',
  setup({ onResolve }) {
    onResolve({ filter: /\/errors\.ts$/ }, () => ({ path: './index.js', external: true }));
  },
};

const bundle = (outfile, source, plugins = []) =>
  build({
    entryPoints: [source],
    outfile: `dist/bundle/${outfile}`,
    absWorkingDir: root,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
    plugins,
  });

rmSync(resolve(root, 'dist/bundle'), { recursive: true, force: true });
await bundle('index.js', 'src/index.ts');
await bundle('testing.js', 'src/testing/index.ts', [errorsOfMainDoor]);
// The thread's copies of classes are its own in any case. `new URL('./worker.js', import.meta.url)` finds it.
await bundle('worker.js', 'src/codec/worker.ts');
