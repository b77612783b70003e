import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CODEC_DEFAULTS,
  type CodecOptions,
  resolveCodecOptions,
} from '../../../src/codec/codec-options.ts';

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
    { compressor: 'gzip' },
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
    { format: 'pymemcache', compressor: 'lz4' },
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
