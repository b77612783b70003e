import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ValueCodec } from '../../../src/codec/value-codec.ts';
import type { Moody } from './hooks/moody-codec.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from './pool-support.ts';

const hook = (name: string): { module: URL } => ({
  module: new URL(`./hooks/${name}.js`, import.meta.url),
});
const IN_WORKER = 2;
const IN_MAIN = 1;

const codecs: ValueCodec[] = [];
function newCodec(name: string, options: object = {}): ValueCodec {
  const codec = new ValueCodec({ codec: hook(name), workers: 1, offload: 'always', ...options });
  codecs.push(codec);
  return codec;
}
after(() => Promise.all(codecs.map((codec) => codec.close())));

async function moody(options: object = {}): Promise<ValueCodec> {
  const codec = newCodec('moody-codec', options);
  await warmUp(codec, { text: 'first' });
  return codec;
}

/** Encodes good values around a bad one and tells which thread did each. */
async function encodeAround(codec: ValueCodec, bad: Moody): Promise<number[]> {
  const values: Moody[] = [{ text: 'before' }, bad, { text: 'after' }];
  const encoded = await Promise.all(values.map((value) => valueOf(encodeLater(codec, value))));
  return encoded.map((one, row) => {
    const { flags, item } = stored(one);
    assert.deepEqual(JSON.parse(item.toString()), values[row]);
    return flags;
  });
}

test('a codec module works in the pool, both ways', async () => {
  const codec = await moody();
  const { flags, item } = stored(await valueOf(encodeLater(codec, { text: 'äöü' })));
  assert.equal(flags, IN_WORKER);
  assert.equal(codec.offloadsDecode(flags, item.length), true);
  assert.deepEqual(await valueOf(decodeLater(codec, flags, item)), { text: 'äöü' });
  assert.equal(codec.metrics.decodedInPool, 1);
});

test('an object that a module exports stays one, and is given its flags as it set them', async () => {
  const codec = newCodec('object-codec');
  const told = { read: 0xffff_ffff, written: 0xffff_ffff };
  const inline = stored(await valueOf(encodeLater(codec, 'v')));
  assert.deepEqual(await valueOf(decodeLater(codec, inline.flags, inline.item)), told);
  await warmUp(codec, 'v');
  const { flags, item } = stored(await valueOf(encodeLater(codec, 'v')));
  const decoded = codec.metrics.decodedInPool;
  assert.deepEqual(await valueOf(decodeLater(codec, flags, item)), told);
  assert.equal(codec.metrics.decodedInPool, decoded + 1);
});

test('a value the worker cannot do is done inline; its neighbours are not', async () => {
  const codec = await moody();
  const threads = await encodeAround(codec, { mood: 'throw', text: 'bad' });
  assert.deepEqual(threads, [IN_WORKER, IN_MAIN, IN_WORKER]);
  assert.equal(codec.metrics.workerFailures, 0);
});

for (const mood of ['exit', 'hang', 'reject'] as const) {
  test(
    `a worker that fails by ${mood} costs no value, and is replaced`,
    { timeout: 30_000 },
    async () => {
      const codec = await moody({ shardTimeoutMs: 300 });
      const threads = await encodeAround(codec, { mood, text: 'bad' });
      // An unhandled rejection comes to light only once its shard is answered.
      if (mood !== 'reject') assert.deepEqual(threads, [IN_MAIN, IN_MAIN, IN_MAIN]);
      for (let wait = 0; wait < 200 && codec.metrics.workerFailures === 0; wait++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.equal(codec.metrics.workerFailures, 1);
      assert.deepEqual(await encodeAround(codec, { text: 'meanwhile' }), [
        IN_MAIN,
        IN_MAIN,
        IN_MAIN,
      ]);
      const { encodedInPool } = codec.metrics;
      for (let wait = 0; wait < 300 && codec.metrics.encodedInPool === encodedInPool; wait++) {
        await encodeAround(codec, { text: 'again' });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(codec.metrics.encodedInPool > encodedInPool, 'the pool did not come back');
    },
  );
}

test('a result that cannot be cloned is decoded inline', async () => {
  const codec = await moody();
  const item = JSON.stringify({ mood: 'unclonable', text: 'x' });
  assert.deepEqual(await valueOf(decodeLater(codec, 0, item)), { mood: 'unclonable', text: 'x' });
});

test('a value that cannot be cloned is encoded inline and costs no worker', async () => {
  const codec = await moody();
  const value = { text: 'x', method: () => 1 };
  const { flags } = stored(await valueOf(encodeLater(codec, value)));
  assert.equal(flags, IN_MAIN);
  assert.equal(codec.metrics.workerFailures, 0);
  assert.equal(stored(await valueOf(encodeLater(codec, { text: 'y' }))).flags, IN_WORKER);
});

test('workers that fail to start leave the work to the main thread', async () => {
  const codec = newCodec('fails-to-start');
  for (let round = 0; round < 300 && codec.metrics.workerFailures === 0; round++) {
    assert.equal(String(stored(await valueOf(encodeLater(codec, 'v'))).item), 'v');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(codec.metrics.workerFailures, 1);
  assert.equal(await valueOf(decodeLater(codec, 5, 'v')), 'v');
  assert.equal(codec.metrics.encodedInPool, 0);
});

test('workers that never start are not waited for', async () => {
  const codec = newCodec('never-starts');
  for (let round = 0; round < 20; round++) {
    assert.equal(String(stored(await valueOf(encodeLater(codec, 'v'))).item), 'v');
  }
  await codec.close();
  assert.equal(codec.metrics.encodedInPool, 0);
});

test('a module that is not there is an error for each value, not a hang', async () => {
  const codec = newCodec('not-there');
  const encoded = await encodeLater(codec, 'v');
  assert.ok('error' in encoded && encoded.error.code === 'ERR_MEMCACHE_ENCODE');
  const decoded = await decodeLater(codec, 0, 'v');
  assert.ok('error' in decoded && decoded.error.code === 'ERR_MEMCACHE_DECODE');
});

test('close while a worker hangs gives the values back at once', async () => {
  const codec = await moody({ shardTimeoutMs: 60_000 });
  const pending = encodeAround(codec, { mood: 'hang', text: 'bad' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await codec.close();
  assert.deepEqual(await pending, [IN_MAIN, IN_MAIN, IN_MAIN]);
});
