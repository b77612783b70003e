import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { compress, decompress } from '../../../src/codec/compressor.ts';
import { LZ4, ZLIB } from '../../../src/codec/flags.ts';

const MAX = 1 << 20;
const refused = { code: 'ERR_MEMCACHE_DECODE' };
const text = Buffer.from('the quick brown fox '.repeat(500));

function withPrefix(block: Uint8Array, declared: number): Buffer {
  const copy = Buffer.from(block);
  copy.writeUInt32LE(declared, 0);
  return copy;
}

for (const [name, compression] of [
  ['lz4', LZ4],
  ['zlib', ZLIB],
] as const) {
  test(`${name}: there and back, from views and shared memory`, () => {
    const packed = compress(compression, text);
    const shared = Buffer.from(new SharedArrayBuffer(packed.length + 2)).subarray(1, -1);
    shared.set(packed);
    assert.deepEqual(decompress(compression, shared, MAX), text);
    assert.deepEqual(decompress(compression, packed, text.length), text);
  });

  test(`${name}: a result beyond the limit is refused`, () => {
    const packed = compress(compression, text);
    assert.throws(() => decompress(compression, packed, text.length - 1), refused);
  });

  test(`${name}: truncated at every byte it is an error`, () => {
    const packed = compress(compression, text);
    for (let cut = 0; cut < packed.length; cut++) {
      assert.throws(
        () => decompress(compression, packed.subarray(0, cut), MAX),
        refused,
        String(cut),
      );
    }
  });
}

test('lz4: a false size prefix is an error', () => {
  const block = compress(LZ4, text);
  for (const declared of [0, 1, text.length - 1, text.length + 1, text.length * 2, 0xffff_ffff]) {
    assert.throws(
      () => decompress(LZ4, withPrefix(block, declared), 2 ** 32),
      refused,
      String(declared),
    );
  }
});

test('lz4: a bomb is refused before anything is allocated for it', () => {
  const bomb = withPrefix(Buffer.alloc(16), 64 * 1024 * 1024);
  const beganAt = performance.now();
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 100; round++) {
    assert.throws(() => decompress(LZ4, bomb, 2 ** 31), refused);
  }
  assert.ok(performance.now() - beganAt < 500);
  assert.ok(process.memoryUsage().rss - before < 32 * 1024 * 1024);
});

test('lz4: the highest honest ratio passes', () => {
  const zeros = Buffer.alloc(4 * 1024 * 1024);
  assert.equal(decompress(LZ4, compress(LZ4, zeros), zeros.length).length, zeros.length);
});

test('lz4: trailing bytes are an error', () => {
  const block = Buffer.concat([compress(LZ4, text), Buffer.from('trailing')]);
  assert.throws(() => decompress(LZ4, block, MAX), refused);
});

test('zlib: a bomb stops at the limit', () => {
  const bomb = deflateSync(Buffer.alloc(32 * 1024 * 1024));
  assert.throws(() => decompress(ZLIB, bomb, MAX), refused);
});
