import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startMemcached } from '../../src/testing/index.ts';

/** memcached cannot tell which keys there are in a namespace. */
const NOT_TO_BE_HAD = [
  '.iterator() returns an asyncIterator',
  'iterator() iterates over all values',
  "iterator() doesn't yield values from other namespaces",
  "iterator() doesn't yield expired values, and deletes them",
];

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** The tests of the suite by how they ended. */
async function run(server: string): Promise<Map<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  const report = join(folder, 'report.json');
  const program = fileURLToPath(new URL('run-vitest.js', import.meta.url));
  try {
    // That some tests fail is the exit code 1.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, 'keyv.suite.js', report],
      { env: { ...process.env, KEYV_SUITE_SERVER: server, NO_COLOR: '1' }, timeout: 90_000 },
    ).catch((error: unknown) => error as { stdout: string });
    console.log(stdout);
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const ends = new Map<string, string[]>();
    for (const { title, status } of testResults.flatMap((each) => each.assertionResults))
      ends.set(status, [...(ends.get(status) ?? []), title]);
    return ends;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('all tests of @keyv/test-suite pass but those of the iterator', async () => {
  await using server = await startMemcached();
  const ends = await run(server.address);
  assert.deepEqual(ends.get('failed')?.toSorted(), NOT_TO_BE_HAD.toSorted());
  assert.deepEqual([...ends.keys()].toSorted(), ['failed', 'passed']);
  assert.equal(ends.get('passed')?.length, 38);
});
