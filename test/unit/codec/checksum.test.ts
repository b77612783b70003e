import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { ChecksumMismatchError } from '../../../src/codec/codec-errors.ts';
import { resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import { StandardCodec } from '../../../src/codec/standard-codec.ts';
import { MemcacheError } from '../../../src/errors.ts';

const codec = new StandardCodec(resolveCodecOptions({ checksum: true }));
const VALUES = ['text', 'long '.repeat(2000), Buffer.from('bytes'), { an: 'object' }, ''];

function sealed(value: unknown, key: string | Uint8Array = 'key'): { flags: number; item: Buffer } {
  const { flags, data } = codec.encode(value, key);
  return { flags, item: Buffer.from(data as Uint8Array) };
}

test('the header is the crc32 of stored bytes and key, little-endian', () => {
  const { flags, item } = sealed('text');
  assert.equal(flags, 128 | (1 << 8));
  assert.equal(item.toString('latin1', 4), 'text');
  assert.equal(item.readUInt32LE(0), crc32('textkey'));
});

test('sealed values come back, under the key as text or bytes', () => {
  for (const value of VALUES) {
    const { flags, item } = sealed(value);
    assert.deepEqual(codec.decode(flags, item, 0, item.length, false, 'key'), value);
    assert.deepEqual(codec.decode(flags, item, 0, item.length, false, Buffer.from('key')), value);
  }
});

test('any changed byte and any other key is a mismatch, never anything else', () => {
  for (const value of VALUES) {
    const { flags, item } = sealed(value);
    for (let at = 0; at < item.length; at += 7) {
      const broken = Buffer.from(item);
      broken[at] ^= 1;
      assert.throws(
        () => codec.decode(flags, broken, 0, broken.length, false, 'key'),
        ChecksumMismatchError,
      );
    }
    assert.throws(
      () => codec.decode(flags, item, 0, item.length, false, 'other'),
      ChecksumMismatchError,
    );
    assert.throws(() => codec.decode(flags, item, 0, 3, false, 'key'), ChecksumMismatchError);
  }
});

test('a mismatch can be told from what the client may answer as a miss', () => {
  const error = new ChecksumMismatchError();
  assert.ok(error instanceof MemcacheError);
  assert.equal(error.code, 'ERR_MEMCACHE_DECODE');
  assert.equal(error.sent, 'yes');
});

test('integers carry no header, or the server could not count', () => {
  assert.deepEqual(codec.encode(41, 'key'), { flags: 2, data: '41' });
});
