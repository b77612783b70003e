import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { CODEC_NAMES, type CodecName } from '../../src/codec/codec-name.ts';
import { ValueCodec } from '../../src/codec/value-codec.ts';
import { hasZstd } from '../../src/codec/zstd.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from '../unit/codec/pool-support.ts';
import { ACCEPTED, COMPRESSORS, givenBack, key, withoutMinusZero } from './codec-values.ts';
import { runs } from '../support/runs.ts';

const EAGER = { compressFromBytes: 50, minGain: 0, offloadFromBytes: 0, shardTimeoutMs: 30_000 };

const pooled: ValueCodec[] = [];
after(() => Promise.all(pooled.map((codec) => codec.close())));

/** Bytes inside values come out of a worker as Uint8Array. */
function withoutBuffersInside(value: unknown, copies = new Map<unknown, unknown>()): unknown {
  if (copies.has(value)) return copies.get(value);
  if (typeof value !== 'object' || value === null) return value;
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain && !Array.isArray(value)) return value;
  const copy = Array.isArray(value) ? [] : {};
  copies.set(value, copy);
  for (const [name, inner] of Object.entries(value)) {
    const plain = inner instanceof Uint8Array ? new Uint8Array(inner) : inner;
    // Not by assignment: there are properties named __proto__.
    Object.defineProperty(copy, name, {
      value: withoutBuffersInside(plain, copies),
      enumerable: true,
    });
  }
  return copy;
}

function assertGivenBack(codec: CodecName, actual: unknown, value: unknown): void {
  const expected = givenBack(codec, value);
  if (codec === 'v8') assert.deepEqual(actual, expected);
  else assert.deepEqual(withoutMinusZero(actual), withoutMinusZero(expected));
}

for (const codec of CODEC_NAMES) {
  for (const [name, compressor] of Object.entries(COMPRESSORS)) {
    test(`${codec}, ${name}: what is accepted comes back and does not alias its source`, () => {
      for (const checksum of [false, true]) {
        const values = new ValueCodec({ codec, compressor, checksum, offload: 'never', ...EAGER });
        fc.assert(
          fc.property(ACCEPTED[codec], key, (value, of) => {
            const { flags, item } = stored(values.encode(value, of));
            assert.ok(flags !== 0 || item.length > 0, 'a placeholder');
            const source = Buffer.concat([Buffer.alloc(5, 0xc1), item, Buffer.alloc(5, 0xc1)]);
            const decoded = values.decode(flags, source, 5, 5 + item.length, false, of);
            source.fill(0xc1);
            assertGivenBack(codec, decoded, value);
          }),
          runs(30),
        );
      }
    });
  }
}

test(
  'zstd as well',
  { skip: hasZstd ? false : `Node.js ${process.versions.node} has none` },
  () => {
    assert.ok('zstd' in COMPRESSORS);
  },
);

for (const codec of CODEC_NAMES) {
  test(`${codec}: what a pool encodes or decodes comes back, here and there`, async () => {
    for (const [at, compressor] of Object.values(COMPRESSORS).entries()) {
      const options = { codec, compressor, checksum: at % 2 === 0, ...EAGER };
      const there = new ValueCodec({ ...options, offload: 'always', workers: 1 });
      const here = new ValueCodec({ ...options, offload: 'never' });
      pooled.push(there);
      const sample = codec === 'buffer' ? Buffer.alloc(5000) : 'some text '.repeat(1000);
      if (typeof compressor === 'string' && compressor !== 'none') await warmUp(there, sample);
      await fc.assert(
        fc.asyncProperty(
          fc.array(ACCEPTED[codec], { minLength: 1, maxLength: 10 }),
          key,
          async (values, of) => {
            const items = await Promise.all(
              values.map(async (value) => stored(await valueOf(encodeLater(there, value, of)))),
            );
            const back = await Promise.all(
              items.map(({ flags, item }) => valueOf(decodeLater(there, flags, item, of))),
            );
            values.forEach((value, row) => {
              const { flags, item } = items[row];
              const alone = here.decode(flags, item, 0, item.length, false, of);
              for (const decoded of [back[row], alone]) {
                assertGivenBack(codec, withoutBuffersInside(decoded), withoutBuffersInside(value));
              }
            });
          },
        ),
        runs(8),
      );
      await there.close();
    }
  });
}
