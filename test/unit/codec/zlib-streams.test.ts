import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { brotli, gunzip, unbrotli, windowBits } from '../../../src/codec/zlib-streams.ts';

test('gzip: a second member is not read on to', () => {
  const one = gzipSync('one');
  assert.equal(gunzip(one, 100).toString(), 'one');
  for (const more of [one, gzipSync('two')]) {
    assert.throws(() => gunzip(Buffer.concat([one, more]), 100));
  }
});

test('brotli: a window fits what is in it, and a larger one than may be is refused', () => {
  const withWindow = (bits: number): Buffer =>
    brotliCompressSync(Buffer.alloc(1000, 'ab'), {
      params: { [constants.BROTLI_PARAM_LGWIN]: bits },
    });
  for (let bits = 10; bits <= 24; bits++) {
    assert.equal(unbrotli(withWindow(bits), 2 ** bits).length, 1000, String(bits));
    if (bits > 11)
      assert.throws(() => unbrotli(withWindow(bits), 2 ** (bits - 1) - 16), String(bits));
  }
  // A large window, which only an extension of brotli has.
  assert.throws(() => unbrotli(Buffer.from([0x11, 0x1e, 0x03]), 2 ** 30));
});

test('brotli: what fits a limit can be read under it, however close', () => {
  for (const length of [1, 1000, 1008, 1009, 1024, 4080, 4081, 65_536, 65_537, 1_000_000]) {
    const bytes = Buffer.alloc(length, 'window');
    assert.deepEqual(unbrotli(brotli(bytes), length), bytes, String(length));
  }
});

test('windows are powers of two from 1 KiB up', () => {
  assert.deepEqual([0, 1008, 1009, 2 ** 20].map(windowBits), [10, 10, 11, 21]);
});
