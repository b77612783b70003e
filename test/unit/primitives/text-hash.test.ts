import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textHash, writeHashed } from '../../../src/primitives/text-hash.ts';

test('it is a 32-bit integer, the same for the same text', () => {
  for (const text of ['', 'a', 'user:1', '\xff'.repeat(250)]) {
    const code = textHash(text);
    assert.equal(code, code | 0);
    assert.equal(textHash(Buffer.from(text, 'latin1').toString('latin1')), code);
  }
});

test('keys that differ in their number only are spread over a small table', () => {
  const places = new Set<number>();
  for (let i = 0; i < 256; i++) places.add(textHash(`user:${i}`) & 255);
  // 256 picks of 256 places at random fill 162 of them.
  assert.ok(places.size > 140, `${places.size} of 256 places`);
});

test('what is written while it is hashed has the same hash, and stands there byte for byte', () => {
  for (const text of ['', 'a', 'user:1', '\xff'.repeat(250)]) {
    const bytes = Buffer.alloc(text.length + 2);
    assert.equal(writeHashed(text, bytes, 1), textHash(text));
    assert.equal(bytes.toString('latin1'), `\0${text}\0`);
  }
});
