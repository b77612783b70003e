import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagReader } from '../../../src/routing/hash-tag.ts';

const BETWEEN: [key: string, placedBy: string][] = [
  ['user:{42}:name', '42'],
  ['{42}', '42'],
  ['{a}{b}', 'a'],
  ['{{a}}', '{a'],
  ['a}{b}', 'b'],
  ['{}', '{}'],
  ['{}{b}', '{}{b}'],
  ['{a', '{a'],
  ['a}', 'a}'],
  ['}a{', '}a{'],
  ['plain', 'plain'],
  ['', ''],
  ['{é☃}x', 'é☃'],
];

test('the part between two characters places a key; without one, all of it does', () => {
  const read = tagReader('{}');
  for (const [key, part] of BETWEEN) {
    assert.equal(read(key), part, key);
    assert.deepEqual(Buffer.from(read(Buffer.from(key))), Buffer.from(part), `bytes of ${key}`);
  }
});

test('both characters may be the same', () => {
  const read = tagReader('||');
  assert.equal(read('a|tag|b'), 'tag');
  assert.equal(read('a|tag'), 'a|tag');
});

const BEFORE: [key: string, placedBy: string][] = [
  ['tag|rest', 'tag'],
  ['a|b|c', 'a'],
  ['|rest', '|rest'],
  ['plain', 'plain'],
  ['plain|', 'plain'],
];

test('the part before a text places a key', () => {
  const read = tagReader({ stop: '|' });
  for (const [key, part] of BEFORE) {
    assert.equal(read(key), part, key);
    assert.deepEqual(Buffer.from(read(Buffer.from(key))), Buffer.from(part), `bytes of ${key}`);
  }
  assert.equal(tagReader({ stop: '::' })('a:b::c'), 'a:b');
});

test('of bytes, the bytes are kept as they are', () => {
  const key = Uint8Array.of(0xff, 0x7b, 0x00, 0xc3, 0xa9, 0x80, 0x7d, 0xfe);
  assert.deepEqual(
    Buffer.from(tagReader('{}')(key)),
    Buffer.from(Uint8Array.of(0x00, 0xc3, 0xa9, 0x80)),
  );
  const plain = Uint8Array.of(0xff, 0x00);
  assert.equal(tagReader('{}')(plain), plain);
});

test('what stands outside the part does not matter', () => {
  const read = tagReader('{}');
  const parts = ['user:{7}', 'session:{7}:x', '{7}'].map((key) => read(key));
  assert.deepEqual(new Set(parts), new Set(['7']));
});
