// What is installed beside this package.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);

test('nothing older is installed than what its faults were mended in', () => {
  // RUSTSEC-2026-0041 (lz4-napi), CVE-2023-52079 and array budgets (msgpackr), ignored errors (msgpackr-extract).
  for (const [name, least] of [
    ['lz4-napi', [2, 10, 0]],
    ['msgpackr', [2, 1, 3]],
    ['msgpackr-extract', [3, 0, 7]],
  ] as const) {
    const { version } = lock.packages[`node_modules/${name}`];
    const order = version.split('.').map((part, i) => Number(part) - least[i]);
    assert.ok((order.find((difference) => difference !== 0) ?? 0) >= 0, `${name} ${version}`);
  }
});

test('what is shipped is a short list, and only one of it would run a script', () => {
  const needed = shipped.filter(([, { optional }]) => optional !== true).map(([path]) => path);
  assert.ok(needed.length <= 8, needed.join());
  const scripted = shipped.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  assert.deepEqual(
    scripted.map(([path]) => path),
    ['node_modules/msgpackr-extract'],
  );
});

/** Streams, sockets and files; the workers that decode. */
const OF_NODE =
  'async_hooks buffer crypto diagnostics_channel dns/promises events fs fs/promises module net os path stream timers/promises tls url util util/types worker_threads zlib v8';

test('of Node.js nothing is used that starts programs, speaks UDP or makes code', () => {
  const source = join(root, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const used = new Set<string>();
  for (const file of files) {
    // What tests are given starts servers.
    if (!file.endsWith('.ts') || file.startsWith('testing')) continue;
    const text = readFileSync(join(source, file), 'utf8');
    for (const [, name] of text.matchAll(/\b(?:from|import|require)\b[ (]*'node:([a-z0-9_/]+)'/g))
      used.add(name);
    assert.doesNotMatch(text, /\beval\(|new Function\(|process\.binding/, file);
  }
  assert.deepEqual([...used].toSorted(), OF_NODE.split(' ').toSorted());
});
