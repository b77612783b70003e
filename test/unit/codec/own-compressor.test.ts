import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { ValueCodec } from '../../../src/codec/value-codec.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from './pool-support.ts';

const text = 'some text '.repeat(1000);

const codecs: ValueCodec[] = [];
function newCodec(...[options]: ConstructorParameters<typeof ValueCodec>): ValueCodec {
  const codec = new ValueCodec({ workers: 1, shardTimeoutMs: 30_000, ...options });
  codecs.push(codec);
  return codec;
}
after(() => Promise.all(codecs.map((codec) => codec.close())));

test("a compressor of one's own stays on this thread; what others wrote is unfolded in the pool", async () => {
  let here = 0;
  const compressor = {
    compress(bytes: Uint8Array) {
      here++;
      return deflateSync(bytes);
    },
    decompress(bytes: Uint8Array, maxBytes: number) {
      here++;
      return inflateSync(bytes, { maxOutputLength: maxBytes });
    },
  };
  const codec = newCodec({ compressor, offload: 'always' });
  const other = newCodec({ compressor: 'zlib', offload: 'always' });
  await warmUp(other, text);
  assert.equal(codec.offloadsEncode(text), false);
  const own = stored(await valueOf(encodeLater(codec, text)));
  assert.equal(own.flags, (1 << 8) | (4 << 13));
  assert.equal(codec.offloadsDecode(own.flags, own.item.length), false);
  assert.equal(codec.decode(own.flags, own.item, 0, own.item.length, false, 'k'), text);
  assert.equal(await valueOf(decodeLater(codec, own.flags, own.item)), text);
  assert.equal(here, 3);
  assert.throws(() => other.decode(own.flags, own.item, 0, own.item.length, false, 'k'), {
    code: 'ERR_MEMCACHE_DECODE',
    message: /compressor that is not configured here/,
  });
  const noise = Array.from({ length: 4000 }, (_, at) => ((at * 7919) % 9973).toString(36)).join('');
  const { flags, item } = stored(other.encode(noise, 'k'));
  assert.equal(codec.offloadsDecode(flags, item.length), true);
  const inPool = async (): Promise<boolean> => {
    assert.equal(await valueOf(decodeLater(codec, flags, item)), noise);
    return codec.metrics.decodedInPool > 0;
  };
  for (let round = 0; round < 1000 && !(await inPool()); round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(codec.metrics.decodedInPool > 0);
  assert.equal(codec.metrics.encodedInPool, 0);
});

test("a compressor of one's own that fails is an error that arrives late and once", async () => {
  const codec = newCodec({
    compressor: { compress: () => assert.fail('canary'), decompress: () => assert.fail('canary') },
  });
  const outcome = await encodeLater(codec, text);
  assert.ok('error' in outcome && outcome.error.code === 'ERR_MEMCACHE_ENCODE');
  assert.doesNotMatch(outcome.error.message, /canary/);
  assert.throws(() => codec.encode(text, 'k'), { code: 'ERR_MEMCACHE_ENCODE' });
});
