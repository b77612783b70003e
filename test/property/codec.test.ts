import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { MemcacheError } from '../../src/errors.ts';
import type { CodecOptions } from '../../src/codec/codec-options.ts';
import { ValueCodec } from '../../src/codec/value-codec.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from '../unit/codec/pool-support.ts';
import { ACCEPTED, key, withoutMinusZero } from './codec-values.ts';
import { runs } from '../support/runs.ts';

const PROFILES: CodecOptions[] = [
  {},
  { checksum: true },
  { compressFromBytes: 0 },
  { compressor: 'zlib', compressFromBytes: 10, checksum: true },
  { compressor: 'none' },
];

const stretched = ACCEPTED.msgpack;
const inlines = PROFILES.map((options) => new ValueCodec({ ...options, offload: 'never' }));
const pooled = new ValueCodec({ offload: 'always', compressFromBytes: 200, workers: 1 });
after(() => pooled.close());

test('what is encoded inline is decoded as it was, and does not alias its source', () => {
  fc.assert(
    fc.property(stretched, key, fc.constantFrom(...inlines), (value, name, codec) => {
      const { flags, item } = stored(codec.encode(value, name));
      const source = Buffer.concat([Buffer.alloc(5, 0xc1), item, Buffer.alloc(5, 0xc1)]);
      const decoded = codec.decode(flags, source, 5, 5 + item.length, false, name);
      source.fill(0xc1);
      assert.deepEqual(withoutMinusZero(decoded), withoutMinusZero(value));
    }),
    runs(500),
  );
});

test('an invalid date stays one', () => {
  for (const codec of inlines) {
    const { flags, item } = stored(codec.encode({ at: new Date(Number.NaN) }, 'key'));
    const { at } = codec.decode(flags, item, 0, item.length, false, 'key') as { at: Date };
    assert.ok(at instanceof Date);
    assert.ok(Number.isNaN(at.getTime()));
  }
});

test('what is encoded in the pool is decoded there and inline as it was', async () => {
  await warmUp(pooled, 'some text '.repeat(1000));
  // Bytes inside objects come out of a clone as Uint8Array, so they are left to the inline property.
  const cloneable = stretched.filter(
    (value) => typeof value !== 'object' || value instanceof Buffer,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(cloneable, { minLength: 1, maxLength: 20 }),
      key,
      async (values, name) => {
        const items = await Promise.all(
          values.map(async (value) => stored(await valueOf(encodeLater(pooled, value, name)))),
        );
        const back = await Promise.all(
          items.map(({ flags, item }) => valueOf(decodeLater(pooled, flags, item, name))),
        );
        assert.deepEqual(back, values);
        items.forEach(({ flags, item }, row) => {
          assert.deepEqual(pooled.decode(flags, item, 0, item.length, false, name), values[row]);
        });
      },
    ),
    runs(100),
  );
  assert.equal(pooled.metrics.workerFailures, 0);
});

test('any bytes under any flags are a value or an error of ours', () => {
  const flags = fc.oneof(
    fc.constantFrom(0, 1, 2, 4, 8, 16, 24, 32, 40, 64, 320, 576, 832, 128, 384, 896, 1024 + 832),
    fc.constantFrom(
      0x400,
      0x440,
      0xc00,
      0x580,
      0x600,
      0x2000,
      0x2100,
      0x4000,
      0x4300,
      0x6000,
      0x8000,
    ),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  fc.assert(
    fc.property(flags, fc.uint8Array({ maxLength: 200 }), (itemFlags, bytes) => {
      try {
        inlines[0].decode(itemFlags, Buffer.from(bytes), 0, bytes.length, false, 'k');
      } catch (error) {
        assert.ok(error instanceof MemcacheError);
        assert.equal(error.code, 'ERR_MEMCACHE_DECODE');
        assert.equal(error.cause, undefined);
      }
      assert.deepEqual(Object.keys(Object.prototype), []);
    }),
    runs(1500),
  );
});

test('one flipped bit under a checksum is never a value', () => {
  const codec = inlines[1];
  fc.assert(
    fc.property(stretched, fc.nat(), (value, at) => {
      const { flags, item } = stored(codec.encode(value, 'k'));
      fc.pre((flags & 128) !== 0);
      item[(at >> 3) % item.length] ^= 1 << (at & 7);
      assert.throws(() => codec.decode(flags, item, 0, item.length, false, 'k'), {
        code: 'ERR_MEMCACHE_DECODE',
      });
    }),
    runs(100),
  );
});
