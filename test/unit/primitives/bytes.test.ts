import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asBuffer,
  latin1,
  utf8,
  writeLatin1,
  writeUtf8,
  isText,
} from '../../../src/primitives/bytes.ts';

const EVERY_BYTE = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));

test('latin1 reads one character per byte, of the given range only', () => {
  const text = latin1(EVERY_BYTE, 0, 256);
  assert.equal(text.length, 256);
  for (let byte = 0; byte < 256; byte++) assert.equal(text.charCodeAt(byte), byte);
  assert.equal(latin1(EVERY_BYTE, 0x41, 0x44), 'ABC');
  assert.equal(latin1(EVERY_BYTE, 7, 7), '');
});

test('writeLatin1 is its reverse, and says how much it wrote', () => {
  const bytes = Buffer.alloc(260, 0xee);
  assert.equal(writeLatin1(bytes, latin1(EVERY_BYTE, 0, 256), 2), 256);
  assert.deepEqual(bytes.subarray(2, 258), EVERY_BYTE);
  assert.deepEqual([...bytes.subarray(0, 2), ...bytes.subarray(258)], [0xee, 0xee, 0xee, 0xee]);
});

test('writeUtf8 and utf8 take text there and back, whatever is in it', () => {
  for (const text of ['', 'plain', 'é', '日本', '👍🏽', 'a\0b\r\n']) {
    const length = Buffer.byteLength(text);
    const bytes = Buffer.alloc(length + 2);
    assert.equal(writeUtf8(bytes, text, 1), length);
    assert.equal(utf8(bytes, 1, 1 + length), text);
  }
});

test('half a surrogate pair takes the three bytes that Buffer.byteLength counts', () => {
  const bytes = Buffer.alloc(10);
  assert.equal(writeUtf8(bytes, 'a\ud800b', 0), Buffer.byteLength('a\ud800b'));
  assert.equal(utf8(bytes, 0, 5), 'a\ufffdb');
});

test('asBuffer is the same memory, also of a part of it', () => {
  const memory = new Uint8Array([1, 2, 3, 4, 5]);
  const buffer = asBuffer(memory.subarray(1, 4));
  assert.deepEqual([...buffer], [2, 3, 4]);
  memory[2] = 99;
  assert.equal(buffer[1], 99);
  assert.equal(asBuffer(buffer), buffer);
});

test('isText compares the whole of what stands there', () => {
  const bytes = Buffer.from('xSTOREDx');
  assert.equal(isText('STORED', bytes, 1, 7), true);
  assert.equal(isText('STORED', bytes, 1, 8), false);
  assert.equal(isText('STORED', bytes, 1, 6), false);
  assert.equal(isText('STORED', bytes, 0, 6), false);
  assert.equal(isText('', bytes, 3, 3), true);
});
