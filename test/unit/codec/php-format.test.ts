import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { deflateSync } from 'node:zlib';
import { decodeError, encodeError, Shared } from './foreign-support.ts';

const php = new Shared({ format: 'php' });
const json = new Shared({ format: 'php', codec: 'json' });

test('php: each type under its number', () => {
  assert.deepEqual(php.stored('é'), [0, '\xc3\xa9']);
  assert.deepEqual(php.stored(Buffer.from([0, 255])), [0, '\0\xff']);
  assert.deepEqual(php.stored(-41), [1, '-41']);
  assert.deepEqual(php.stored(2n ** 63n - 1n), [1, '9223372036854775807']);
  assert.deepEqual(php.stored(1.5), [2, '1.5']);
  assert.deepEqual(php.stored(-0), [2, '-0']);
  assert.deepEqual(php.stored(1e21), [2, '1e+21']);
  assert.deepEqual(php.stored(Number.NEGATIVE_INFINITY), [2, '-Infinity']);
  assert.deepEqual(php.stored(true), [3, '1']);
  assert.deepEqual(php.stored(false), [3, '']);
  assert.deepEqual(json.stored(null), [6, 'null']);
  assert.deepEqual(json.stored({ a: 1.5 }), [6, '{"a":1.5}']);
  for (const value of [null, {}, [], new Date(0), 2n ** 63n, -(2n ** 63n) - 1n]) {
    assert.throws(() => php.stored(value), encodeError, inspect(value));
  }
  assert.throws(() => json.stored(2n ** 63n), encodeError);
});

test('php: values come back as they went', () => {
  const values = ['', 'é', 0, -1, 2n ** 62n, 1.5, -0, 1e300, 5e-324, Infinity, NaN, true, false];
  for (const value of values) assert.ok(Object.is(php.roundTrip(value), value), inspect(value));
  assert.deepEqual(php.roundTrip(Buffer.from([0, 255])), Buffer.from([0, 255]));
});

test('php: what PHP writes and this client does not', () => {
  assert.equal(php.read([2, '.5']), 0.5);
  assert.equal(php.read([1, '41 ']), 41);
  assert.deepEqual(php.read([6, '{"a":[null]}']), { a: [null] });
  assert.equal(php.read([0x0007_0001, '41']), 41, "the application's own flags are not looked at");
  for (const text of ['', ' 1', '0x10', '1,5', 'nan', '1e', '.', '1.5 ']) {
    assert.throws(() => php.read([2, text]), decodeError, text);
  }
});

test("php: PHP's own serializer, igbinary, msgpack and unknown types are unreadable", () => {
  for (const type of [4, 5, 7, 8, 15]) assert.throws(() => php.read([type, 'i:1;']), decodeError);
});

test('php: fastlz, zstd and compression by nothing are unreadable', () => {
  const body = `\x05\0\0\0${deflateSync('hello').toString('latin1')}`;
  assert.equal(php.read([0x30, body]), 'hello');
  for (const flags of [0x10, 0x20, 0x50, 0x70, 0x90, 0xb0]) {
    assert.throws(() => php.read([flags, body]), decodeError, String(flags));
  }
});

test('php: the length before a compressed item is the length of what is inside', () => {
  const body = deflateSync('hello').toString('latin1');
  for (const length of ['\x04\0\0\0', '\x06\0\0\0', '\0\0\0\0', '\xff\xff\xff\xff', '\0\0\0\x05']) {
    assert.throws(() => php.read([0x30, length + body]), decodeError, inspect(length));
  }
  const written = new Shared({ format: 'php', compressor: 'zlib' }).stored('x'.repeat(2000));
  assert.equal(written[1].slice(0, 6), '\xd0\x07\0\0\x78\x9c');
});

test('php: numbers and booleans are never compressed', () => {
  const eager = new Shared({ format: 'php', compressor: 'zlib', compressFromBytes: 1, minGain: 0 });
  assert.deepEqual(eager.stored(1_111_111_111_111_111), [1, '1111111111111111']);
  assert.deepEqual(eager.stored(true), [3, '1']);
});
