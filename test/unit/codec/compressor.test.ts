import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import {
  compress,
  compressByOwn,
  compressionNamed,
  COMPRESSOR_NAMES,
  decompress,
  decompressByOwn,
} from '../../../src/codec/compressor.ts';
import { BROTLI, GZIP, LZ4, OWN, ZLIB, ZSTD } from '../../../src/codec/flags.ts';
import { hasZstd } from '../../../src/codec/zstd.ts';

const MAX = 1 << 20;
const refused = { code: 'ERR_MEMCACHE_DECODE' };
const text = Buffer.from('the quick brown fox '.repeat(500));

const ALL = { lz4: LZ4, zlib: ZLIB, gzip: GZIP, brotli: BROTLI, zstd: ZSTD } as const;
const skip = (name: string): string | false =>
  name === 'zstd' && !hasZstd && `Node.js ${process.versions.node} has no zstd`;

function withPrefix(block: Uint8Array, declared: number): Buffer {
  const copy = Buffer.from(block);
  copy.writeUInt32LE(declared, 0);
  return copy;
}

test('every name stands for a compressor of its own', () => {
  assert.deepEqual(COMPRESSOR_NAMES, Object.keys(ALL));
  for (const [name, compression] of Object.entries(ALL))
    assert.equal(compressionNamed(name as keyof typeof ALL), compression);
  assert.equal(compressionNamed('none'), 0);
  assert.equal(compressionNamed({ compress: () => text, decompress: () => text }), OWN);
});

for (const [name, compression] of Object.entries(ALL)) {
  const options = { skip: skip(name) };

  test(`${name}: there and back, from views and shared memory`, options, () => {
    for (const plain of [text, randomBytes(70_000), Buffer.from('x'), Buffer.alloc(300_000)]) {
      const packed = compress(compression, plain);
      const shared = Buffer.from(new SharedArrayBuffer(packed.length + 2)).subarray(1, -1);
      shared.set(packed);
      assert.deepEqual(decompress(compression, shared, MAX), plain);
      assert.deepEqual(decompress(compression, packed, plain.length), plain);
      const own = decompress(compression, packed, MAX);
      packed.fill(0);
      assert.deepEqual(own, plain);
    }
  });

  test(`${name}: a result beyond the limit is refused`, options, () => {
    const packed = compress(compression, text);
    assert.throws(() => decompress(compression, packed, text.length - 1), refused);
    assert.deepEqual(decompress(compression, packed, Number.MAX_SAFE_INTEGER), text);
  });

  test(`${name}: truncated at every byte it is an error`, options, () => {
    for (const plain of [text, randomBytes(500), Buffer.alloc(200_000, 'ab')]) {
      const packed = compress(compression, plain);
      for (let cut = 0; cut < packed.length; cut++) {
        assert.throws(
          () => decompress(compression, packed.subarray(0, cut), MAX),
          refused,
          String(cut),
        );
      }
    }
  });

  test(`${name}: bytes behind the end are an error, whatever they are`, options, () => {
    for (const plain of [text, randomBytes(5000)]) {
      const packed = compress(compression, plain);
      const behind = [Buffer.alloc(1), Buffer.alloc(100), Buffer.from('\r\n'), Buffer.from('more')];
      for (const more of [...behind, packed, packed.subarray(0, 5), randomBytes(40)]) {
        assert.throws(
          () => decompress(compression, Buffer.concat([packed, more]), MAX),
          refused,
          more.subarray(0, 4).toString('hex'),
        );
      }
    }
  });

  test(`${name}: a bomb costs no more than twice the limit`, options, () => {
    const bomb = compress(compression, Buffer.alloc(64 * MAX));
    assert.ok(bomb.length < MAX);
    const limit = 1 << 16;
    const refuse = (): void => {
      assert.throws(() => decompress(compression, bomb, limit), refused);
    };
    refuse();
    const before = process.memoryUsage();
    refuse();
    const { arrayBuffers, external } = process.memoryUsage();
    assert.ok(arrayBuffers - before.arrayBuffers <= 2 * limit, `${arrayBuffers}`);
    assert.ok(external - before.external <= 2 * limit + 4096, `${external}`);
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

test('what one compressor wrote is an error to the others', () => {
  const available = Object.entries(ALL).filter(([name]) => skip(name) === false);
  for (const [writer, compression] of available) {
    const packed = compress(compression, text);
    for (const [reader, other] of available) {
      if (reader === writer) continue;
      assert.throws(() => decompress(other, packed, MAX), refused, `${reader} reads ${writer}`);
    }
  }
});

test('a Node.js without zstd says so', { skip: hasZstd && 'this one has it' }, () => {
  assert.throws(() => decompress(ZSTD, Buffer.from('28b52ffd2001610000', 'hex'), MAX), {
    ...refused,
    message: /zstd, which Node.js has since 22\.15/,
  });
});

test("a compressor of one's own: what it answers is copied, and never more than allowed", () => {
  const slab = Buffer.from('0123456789');
  const answering = (answer: unknown) => ({
    compress: () => answer as Uint8Array,
    decompress: () => answer as Uint8Array,
  });
  const value = decompressByOwn(answering(slab), Buffer.alloc(1), 10);
  slab.fill(0);
  assert.equal(value.toString(), '0123456789');
  assert.throws(() => decompressByOwn(answering(slab), Buffer.alloc(1), 9), refused);
  assert.equal(compressByOwn(answering(slab), Buffer.alloc(1)), slab);
});

test("a compressor of one's own that fails fails as ours does, and is not quoted", () => {
  const failing = {
    compress: (): never => {
      throw new Error('canary');
    },
    decompress: (): never => {
      throw new Error('canary');
    },
  };
  const odd = { compress: () => 'text' as never, decompress: () => undefined as never };
  for (const own of [failing, odd]) {
    assert.throws(() => compressByOwn(own, text), {
      code: 'ERR_MEMCACHE_ENCODE',
      message: /^(?!.*canary)/,
    });
    assert.throws(() => decompressByOwn(own, text, MAX), { ...refused, message: /^(?!.*canary)/ });
  }
});

test('maxBytes is what a compressor of one’s own is told', () => {
  let told = 0;
  const own = {
    compress: deflateSync,
    decompress(bytes: Uint8Array, maxBytes: number) {
      told = maxBytes;
      return bytes;
    },
  };
  decompressByOwn(own, Buffer.alloc(3), 12_345);
  assert.equal(told, 12_345);
});
