import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { hasZstd, unzstd, zstd } from '../../../src/codec/zstd.ts';

const skip = hasZstd ? false : `Node.js ${process.versions.node} has no zstd`;

/** Of newer Node.js than the types are for. */
const { createZstdCompress, zstdCompressSync, constants } = zlib as unknown as {
  createZstdCompress: () => NodeJS.ReadWriteStream;
  zstdCompressSync: (bytes: Uint8Array, options: object) => Buffer;
  constants: Record<string, number>;
};

test('content sizes of every width', { skip }, () => {
  for (const length of [0, 1, 255, 256, 65_791, 65_792, 3_000_000]) {
    const bytes = Buffer.alloc(length, 'zstd');
    assert.deepEqual(unzstd(zstd(bytes), Math.max(1, length)), bytes, String(length));
    if (length > 0)
      assert.throws(() => unzstd(zstd(bytes), length - 1), RangeError, String(length));
  }
});

test('a frame that does not say how much is in it is refused', { skip }, async () => {
  const stream = createZstdCompress();
  stream.write('streamed');
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => setImmediate(resolve));
  stream.end('in parts');
  await new Promise((resolve) => stream.once('end', resolve));
  assert.throws(() => unzstd(Buffer.concat(chunks), 1000), /content size/);
});

test('a frame that says something else than what is in it is refused', { skip }, () => {
  const frame = zstd(Buffer.alloc(200, 'x'));
  assert.equal(frame[5], 200);
  for (const said of [0, 199, 201, 255]) {
    const lying = Buffer.from(frame);
    lying[5] = said;
    assert.throws(() => unzstd(lying, 1000), String(said));
  }
  const named = Buffer.from(frame);
  named[0] ^= 1;
  assert.throws(() => unzstd(named, 1000), /no zstd frame/);
});

test('a window larger than anything that may come out is refused', { skip }, () => {
  const window = { params: { [constants['ZSTD_c_windowLog']]: 24 } };
  const wide = zstdCompressSync(Buffer.alloc(2 ** 25), window);
  assert.equal(unzstd(wide, 2 ** 25).length, 2 ** 25);
  // The size is told as less, the window stays.
  wide.writeUInt32LE(100_000, 6);
  assert.throws(() => unzstd(wide, 100_000), /too much memory/);
});

const MADE: Record<string, (bytes: Buffer) => Buffer> = {
  plain: zstd,
  'with a checksum': (bytes) =>
    zstdCompressSync(bytes, { params: { [constants['ZSTD_c_checksumFlag']]: 1 } }),
};
const CONTENTS = {
  nothing: Buffer.alloc(0),
  'a run of one byte': Buffer.alloc(400_000),
  'words in many blocks': Buffer.alloc(400_000, randomBytes(50_000).toString('hex')),
  'raw bytes in many blocks': randomBytes(400_000),
};

for (const [how, make] of Object.entries(MADE)) {
  for (const [what, bytes] of Object.entries(CONTENTS)) {
    test(`${what}, ${how}: a frame ends where its last block does`, { skip }, () => {
      const frame = make(bytes);
      assert.deepEqual(unzstd(frame, 400_000), bytes);
      assert.throws(() => unzstd(frame.subarray(0, -1), 400_000), RangeError);
      const second = zstd(Buffer.alloc(0));
      const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7]);
      const begun = [0x50, 0x28, 0xff].map((first) => Buffer.of(first));
      for (const more of [...begun, skippable, skippable.subarray(0, 5), second])
        assert.throws(() => unzstd(Buffer.concat([frame, more]), 400_000), /behind the frame/);
    });
  }
}
