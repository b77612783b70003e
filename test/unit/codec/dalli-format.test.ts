import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { decodeError, encodeError, Shared } from './foreign-support.ts';

const dalli = new Shared({ format: 'dalli' });
const json = new Shared({ format: 'dalli', codec: 'json' });

test('dalli: text says that it is UTF-8, bytes and digits are raw', () => {
  assert.deepEqual(dalli.stored('é'), [4, '\xc3\xa9']);
  assert.deepEqual(dalli.stored(Buffer.from([0, 255])), [0, '\0\xff']);
  assert.deepEqual(dalli.stored(41), [0, '41']);
  for (const value of [1.5, true, null, {}]) {
    assert.throws(() => dalli.stored(value), encodeError, inspect(value));
  }
});

test('dalli: raw is read as bytes, UTF-8 as text', () => {
  assert.deepEqual(dalli.read([0, '41']), Buffer.from('41'));
  assert.equal(dalli.read([4, '\xc3\xa9']), 'é');
  assert.throws(() => dalli.read([4, '\xff']), decodeError);
});

test('dalli: Marshal is never read, and JSON where the other side has it', () => {
  const marshalled = '\x04\x08i.';
  assert.throws(() => dalli.read([1, marshalled]), decodeError);
  assert.throws(() => json.read([1, marshalled]), decodeError);
  assert.throws(() => dalli.read([1, '{"a":1}']), decodeError);
  assert.deepEqual(json.read([1, '{"a":[1,"\xc3\xa9"]}']), { a: [1, 'é'] });
  assert.deepEqual(json.stored({ a: [1, 'é'] }), [1, '{"a":[1,"\xc3\xa9"]}']);
  assert.deepEqual(json.stored(1.5), [1, '1.5']);
  assert.deepEqual(json.stored('text'), [4, 'text']);
});

test('dalli: compressed JSON is both', () => {
  const writer = new Shared({ format: 'dalli', codec: 'json', compressor: 'zlib' });
  const value = Array.from({ length: 2000 }, () => 'again');
  assert.equal(writer.stored(value)[0], 3);
  assert.deepEqual(writer.roundTrip(value), value);
  assert.throws(() => dalli.read(writer.stored(value)), decodeError);
});
