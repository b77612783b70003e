import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CODEC_DEFAULTS,
  CODEC_FORMS,
  type CodecOptions,
  isCodecOption,
  resolveCodecOptions,
} from '../../../src/codec/codec-options.ts';
import { FORMAT_NAMES, FORMATS } from '../../../src/codec/formats.ts';
import { hasZstd } from '../../../src/codec/zstd.ts';

test('what is not given is the default', () => {
  assert.deepEqual(resolveCodecOptions({}), CODEC_DEFAULTS);
  const given: CodecOptions = { workers: 3, checksum: undefined as never };
  assert.deepEqual(resolveCodecOptions(given), { ...CODEC_DEFAULTS, workers: 3 });
});

test("format 'pymemcache' has defaults of its own", () => {
  const resolved = resolveCodecOptions({ format: 'pymemcache' });
  assert.equal(resolved.compressor, 'none');
  assert.equal(resolved.compressFromBytes, 401);
  assert.equal(resolved.minGain, 0);
});

test('what cannot be is refused', () => {
  const wrong: Record<string, unknown>[] = [
    { format: 'other' },
    { compressor: 'snappy' },
    { compressor: null },
    { compressor: { compress: () => new Uint8Array() } },
    { compressor: { compress: 1, decompress: 2 } },
    { compressor: () => 1 },
    { offload: true },
    { checksum: 1 },
    { workers: 0 },
    { workers: 1.5 },
    { minGain: 2 },
    { minGain: Number.NaN },
    { maxDecompressedBytes: 0 },
    { shardTimeoutMs: 0 },
    { compressFromBytes: -1 },
    { codec: 'xml' },
    { codec: null },
    { codec: {} },
    { codec: { encode: 1, decode: 2 } },
    { codec: { module: 1 } },
    { codec: { serialize: 1 } },
    { codec: { serialize: undefined } },
    { format: 'pymemcache', codec: 'msgpack' },
    { format: 'swift', codec: 'string' },
    { format: 'php', codec: 'v8' },
    { format: 'pymemcache', compressor: 'lz4' },
    { format: 'pymemcache', compressor: 'gzip' },
    { format: 'pymemcache', compressor: { compress: () => 1, decompress: () => 1 } },
    { format: 'pymemcache', checksum: true },
  ];
  for (const options of wrong) {
    assert.throws(
      () => resolveCodecOptions(options),
      { code: 'ERR_MEMCACHE_OPTION' },
      JSON.stringify(options),
    );
  }
});

test("format 'memvolley' packs as msgpack unless told otherwise, other formats have no codec", () => {
  for (const format of FORMAT_NAMES) {
    const { codec } = resolveCodecOptions({ format, codec: undefined });
    assert.equal(codec, format === 'memvolley' ? 'msgpack' : undefined, format);
  }
});

test('each format takes the codecs it has room for, and names them when it refuses one', () => {
  for (const format of FORMAT_NAMES) {
    for (const codec of ['msgpack', 'json', 'string', 'buffer', 'v8'] as const) {
      const resolve = (): unknown => resolveCodecOptions({ format, codec });
      if (FORMATS[format].codecs.includes(codec)) assert.doesNotThrow(resolve);
      else {
        const message = new RegExp(`^option 'codec' must be .*'json'.* '${format}'; got a string$`);
        assert.throws(resolve, { code: 'ERR_MEMCACHE_OPTION', message });
      }
    }
  }
});

test('built-in compressors, none, and one of the user’s own', () => {
  const own = { compress: (bytes: Uint8Array) => bytes, decompress: (bytes: Uint8Array) => bytes };
  for (const compressor of ['lz4', 'zlib', 'gzip', 'brotli', 'none', own] as const) {
    assert.equal(resolveCodecOptions({ compressor }).compressor, compressor);
  }
  const zstd = (): unknown => resolveCodecOptions({ compressor: 'zstd' });
  if (hasZstd) assert.doesNotThrow(zstd);
  else {
    const message = /'zstd': Node\.js has it since 22\.15, and this is \d/;
    assert.throws(zstd, { code: 'ERR_MEMCACHE_OPTION', message });
  }
});

test('what is no option of a codec does not go to the workers', () => {
  const client = { ...CODEC_DEFAULTS, connect: () => 1, tls: { key: 'canary' } };
  assert.deepEqual(resolveCodecOptions(client), CODEC_DEFAULTS);
});

test('a codec in any of its forms is one, and nothing else', () => {
  const encode = (): { bytes: Uint8Array; flags: number } => ({ bytes: Buffer.alloc(1), flags: 0 });
  const decode = (): number => 1;
  const module = './codec.js';
  const forms = [
    ...['msgpack', 'json', 'string', 'buffer', 'v8'],
    ...[{ encode, decode }, { serialize: decode }, { deserialize: decode }],
    ...[{ module }, { module: new URL('file:///codec.js') }],
  ];
  for (const form of forms) assert.ok(isCodecOption(form), JSON.stringify(form));
  for (const other of ['xml', '', null, undefined, 1, encode, {}, { encode }, { module: 1 }, []]) {
    assert.ok(!isCodecOption(other), JSON.stringify(other));
  }
  assert.match(CODEC_FORMS, /^'msgpack' or 'json' or 'string' or 'buffer' or 'v8' or \{ encode/);
});
