import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { decodeError, encodeError, Shared, type Stored } from './foreign-support.ts';

const java = new Shared({ format: 'spymemcached' });

/** By hand from the encoding's description: big-endian, without leading zero bytes. */
const STORED: [unknown, Stored][] = [
  ['é', [0, '\xc3\xa9']],
  [true, [0x100, '1']],
  [false, [0x100, '0']],
  [0, [0x300, '']],
  [255, [0x300, '\xff']],
  [256, [0x300, '\x01\0']],
  [-1, [0x300, '\xff'.repeat(8)]],
  [Number.MAX_SAFE_INTEGER, [0x300, `\x1f${'\xff'.repeat(6)}`]],
  [2n ** 63n - 1n, [0x300, `\x7f${'\xff'.repeat(7)}`]],
  [-(2n ** 63n), [0x300, `\x80${'\0'.repeat(7)}`]],
  [new Date(1), [0x400, '\x01']],
  [new Date(-1), [0x400, '\xff'.repeat(8)]],
  [1.5, [0x700, `\x3f\xf8${'\0'.repeat(6)}`]],
  [-0, [0x700, `\x80${'\0'.repeat(7)}`]],
  [5e-324, [0x700, '\x01']],
  [Number.NaN, [0x700, `\x7f\xf8${'\0'.repeat(6)}`]],
  [2 ** 60, [0x700, `\x43\xb0${'\0'.repeat(6)}`]],
  [Buffer.from([0, 255]), [0x800, '\0\xff']],
];

test('spymemcached: each type in its own bytes, and back', () => {
  for (const [value, stored] of STORED) {
    assert.deepEqual(java.stored(value), stored, inspect(value));
    assert.deepEqual(java.read(stored), value, inspect(value));
  }
  for (const value of [null, {}, [], 2n ** 63n, -(2n ** 63n) - 1n, new Date(Number.NaN)]) {
    assert.throws(() => java.stored(value), encodeError, inspect(value));
  }
});

test('spymemcached: types that JavaScript has no own for', () => {
  assert.equal(java.read([0x200, '']), 0);
  assert.equal(java.read([0x200, '\xff']), 255);
  assert.equal(java.read([0x200, '\xff\xff\xff\xfe']), -2);
  assert.equal(java.read([0x500, '\x80']), -128);
  assert.equal(java.read([0x500, '']), 0);
  assert.equal(java.read([0x600, '\x3f\xc0\0\0']), 1.5);
  assert.equal(java.read([0x600, '']), 0);
  assert.equal(java.read([0x300, '\0\0\0\0\0\0\x01\0']), 256, 'zero bytes need not be left out');
});

test('spymemcached: what is too long for its type, and Java serialization, is unreadable', () => {
  const broken: Stored[] = [
    [0x100, ''],
    [0x100, '11'],
    [0x200, '12345'],
    [0x300, '123456789'],
    [0x400, '123456789'],
    [0x500, '12'],
    [0x600, '12345'],
    [0x700, '123456789'],
    [0x900, '1'],
    [1, '\xac\xed'],
    [0x301, '1'],
    [0, '\xff'],
  ];
  for (const stored of broken) assert.throws(() => java.read(stored), decodeError, inspect(stored));
});

test("spymemcached: with codec: 'json' objects are text, all else is what it was", () => {
  const json = new Shared({ format: 'spymemcached', codec: 'json' });
  assert.deepEqual(json.stored({ a: 1 }), [0, '{"a":1}']);
  assert.deepEqual(json.stored(null), [0, 'null']);
  assert.deepEqual(json.stored(1), [0x300, '\x01']);
  for (const value of [2n ** 63n, new Date(Number.NaN)]) {
    assert.throws(() => json.stored(value), encodeError, inspect(value));
  }
});

test('spymemcached: compressed bytes keep their type', () => {
  const eager = new Shared({ format: 'spymemcached', compressor: 'zlib', compressFromBytes: 100 });
  const bytes = Buffer.alloc(1000, 7);
  const [flags, stored] = eager.stored(bytes);
  assert.equal(flags, 0x802);
  assert.equal(stored.slice(0, 2), '\x1f\x8b');
  assert.deepEqual(java.read([flags, stored]), bytes);
});
