import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ChecksumMismatchError, ValueCodec } from '../../../src/codec/value-codec.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from './pool-support.ts';

const text = 'some text '.repeat(1000);
const rows = { rows: Array.from({ length: 400 }, (_, id) => ({ id, name: `name ${id}` })) };
const VALUES = [text, '€'.repeat(3000), Buffer.alloc(5000, 'b'), rows, 7, 'small', null, { a: 1 }];

const codecs: ValueCodec[] = [];
function newCodec(...[options]: ConstructorParameters<typeof ValueCodec>): ValueCodec {
  const codec = new ValueCodec({ workers: 1, ...options });
  codecs.push(codec);
  return codec;
}
after(() => Promise.all(codecs.map((codec) => codec.close())));

for (const options of [
  {},
  { checksum: true },
  { compressor: 'zlib' as const },
  { compressor: 'gzip' as const, checksum: true },
  { compressor: 'brotli' as const },
  { codec: 'json' as const },
  { codec: 'v8' as const },
  { maxShardBytes: 4096 },
]) {
  test(`through the pool, values come back as they went: ${JSON.stringify(options)}`, async () => {
    const codec = newCodec({ ...options, offload: 'always' });
    const inline = newCodec({ ...options, offload: 'never' });
    await warmUp(codec, text);
    const before = { ...codec.metrics };
    for (const value of VALUES) {
      const { flags, item } = stored(await valueOf(encodeLater(codec, value, 'key')));
      assert.deepEqual(inline.decode(flags, item, 0, item.length, false, 'key'), value);
      assert.deepEqual(await valueOf(decodeLater(codec, flags, item, 'key')), value);
      const alone = stored(inline.encode(value, 'key'));
      assert.equal(flags, alone.flags);
    }
    // Text, more text, bytes, two objects; the rest needs no worker.
    assert.equal(codec.metrics.encodedInPool - before.encodedInPool, 5);
    assert.ok(codec.metrics.decodedInPool - before.decodedInPool >= 4);
    assert.equal(codec.metrics.workerFailures, 0);
  });
}

test('a burst shares shards, and every value finds its own way back', async () => {
  const codec = newCodec({ offload: 'always' });
  await warmUp(codec, text);
  const { shards } = codec.metrics;
  const burst = Array.from({ length: 50 }, (_, id) => `${id} ${text}`);
  const items = await Promise.all(
    burst.map(async (value) => stored(await valueOf(encodeLater(codec, value)))),
  );
  assert.equal(codec.metrics.shards - shards, 1);
  const back = await Promise.all(
    items.map(({ flags, item }) => valueOf(decodeLater(codec, flags, item))),
  );
  assert.deepEqual(back, burst);
});

test('output not yet let go stays intact, and when no arena is left work is done inline', async () => {
  const codec = newCodec({ offload: 'always' });
  await warmUp(codec, text);
  const held = [];
  for (let round = 0; round < 40; round++) {
    held.push(await valueOf(encodeLater(codec, `${round} ${text}`)));
  }
  const pooled = held.filter(({ release }) => release !== undefined).length;
  assert.ok(pooled > 0 && pooled < 20, `${pooled} arenas`);
  for (const [round, { flags, data }] of held.entries()) {
    const item = Buffer.from(data as Uint8Array);
    assert.equal(codec.decode(flags, item, 0, item.length, false, 'k'), `${round} ${text}`);
  }
  for (const { release } of held) {
    release?.();
    release?.();
  }
  const again = await valueOf(encodeLater(codec, text));
  assert.ok(again.release !== undefined);
  again.release();
});

test('letting one output go twice does not free the arena of another', async () => {
  const codec = newCodec({ offload: 'always' });
  await warmUp(codec, text);
  const [one, other] = await Promise.all([
    valueOf(encodeLater(codec, `one ${text}`)),
    valueOf(encodeLater(codec, `other ${text}`)),
  ]);
  one.release?.();
  one.release?.();
  const { encodedInPool } = codec.metrics;
  await valueOf(encodeLater(codec, `third ${text}`));
  assert.equal(codec.metrics.encodedInPool, encodedInPool + 1);
  const { flags, item } = stored(other);
  assert.equal(codec.decode(flags, item, 0, item.length, false, 'k'), `other ${text}`);
});

