// Nothing here needs code made from text, and no stored bytes have any made.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CODEC_NAMES } from '../../src/codec/codec-name.ts';
import { COMPRESSOR_NAMES } from '../../src/codec/compressor.ts';
import { hasZstd } from '../../src/codec/zstd.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { REFUSED_MSGPACK } from '../support/hostile-msgpack.ts';
import type { Outcome } from './programs/codecs.ts';

const PROGRAM = fileURLToPath(new URL('./programs/codecs.js', import.meta.url));
const run = promisify(execFile);

async function outcomeOf(flags: readonly string[], offloads: readonly string[]): Promise<Outcome> {
  await using server = await startMemcached();
  const args = [...flags, PROGRAM, server.address, ...offloads];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as Outcome;
}

function check({ trips, wrong, idle, hostile }: Outcome, offloads: readonly string[]): void {
  // Beside the names there is 'none'.
  const compressors = COMPRESSOR_NAMES.length + (hasZstd ? 1 : 0);
  assert.equal(trips, offloads.length * (CODEC_NAMES.length * compressors + 1));
  assert.deepEqual(wrong, []);
  assert.deepEqual(idle, []);
  for (const [name, came] of Object.entries(hostile))
    assert.ok(came === 'value' || came === 'ERR_MEMCACHE_DECODE', `${name}: ${came}`);
  for (const name of Object.keys(REFUSED_MSGPACK))
    for (const offload of offloads)
      assert.equal(hostile[`${offload}: ${name}`], 'ERR_MEMCACHE_DECODE', name);
}

test('every codec and compressor works where code may not be made from text, here and in workers', async () => {
  const offloads = ['never', 'always'];
  check(await outcomeOf(['--disallow-code-generation-from-strings'], offloads), offloads);
});

test('where it may be made, none is, whatever was stored', async () => {
  // How often it is made is counted in the main thread.
  const outcome = await outcomeOf([], ['never']);
  check(outcome, ['never']);
  assert.equal(outcome.made, 0);
});
