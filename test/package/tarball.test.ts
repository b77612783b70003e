import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startMemcached } from '../../src/testing/index.ts';
import { InstalledPackage } from '../support/installed-package.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');

const project = new InstalledPackage();
const packed = project.tarball.files.map((file) => file.path);

after(() => {
  project.remove();
});

test('the tarball holds the library and nothing else', () => {
  const allowed =
    /^(dist\/bundle\/[\w-]+\.js|dist\/src\/.+\.d\.ts|src\/adapters\/prometheus\/dashboard\.json|src\/config\/schema\.json|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
  assert.deepEqual(
    packed.filter((path) => !allowed.test(path)),
    [],
  );
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']) {
    assert.ok(packed.includes(file), `${file} is missing`);
  }
});

test('npm pack builds first: nothing tells npm to leave prepack out', () => {
  assert.doesNotMatch(readFileSync(join(root, '.npmrc'), 'utf8'), /ignore-scripts/);
});

test('every file that package.json exports is there', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
  };
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  for (const target of targets) {
    assert.ok(packed.includes(target.replace(/^\.\//, '')), `${target} is missing`);
  }
});

test('import and require give the same door', () => {
  const names = (reply: unknown): string[] => (reply as string[]).toSorted();
  const imported = names(
    project.run(
      'import.mjs',
      `import { createClient } from 'memvolley';
       if (typeof createClient !== 'function') throw new Error('no createClient');
       console.log(JSON.stringify(Object.keys(await import('memvolley'))));`,
    ),
  );
  const required = names(
    project.run(
      'require.cjs',
      `const { createClient } = require('memvolley');
       if (typeof createClient !== 'function') throw new Error('no createClient');
       const names = Object.keys(require('memvolley'));
       console.log(JSON.stringify(names.filter((name) => name !== '__esModule')));`,
    ),
  );
  assert.ok(imported.includes('createClient'));
  assert.deepEqual(required, imported);
});

test('the door to testing starts a server', () => {
  const reply = project.run(
    'testing.mjs',
    `import { startMemcached } from 'memvolley/testing';
     const server = await startMemcached();
     console.log(JSON.stringify(server.version));
     await server.stop();`,
  );
  assert.match(String(reply), /^1\./);
});

test('the doors share their classes, and nothing has lost its name', () => {
  const reply = project.run(
    'doors.mjs',
    `import * as door from 'memvolley';
     import * as testing from 'memvolley/testing';
     const error = await testing.startChaosProxy({ to: 'nowhere' }).catch((reason) => reason);
     const exported = [...Object.entries(door), ...Object.entries(testing)]
       .filter(([, value]) => typeof value === 'function');
     console.log(JSON.stringify({
       isOurs: error instanceof door.MemcacheError,
       sameClass: error.constructor === door.IllegalInputError,
       renamed: exported.filter(([name, value]) => value.name !== name).map(([name]) => name),
       stack: error.stack,
     }));`,
  ) as { isOurs: boolean; sameClass: boolean; renamed: string[]; stack: string };
  assert.deepEqual(
    { isOurs: reply.isOurs, sameClass: reply.sameClass, renamed: reply.renamed },
    { isOurs: true, sameClass: true, renamed: [] },
  );
  // Where it was thrown, as the source calls it.
  assert.match(reply.stack, /\bendpointOf \(.+\/dist\/bundle\//);
});

/** Files of packages that the process opened, CommonJS and ESM alike, seen by the hook every load goes through. */
const LOADED = `
  import { register } from 'node:module';
  import { MessageChannel } from 'node:worker_threads';
  const { port1, port2 } = new MessageChannel();
  const hooks = \`
    let port;
    export function initialize(data) { port = data.port; }
    export async function load(url, context, next) { port.postMessage(url); return next(url, context); }
  \`;
  const loaded = [];
  port1.on('message', (url) => loaded.push(url));
  register('data:text/javascript,' + encodeURIComponent(hooks), {
    data: { port: port2 },
    transferList: [port2],
  });
  await import('memvolley');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { createRequire } = await import('node:module');
  loaded.push(...Object.keys(createRequire(import.meta.url).cache));
  console.log(JSON.stringify(loaded));
  process.exit();
`;

test('importing the package loads no other package', () => {
  const loaded = project.run('loaded.mjs', LOADED) as string[];
  assert.ok(loaded.some((url) => url.includes('/memvolley/dist/bundle/index.js')));
  assert.deepEqual(
    loaded.filter((url) => /\/node_modules\/(?!memvolley\/)/.test(url)),
    [],
  );
});

test('importing the package loads nothing of Node that takes long and few need', () => {
  const loaded = project.run(
    'built-ins.mjs',
    `const before = new Set(process.moduleLoadList);
     await import('memvolley');
     console.log(JSON.stringify(process.moduleLoadList.filter((name) => !before.has(name))));`,
  ) as string[];
  assert.ok(loaded.includes('NativeModule net'));
  for (const name of ['tls', 'crypto', 'dns/promises', 'worker_threads', 'child_process']) {
    assert.ok(!loaded.includes(`NativeModule ${name}`), name);
  }
});

test('values go through the workers of the installed package', async () => {
  await using server = await startMemcached();
  // Until a worker has started, values are done on the main thread: also where there is none to start.
  const reply = project.run(
    'offload.mjs',
    `import { createClient } from 'memvolley';
     const cache = createClient({ servers: [process.argv[2]], offload: 'always' });
     const value = { text: 'volley '.repeat(2000), numbers: [1, 2.5, -3] };
     let codec, stored, read;
     do {
       stored = await cache.set('k', value);
       read = await cache.get('k');
       codec = cache.metrics().codec;
     } while (codec.workerFailures === 0 && (codec.encodedInPool === 0 || codec.decodedInPool === 0));
     await cache.close();
     console.log(JSON.stringify({
       stored,
       same: JSON.stringify(read) === JSON.stringify(value),
       workerFailures: codec.workerFailures,
     }));`,
    server.address,
  );
  assert.deepEqual(reply, { stored: true, same: true, workerFailures: 0 });
});
