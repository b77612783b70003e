import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { MemcacheError } from '../../src/errors.ts';
import { type CodecOptions, ValueCodec } from '../../src/codec/value-codec.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from '../unit/codec/pool-support.ts';

const PROFILES: CodecOptions[] = [
  {},
  { checksum: true },
  { compressFromBytes: 0 },
  { compressor: 'zlib', compressFromBytes: 10, checksum: true },
  { compressor: 'none' },
];

const text = fc.string({ unit: 'binary', maxLength: 300 });
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  // Node 20 takes no invalid date for equal to another; that one has a test of its own.
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.float32Array({ maxLength: 20 }),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
    .filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 8 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('value'),
      {
        maxKeys: 8,
        noNullPrototype: true,
      },
    ),
  ),
}));
/** Long enough, often, to be compressed. */
const stretched = fc
  .tuple(anyValue, fc.integer({ min: 1, max: 200 }))
  .map(([value, times]) => (typeof value === 'string' ? value.repeat(times) : value));
const key = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.uint8Array({ minLength: 1 }));

/** msgpackr has one integer zero inside objects; at the top level -0 is kept. */
function withoutMinusZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([name, inner]) => [name, withoutMinusZero(inner)]),
  );
}

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
    { numRuns: 1000 },
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
    { numRuns: 100 },
  );
  assert.equal(pooled.metrics.workerFailures, 0);
});

test('any bytes under any flags are a value or an error of ours', () => {
  const flags = fc.oneof(
    fc.constantFrom(0, 1, 2, 4, 8, 16, 24, 32, 40, 64, 320, 576, 832, 128, 384, 896, 1024 + 832),
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
    { numRuns: 3000 },
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
  );
});
