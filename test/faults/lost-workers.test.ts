// Workers that end in every way there is, in a process with little memory: it lives, its calls settle, and it ends by itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { resolveCodecOptions } from '../../src/codec/codec-options.ts';
import { MSGPACK } from '../../src/codec/flags.ts';
import { StandardCodec } from '../../src/codec/standard-codec.ts';
import { ScriptedServer } from '../support/scripted-server.ts';
import type { Seen } from './programs/loses-workers.ts';

const PROGRAM = fileURLToPath(new URL('./programs/loses-workers.js', import.meta.url));
const HEAP_MB = 64;

async function loseWorkers(
  t: TestContext,
  how: string,
  bad: { flags: number; data: string | Uint8Array },
): Promise<Seen> {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  const item = { flags: String(bad.flags), data: Buffer.from(bad.data as string), cas: 1 };
  server.items.set('bad', item);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, PROGRAM, how, server.address],
    { timeout: 60_000 },
  );
  const seen = JSON.parse(stdout) as Seen;
  assert.equal(seen.wrong, 0);
  assert.deepEqual(seen.left, []);
  return seen;
}

for (const how of ['exit', 'hang', 'start', 'memory'] as const) {
  test(`workers that end in ${how}, with calls under way: all settle, the pool is back, the process ends`, async (t) => {
    const bad = { flags: 1, data: JSON.stringify({ mood: how, text: 'bad' }) };
    const seen = await loseWorkers(t, how, bad);
    const memory = how === 'memory';
    assert.deepEqual(seen.errors, memory ? ['ERR_MEMCACHE_ENCODE'] : []);
    assert.equal(seen.unreadable, memory ? 1 : 0, 'a stored item that is too much is unreadable');
    assert.ok(seen.failures >= (how === 'start' ? 1 : 2), `${seen.failures} failures`);
  });
}

/** Eight million empty arrays in a list of lists: some kilobytes on the wire. */
function bomb(): { flags: number; data: string | Uint8Array } {
  const EMPTY = 0x90;
  const LIST_OF_64K = [0xdc, 0xff, 0xff];
  const list = Buffer.concat([Buffer.from(LIST_OF_64K), Buffer.alloc(0xffff, EMPTY)]);
  const lists = Buffer.concat([Buffer.from([0xdc, 0, 128]), ...Array(128).fill(list)]);
  const standard = new StandardCodec({ ...resolveCodecOptions({}), codec: undefined });
  return standard.finish({ flags: MSGPACK, data: lists }, 'bad');
}

test('a stored item that unfolds beyond all memory costs a worker, not the process', async (t) => {
  const item = bomb();
  assert.ok(item.data.length < 100_000, 'small on the wire');
  const seen = await loseWorkers(t, 'bomb', item);
  assert.deepEqual(seen.errors, []);
  assert.equal(seen.unreadable, 1);
  assert.ok(seen.failures >= 1);
});
