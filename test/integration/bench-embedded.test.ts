// The bench where there is no memcached: on the test server, and everything says so.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');
const PROGRAM = join(ROOT, 'dist/bench/run.js');
const WARNING = /EMBEDDED: the server is the test server .* no figures of memcached/;

/** No program is found but Node.js, by whose path it is called. */
function bench(...flags: readonly string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  return spawnSync(process.execPath, ['--expose-gc', PROGRAM, ...flags], {
    encoding: 'utf8',
    env: { ...process.env, PATH: dirname(process.execPath), MEMCACHED_BIN: '/nowhere/memcached' },
    timeout: 60_000,
  });
}

describe('bench --embedded', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-embedded-'));
  after(() => rmSync(folder, { recursive: true }));

  test('runs without memcached, and says so in text, figures and page', () => {
    const json = join(folder, 'run.json');
    const { status, stdout, stderr } = bench(
      ...['--embedded', '--smoke', '--rival', 'none', '--json', json],
    );
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, WARNING);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      environment: { warning: string; servers: string[] };
      sections: { data: { failures?: unknown }; verdicts?: unknown }[];
    };
    assert.match(report.environment.warning, WARNING);
    assert.deepEqual(report.environment.servers, ['test server of memvolley, no memcached']);
    assert.equal(report.sections.length, 2);
    for (const { verdicts } of report.sections) assert.equal(verdicts, undefined);
    assert.match(readFileSync(json.replace(/json$/, 'html'), 'utf8'), WARNING);
  });

  test('skips what needs memcached with a line, and refuses where nothing is left', () => {
    const { status, stdout, stderr } = bench('--embedded', '--scenario', 'stalled,incast');
    assert.equal(status, 1);
    assert.match(stdout, /^stalled is skipped: it needs memcached$/m);
    assert.match(stdout, /^incast is skipped: it needs memcached$/m);
    assert.match(stderr, /^bench: nothing is left to run with --embedded$/m);
  });

  test('is not for servers that are there', () => {
    const { status, stderr } = bench('--embedded', '--server', '127.0.0.1:1');
    assert.equal(status, 1);
    assert.match(stderr, /^bench: --embedded is for where there is no server/m);
  });
});

test('npm run bench passes what stands behind -- to the program, and asks for no memcached', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { bench: string };
  };
  const { bench: script } = manifest.scripts;
  assert.match(script, /prepare\.mjs --rivals --run dist\/bench\/run\.js$/);
});