test("'auto' sends bursts that cost much to the pool, both ways", async () => {
  const codec = newCodec({ compressor: 'zlib' });
  const digits = Array.from({ length: 4000 }, (_, at) => ((at * 7919) % 9973).toString(36)).join(
    '',
  );
  const burst = Array.from({ length: 30 }, (_, id) =>
    id % 3 === 0 ? { id, digits } : id % 3 === 1 ? `${id}${digits}` : Buffer.from(`${id}${digits}`),
  );
  const done = (): boolean => codec.metrics.encodedInPool > 90 && codec.metrics.decodedInPool > 90;
  for (let round = 0; round < 300 && !done(); round++) {
    const items = await Promise.all(
      burst.map(async (value) => stored(await valueOf(encodeLater(codec, value)))),
    );
    const back = items.map(({ flags, item }) => valueOf(decodeLater(codec, flags, item)));
    assert.deepEqual(await Promise.all(back), burst);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(done(), JSON.stringify(codec.metrics));
});

test('errors arrive late, once, and as errors of ours', async () => {
  const codec = newCodec({ offload: 'always' });
  await warmUp(codec, text);
  const refusals = await Promise.all(
    [undefined, '\ud800', () => 1, { s: Symbol('canary') }].map((value) =>
      encodeLater(codec, value),
    ),
  );
  for (const refusal of refusals) {
    assert.ok('error' in refusal && refusal.error.code === 'ERR_MEMCACHE_ENCODE');
  }
  const { flags, item } = stored(codec.encode(text, 'k'));
  item[0] ^= 0xff;
  const broken = await decodeLater(codec, flags, item);
  assert.ok('error' in broken && broken.error.code === 'ERR_MEMCACHE_DECODE');
  assert.equal(codec.metrics.workerFailures, 0);
});

test('a checksum mismatch is one in the pool too', async () => {
  const codec = newCodec({ offload: 'always', checksum: true });
  await warmUp(codec, text);
  const { flags, item } = stored(await valueOf(encodeLater(codec, text, 'mine')));
  const other = await decodeLater(codec, flags, item, 'yours');
  assert.ok('error' in other && other.error instanceof ChecksumMismatchError);
});

test('bytes in decoded objects never alias an arena', async () => {
  const codec = newCodec({ offload: 'always' });
  await warmUp(codec, text);
  const value = { bytes: Buffer.alloc(6000, 1), more: Buffer.alloc(6000, 2) };
  const { flags, item } = stored(codec.encode(value, 'k'));
  const decoded = (await valueOf(decodeLater(codec, flags, item))) as typeof value;
  for (let round = 0; round < 8; round++) {
    await valueOf(
      decodeLater(codec, ...(Object.values(stored(codec.encode(text, 'k'))) as [number, Buffer])),
    );
  }
  assert.equal(
    decoded.bytes.every((byte) => byte === 1),
    true,
  );
  assert.equal(
    decoded.more.every((byte) => byte === 2),
    true,
  );
});

test('values of any size cross, beyond what an arena of the usual size holds', async () => {
  const codec = newCodec({ offload: 'always', maxShardBytes: 8192 });
  await warmUp(codec, text);
  const { encodedInPool } = codec.metrics;
  for (let odd = 0; odd < 4; odd++) {
    const value = Buffer.alloc(100_001 + odd, 'v');
    const { flags, item } = stored(await valueOf(encodeLater(codec, value)));
    assert.deepEqual(await valueOf(decodeLater(codec, flags, item)), value);
  }
  assert.equal(codec.metrics.encodedInPool, encodedInPool + 4);
});

test("'auto' offers the pool what is large and nothing else", () => {
  const codec = newCodec({});
  assert.equal(codec.offloadsEncode(text), true);
  assert.equal(codec.offloadsEncode(Buffer.alloc(5000)), true);
  for (const small of ['small', 1, null, true, Buffer.alloc(100), undefined, 5n, { a: 1 }]) {
    assert.equal(codec.offloadsEncode(small), false);
  }
  for (let round = 0; round < 50; round++) codec.encode(rows, 'k');
  assert.equal(codec.offloadsEncode(rows), true);
  for (const flags of [0, 2, 4, 16, 32]) assert.equal(codec.offloadsDecode(flags, 1e6), false);
  assert.equal(codec.offloadsDecode(64 | 256, 5000), true);
  assert.equal(codec.offloadsDecode(24, 5000), true);
  assert.equal(codec.offloadsDecode(64 | 256, 100), false);
});

test("'auto' loses interest in the pool while single values are cheaper inline", async () => {
  const codec = newCodec({});
  for (let round = 0; round < 3; round++) {
    if (codec.offloadsEncode(text.slice(0, 5000))) await encodeLater(codec, text.slice(0, 5000));
  }
  assert.equal(codec.offloadsEncode(text), false);
  assert.equal(codec.metrics.shards, 0);
  const asked = Array.from({ length: 40 }, () => codec.offloadsEncode(text));
  assert.ok(asked.includes(true), 'it never looks again');
});

test("'never' offers nothing and starts nothing", async () => {
  const codec = newCodec({ offload: 'never' });
  assert.equal(codec.offloadsEncode(text), false);
  assert.equal(codec.offloadsDecode(64, 1e6), false);
  const { flags, item } = stored(await valueOf(encodeLater(codec, text)));
  assert.equal(await valueOf(decodeLater(codec, flags, item)), text);
  assert.equal(codec.metrics.encodedInPool + codec.metrics.decodedInPool, 0);
});

test('close finishes what is pending; later calls work inline', async () => {
  const codec = newCodec({ offload: 'always' });
  await warmUp(codec, text);
  const { encodedInPool } = codec.metrics;
  const pending = Array.from({ length: 20 }, () => encodeLater(codec, text));
  await new Promise((resolve) => setImmediate(resolve));
  pending.push(encodeLater(codec, text));
  // Not at once: `done` must not be called inside encodeLater.
  await codec.close();
  for (const outcome of pending) (await valueOf(outcome)).release?.();
  const later = await valueOf(encodeLater(codec, text));
  assert.equal(later.release, undefined);
  assert.ok(codec.metrics.encodedInPool - encodedInPool <= 20);
  await codec.close();
});

test('an idle pool does not keep the process alive', async () => {
  const program = fileURLToPath(new URL('./hooks/idle-process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
  assert.equal(stdout, 'worked in the pool');
});

test('the package does not load piscina or lz4 before they are needed', async () => {
  const door = new URL('../../../src/codec/value-codec.js', import.meta.url).href;
  const script = `
    const { ValueCodec } = await import(${JSON.stringify(door)});
    new ValueCodec({}).encode('text', 'k');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).join();
    process.stdout.write(String(/piscina|lz4-napi/.test(loaded)));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ]);
  assert.equal(stdout, 'false');
});
