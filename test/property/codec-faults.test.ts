import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CODEC_NAMES } from '../../src/codec/codec-name.ts';
import type { CodecOptions } from '../../src/codec/codec-options.ts';
import { ValueCodec } from '../../src/codec/value-codec.ts';
import { MemcacheError } from '../../src/errors.ts';
import { stored } from '../unit/codec/pool-support.ts';
import { ACCEPTED, COMPRESSORS } from './codec-values.ts';
import { runs } from '../support/runs.ts';

/** Small, so that more than twice as much would show. */
const MOST_BYTES = 1 << 16;
const INTEGER = 2;

interface Item {
  readonly flags: number;
  readonly item: Buffer;
}

const codecWith = (options: CodecOptions): ValueCodec =>
  new ValueCodec({
    offload: 'never',
    compressFromBytes: 50,
    minGain: 0,
    maxDecompressedBytes: MOST_BYTES,
    ...options,
  });

/** A value or an error of ours, and no more memory than allowed. */
function attempt(codec: ValueCodec, { flags, item }: Item): { value: unknown } | undefined {
  const before = process.memoryUsage();
  try {
    return { value: codec.decode(flags, item, 0, item.length, false, 'k') };
  } catch (error) {
    assert.ok(error instanceof MemcacheError, String(error));
    assert.equal(error.code, 'ERR_MEMCACHE_DECODE');
    return undefined;
  } finally {
    const { arrayBuffers, external } = process.memoryUsage();
    // Beside what unfolds: a chunk of zlib's, and its state.
    assert.ok(arrayBuffers - before.arrayBuffers <= 2 * MOST_BYTES + 16_384);
    assert.ok(external - before.external <= 2 * MOST_BYTES + 16_384 + 4096);
  }
}

function refused(codec: ValueCodec, item: Item, what: string): void {
  assert.equal(attempt(codec, item), undefined, what);
}

for (const name of CODEC_NAMES) {
  for (const [compressorName, compressor] of Object.entries(COMPRESSORS)) {
    test(`${name}, ${compressorName}: with a checksum no damage is a value`, () => {
      const codec = codecWith({ codec: name, compressor, checksum: true });
      fc.assert(
        fc.property(ACCEPTED[name], fc.integer({ min: 1, max: 255 }), (value, mask) => {
          const { flags, item } = stored(codec.encode(value, 'k'));
          fc.pre(flags !== INTEGER && item.length < 3000);
          for (let at = 0; at < item.length; at++) {
            refused(codec, { flags, item: item.subarray(0, at) }, `cut off at ${at}`);
            const broken = Buffer.from(item);
            broken[at] ^= mask;
            refused(codec, { flags, item: broken }, `${mask} at ${at}`);
          }
          for (const more of ['\0', 'more']) {
            const longer = Buffer.concat([item, Buffer.from(more)]);
            refused(codec, { flags, item: longer }, `${more} behind it`);
          }
        }),
        runs(4),
      );
    });

    test(`${name}, ${compressorName}: without one damage is a value or an error of ours`, () => {
      const codec = codecWith({ codec: name, compressor });
      fc.assert(
        fc.property(ACCEPTED[name], fc.integer({ min: 1, max: 255 }), (value, mask) => {
          const { flags, item } = stored(codec.encode(value, 'k'));
          fc.pre(item.length < 3000);
          for (let at = 0; at < item.length; at++) {
            attempt(codec, { flags, item: item.subarray(0, at) });
            const broken = Buffer.from(item);
            broken[at] ^= mask;
            attempt(codec, { flags, item: broken });
          }
          for (let bit = 0; bit < 32; bit++) {
            attempt(codec, { flags: (flags ^ (1 << bit)) >>> 0, item });
          }
        }),
        runs(4),
      );
    });

    test(`${name}, ${compressorName}: a compressed item that something was appended to is unreadable`, () => {
      if (typeof compressor !== 'string' || compressor === 'none') return;
      const codec = codecWith({ codec: name, compressor });
      const value = name === 'buffer' ? Buffer.alloc(500, 'ab') : 'ab'.repeat(250);
      const { flags, item } = stored(codec.encode(value, 'k'));
      assert.ok(item.length < 200);
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (more) => {
          refused(codec, { flags, item: Buffer.concat([item, more]) }, 'appended');
        }),
        runs(50),
      );
    });
  }
}
