import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import { counterFlags, FORMAT_NAMES, FORMATS } from '../../../src/codec/formats.ts';
import { Shared } from './foreign-support.ts';

test('a counter carries the flags that its format reads a counter by', () => {
  const flags = Object.fromEntries(FORMAT_NAMES.map((name) => [name, counterFlags(name)]));
  assert.deepEqual(flags, {
    memvolley: 2,
    pymemcache: 2,
    pylibmc: 4,
    raw: 0,
    php: 1,
    dalli: 0,
    swift: 0,
    spymemcached: 0,
    memcached: 8,
  });
});

test('a counter is read as a number where flags can say so, and as its digits elsewhere', () => {
  const read = FORMAT_NAMES.map((name) =>
    new Shared({ format: name }).read([counterFlags(name), '42']),
  );
  const bytes = Buffer.from('42');
  assert.deepEqual(read, [42, 42, 42, bytes, 42, bytes, bytes, '42', 42]);
});

test('whole numbers are stored as digits, for the server to count, in all formats but one', () => {
  for (const format of FORMAT_NAMES) {
    const [, bytes] = new Shared({ format }).stored(41);
    assert.equal(bytes, format === 'spymemcached' ? ')' : '41', format);
  }
});

test('nothing is compressed for other clients unless asked for, and then from where they do it', () => {
  const resolved = FORMAT_NAMES.slice(1).map((format) => resolveCodecOptions({ format }));
  assert.ok(resolved.every(({ compressor }) => compressor === 'none'));
  const from = Object.fromEntries(
    resolved.map((options) => [options.format, options.compressFromBytes]),
  );
  assert.deepEqual(
    { ...from, raw: 0, swift: 0, memcached: 0 },
    {
      pymemcache: 401,
      pylibmc: 401,
      raw: 0,
      php: 2000,
      dalli: 4096,
      swift: 0,
      spymemcached: 16_385,
      memcached: 0,
    },
  );
});

test('what the readers of a format would not understand is refused as an option', () => {
  for (const format of FORMAT_NAMES.slice(1)) {
    const refused = { code: 'ERR_MEMCACHE_OPTION', message: new RegExp(`'${format}'`) };
    assert.throws(() => resolveCodecOptions({ format, compressor: 'lz4' }), refused);
    assert.throws(() => resolveCodecOptions({ format, checksum: true }), refused);
    const zlib = (): unknown => resolveCodecOptions({ format, compressor: 'zlib' });
    if (FORMATS[format].compressors.length > 0) assert.doesNotThrow(zlib);
    else assert.throws(zlib, refused);
  }
});
