import assert from 'node:assert/strict';
import { FORMAT_NAMES, FORMATS } from '../../../src/codec/formats.ts';
import { ValueCodec } from '../../../src/codec/value-codec.ts';
import { hasZstd } from '../../../src/codec/zstd.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { stored } from '../../unit/codec/pool-support.ts';
import { assertNothingPolluted, Input } from './bytes.ts';

const MOST_BYTES = 1 << 16;
const KEY = 'k';
/** Beside what unfolds: a chunk of zlib's, and its state. */
const MOST_MEMORY = 2 * MOST_BYTES + 64 * 1024;

/** Each format with each of its codecs; what compresses only matters to what is written. */
const CODECS: readonly ValueCodec[] = FORMAT_NAMES.flatMap((format) =>
  [...FORMATS[format].codecs, undefined].map(
    (codec) =>
      new ValueCodec({
        format,
        offload: 'never',
        maxDecompressedBytes: MOST_BYTES,
        ...(codec === undefined ? {} : { codec }),
      }),
  ),
);

/** Bytes: which codec, four of flags, then the item. */
export function fuzz(data: Buffer): void {
  const input = new Input(data);
  const codec = input.pick(CODECS);
  const flags = input.uint32();
  // As it comes out of a read buffer, with other bytes around it.
  const item = input.rest();
  const before = process.memoryUsage().arrayBuffers;
  try {
    codec.decode(flags, item, 0, item.length, false, KEY);
  } catch (error) {
    assert.ok(error instanceof MemcacheError, String(error));
    assert.equal(error.code, 'ERR_MEMCACHE_DECODE');
  }
  assert.ok(process.memoryUsage().arrayBuffers - before <= MOST_MEMORY, 'takes too much memory');
  assertNothingPolluted();
}

const VALUES: readonly unknown[] = [
  'text',
  '',
  'long '.repeat(1000),
  Buffer.from([0, 1, 255]),
  Buffer.alloc(0),
  42,
  2n ** 63n,
  -1,
  1.5,
  true,
  null,
  [1, 'two', [3], {}],
  { id: 7, name: 'Ada', tags: ['a', 'b'], at: new Date(0), deep: { er: { still: null } } },
  Array.from({ length: 200 }, (_, id) => ({ id, name: `product ${id}` })),
  new Map<unknown, unknown>([['a', new Set([1])]]),
  new Float32Array([1, 2, 3]),
  /regexp/gi,
  Object.assign(new Error('an error'), { stack: 'Error: an error' }),
];

/** Whatever may be written in a format, and the number of the codec above that reads it. */
function writers(): { readonly writer: ValueCodec; readonly reader: number }[] {
  const kinds = FORMAT_NAMES.flatMap((format) =>
    [...FORMATS[format].codecs, undefined].map((codec) => ({ format, codec })),
  );
  return kinds.flatMap(({ format, codec }, reader) => {
    const packings = FORMATS[format].compressors.filter((name) => hasZstd || name !== 'zstd');
    return (['none', ...packings] as const).flatMap((compressor) =>
      (format === 'memvolley' ? [false, true] : [false]).map((checksum) => ({
        reader,
        writer: new ValueCodec({
          ...{ format, compressor, checksum, compressFromBytes: 50, minGain: 0, offload: 'never' },
          ...(codec === undefined ? {} : { codec }),
        }),
      })),
    );
  });
}

/** Every value in every format, codec and compressor that takes it, with and without a checksum. */
export function seeds(): Buffer[] {
  const seen = new Map<string, Buffer>();
  for (const { writer, reader } of writers()) {
    for (const value of VALUES) {
      const seed = seedOf(writer, value, reader);
      if (seed !== undefined) seen.set(seed.toString('latin1'), seed);
    }
  }
  return [...seen.values()];
}

function seedOf(writer: ValueCodec, value: unknown, reader: number): Buffer | undefined {
  try {
    const { flags, item } = stored(writer.encode(value, KEY));
    const head = Buffer.alloc(5);
    head[0] = reader;
    head.writeUInt32BE(flags, 1);
    return Buffer.concat([head, item]);
  } catch {
    return undefined;
  }
}
