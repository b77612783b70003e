// Programs that a bundler has made one file of, with memvolley in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import webpack, { type Configuration } from 'webpack';
import { startMemcached } from '../../src/testing/index.ts';
import { InstalledPackage } from '../support/installed-package.ts';

const project = new InstalledPackage();
const elsewhere = mkdtempSync(join(tmpdir(), 'memvolley-bundle-'));
after(() => {
  project.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

/** Stores and reads until the workers have done some of it, or cannot be had. */
const PROGRAM = project.write(
  'program.mjs',
  `import { createClient } from 'memvolley';
   const cache = createClient({
     servers: [process.argv[2]], offload: 'always', workers: 1, timeoutMs: 20000,
   });
   const value = 'volley '.repeat(2000);
   async function run() {
     let codec, read;
     do {
       await cache.set('k', value, { codec: 'string' });
       read = await cache.get('k');
       codec = cache.metrics().codec;
     } while (codec.workerFailures === 0 && (codec.encodedInPool === 0 || codec.decodedInPool === 0));
     await cache.close();
     console.log(JSON.stringify({ same: read === value, inWorkers: codec.workerFailures === 0 }));
   }
   run();`,
);

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

async function run(program: string, server: string): Promise<Ran> {
  const child = spawn(process.execPath, [program, server], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, output: output.trim(), errors };
}

async function esbuild(format: 'esm' | 'cjs'): Promise<string> {
  const outfile = join(project.folder, 'out', format === 'esm' ? 'esbuild.mjs' : 'esbuild.cjs');
  // For CommonJS it says that there is no import.meta.
  await build({
    entryPoints: [PROGRAM],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    logLevel: 'error',
  });
  return outfile;
}

async function webpacked(format: 'esm' | 'cjs'): Promise<string> {
  const filename = format === 'esm' ? 'webpack.mjs' : 'webpack.cjs';
  const path = join(project.folder, 'out');
  const asModule: Configuration = format === 'cjs' ? {} : { experiments: { outputModule: true } };
  const problems = await new Promise<string>((resolve, reject) => {
    webpack(
      {
        ...asModule,
        mode: 'production',
        // Takes minutes of a busy machine and changes names only.
        optimization: { minimize: false },
        target: 'node20',
        context: project.folder,
        entry: PROGRAM,
        output: { path, filename, ...(format === 'esm' && { module: true }) },
      },
      (error, stats) => {
        if (stats === undefined) reject(error ?? new Error('webpack says nothing'));
        else resolve(stats.toString({ preset: 'errors-warnings' }));
      },
    );
  });
  assert.doesNotMatch(problems, /ERROR|WARNING/);
  return join(path, filename);
}

const IN_WORKERS = { status: 0, output: '{"same":true,"inWorkers":true}', errors: '' };

for (const [name, bundled] of [
  ['esbuild, as a module', () => esbuild('esm')],
  ['esbuild, as CommonJS', () => esbuild('cjs')],
  ['webpack, as a module', () => webpacked('esm')],
  ['webpack, as CommonJS', () => webpacked('cjs')],
] as const) {
  test(`${name}: values go through the workers of the package that is installed`, async () => {
    await using server = await startMemcached();
    assert.deepEqual(await run(await bundled(), server.address), IN_WORKERS);
  });
}

/** A bundle in a folder of its own, with these packages beside it. */
async function moved(...packages: string[]): Promise<string> {
  const folder = mkdtempSync(join(elsewhere, 'app-'));
  const program = join(folder, 'program.mjs');
  copyFileSync(await esbuild('esm'), program);
  for (const name of packages) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(project.folder, 'node_modules', name), target, { recursive: true });
  }
  return program;
}

const WORKER = join(project.folder, 'node_modules/memvolley/dist/bundle/memvolley-worker.js');

test('alone, a bundle says what has to be installed', async () => {
  await using server = await startMemcached();
  const { errors } = await run(await moved(), server.address);
  assert.match(
    errors,
    /MemvolleyWarning: memvolley: the package piscina cannot be loaded: it has to/,
  );
});

const PACKAGES = ['piscina', 'msgpackr', 'lz4-napi', '@antoniomuso', '@napi-rs'];

test('without the file of the workers a bundle says which that is, and runs all the same', async () => {
  await using server = await startMemcached();
  const program = await moved(...PACKAGES);
  const { status, output, errors } = await run(program, server.address);
  assert.deepEqual([status, output], [0, '{"same":true,"inWorkers":false}']);
  const file = join(dirname(program), 'memvolley-worker.js');
  assert.ok(errors.includes(`worker threads cannot start: there is no ${file}.`), errors);
  assert.match(errors, /leave it out of the bundle \(external\) and install it, or copy/);

  // Copied, as it says, it works.
  copyFileSync(WORKER, file);
  assert.deepEqual(await run(program, server.address), IN_WORKERS);
});

test('a file of the workers that is of another version is not taken', async () => {
  await using server = await startMemcached();
  const program = await moved(...PACKAGES);
  const code = readFileSync(WORKER, 'utf8');
  const other = code.replace(/\bVERSION = .*;/, 'VERSION = "0.0.0";');
  assert.notEqual(other, code);
  writeFileSync(join(dirname(program), 'memvolley-worker.js'), other);
  const { status, output, errors } = await run(program, server.address);
  assert.deepEqual([status, output], [0, '{"same":true,"inWorkers":false}']);
  assert.match(errors, /is not of the version of memvolley that this program was made with/);
});
