import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_HASHES } from '../../../src/routing/key-hash.ts';

test("libmemcached's hashes of user:1", () => {
  assert.equal(KEY_HASHES.default('user:1'), 2_773_942_091);
  assert.equal(KEY_HASHES.md5('user:1'), 282_964_413);
  assert.equal(KEY_HASHES.crc('user:1'), 31_653);
});

test('FNV as published', () => {
  assert.equal(KEY_HASHES.fnv1_32('foobar'), 0x31f0b262);
  assert.equal(KEY_HASHES.fnv1a_32('foobar'), 0xbf9cf968);
  // The low halves of 0x340d8765a4dda9c2 and 0x85944171f73967e8.
  assert.equal(KEY_HASHES.fnv1_64('foobar'), 0xa4dda9c2);
  assert.equal(KEY_HASHES.fnv1a_64('foobar'), 0xf73967e8);
});

test('all are unsigned numbers of 32 bits, the same for text and its bytes', () => {
  for (const hash of Object.values(KEY_HASHES)) {
    for (let i = 0; i < 200; i++) {
      const key = `é${i}`;
      assert.ok(Number.isInteger(hash(key)) && hash(key) >= 0 && hash(key) < 2 ** 32);
      assert.equal(hash(key), hash(Buffer.from(key)));
    }
  }
});
