import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { md5Words } from '../../../src/routing/md5.ts';

function hexOf(key: string | Uint8Array): string {
  const words = md5Words(key);
  const digest = Buffer.alloc(16);
  words.forEach((word, i) => digest.writeInt32LE(word, i * 4));
  return digest.toString('hex');
}

test('the digests of RFC 1321', () => {
  for (const [text, digest] of [
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ] as const) {
    assert.equal(hexOf(text), digest);
  }
});

test('every length around the blocks, and text beyond ASCII, as node:crypto has it', () => {
  const random = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 167 + 13) & 0xff));
  for (let length = 0; length <= 300; length++) {
    const bytes = random.subarray(0, length);
    assert.equal(hexOf(bytes), createHash('md5').update(bytes).digest('hex'));
  }
  for (const text of ['é'.repeat(100), '☃', '😀'.repeat(700), 'a\ud800b']) {
    assert.equal(hexOf(text), createHash('md5').update(text, 'utf8').digest('hex'));
  }
});
