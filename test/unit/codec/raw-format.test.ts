import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { encodeError, Shared } from './foreign-support.ts';

const raw = new Shared({ format: 'raw' });

test('raw: bytes, text and digits without any flags', () => {
  assert.deepEqual(raw.stored('é'), [0, '\xc3\xa9']);
  assert.deepEqual(raw.stored(Buffer.from([0, 255])), [0, '\0\xff']);
  assert.deepEqual(raw.stored(-7), [0, '-7']);
  assert.deepEqual(raw.stored(2n ** 70n), [0, '1180591620717411303424']);
  for (const value of [1.5, -0, Number.NaN, true, null, {}, [], new Date(0)]) {
    assert.throws(() => raw.stored(value), encodeError, inspect(value));
  }
});

test('raw: everything is read as bytes, whatever its flags are', () => {
  for (const flags of [0, 1, 24, 0x8000_0000, 0xffff_ffff]) {
    assert.deepEqual(raw.read([flags, '\xc3\xa9']), Buffer.from('é'));
  }
});

test("raw: with codec: 'json' the rest is JSON text", () => {
  const json = new Shared({ format: 'raw', codec: 'json' });
  assert.deepEqual(json.stored([1.5, 'é']), [0, '[1.5,"\xc3\xa9"]']);
  assert.deepEqual(json.stored(true), [0, 'true']);
  assert.deepEqual(json.stored('text'), [0, 'text']);
});
