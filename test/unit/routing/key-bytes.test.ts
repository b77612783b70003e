import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyBytes, numbered } from '../../../src/routing/key-bytes.ts';

const loaded = (into: KeyBytes, key: string | Uint8Array): Buffer => {
  into.load(key);
  return into.bytes.subarray(0, into.length);
};

test('text is loaded as UTF-8, bytes as they are, one key after the other', () => {
  const keyBytes = new KeyBytes();
  for (const key of ['', 'abc', 'clé', '☃', '😀x', 'a\udc00', 'é'.repeat(5000), 'x']) {
    assert.deepEqual(loaded(keyBytes, key), Buffer.from(key));
    assert.deepEqual(loaded(keyBytes, Buffer.from(key)), Buffer.from(key));
  }
  assert.deepEqual(loaded(keyBytes, new Uint8Array([0, 128, 255])), Buffer.from([0, 128, 255]));
});

test('a key that fits uses the memory of the one before', () => {
  const keyBytes = new KeyBytes();
  const { bytes } = keyBytes;
  for (const key of ['a', 'é'.repeat(125), Buffer.alloc(250)]) loaded(keyBytes, key);
  assert.equal(keyBytes.bytes, bytes);
});

test('a number is put in front of text and of bytes', () => {
  assert.equal(numbered(12, 'key'), '12key');
  assert.deepEqual(numbered(12, Buffer.from([0xff])), Buffer.from([0x31, 0x32, 0xff]));
});
