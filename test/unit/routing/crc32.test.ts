import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../../src/routing/crc32.ts';

test('the check values of the polynomial, unsigned', () => {
  assert.equal(crc32('123456789'), 0xcbf43926);
  assert.equal(crc32(''), 0);
  assert.equal(crc32('a'), 0xe8b7be43);
  assert.equal(crc32(Buffer.from([0xff])), 0xff000000);
  assert.equal(crc32(new Uint8Array(4)), 0x2144df1c);
});

test('text counts as UTF-8', () => {
  assert.equal(crc32('clé:é'), crc32(Buffer.from('clé:é')));
});
