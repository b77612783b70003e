import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import { listedKey, metadumpItem, mgdumpKey } from '../../../src/protocol/metadump.ts';

const ITEM = {
  bytes: 'a:b',
  expires: -1,
  lastAccess: 1_795_232_573,
  cas: '18446744073709551615',
  fetched: true,
  slabClass: 1,
  size: 63,
};
const LINE = 'key=a%3Ab exp=-1 la=1795232573 cas=18446744073709551615 fetch=yes cls=1 size=63';

test('a line of metadump is taken apart', () => {
  assert.deepEqual(metadumpItem(LINE), ITEM);
  const later = 'key=k exp=1795232674 la=1795232574 cas=4 fetch=no cls=42 size=1048576';
  assert.deepEqual(metadumpItem(later), {
    bytes: 'k',
    expires: 1_795_232_674,
    lastAccess: 1_795_232_574,
    cas: '4',
    fetched: false,
    slabClass: 42,
    size: 1_048_576,
  });
});

test('what later releases say behind it is passed over', () => {
  assert.deepEqual(metadumpItem(`${LINE} flags=32`), ITEM);
  assert.deepEqual(metadumpItem(`${LINE} `), ITEM);
});

test('every byte comes back from its percent escape, in either case', () => {
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const upper = all.map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
  const expected = String.fromCharCode(...all);
  assert.equal(metadumpItem(LINE.replace('a%3Ab', upper))?.bytes, expected);
  assert.equal(metadumpItem(LINE.replace('a%3Ab', upper.toLowerCase()))?.bytes, expected);
});

test('what is no such line is none', () => {
  for (const line of [
    '',
    'END',
    'key=',
    'key= exp=-1 la=1 cas=1 fetch=no cls=1 size=1',
    LINE.replace('%3Ab', 'b%3'),
    LINE.replace('%3A', '%zz'),
    LINE.replace('yes', 'maybe'),
    LINE.replace('size=63', 'size='),
    LINE.replace('exp=-1 ', ''),
    ` ${LINE}`,
    `${LINE}x`,
  ])
    assert.equal(metadumpItem(line), undefined, line);
});

test('a line of mgdump is a key, in base64 where it says so', () => {
  assert.equal(mgdumpKey('mg a:b'), 'a:b');
  assert.equal(mgdumpKey('mg a%3Ab '), 'a%3Ab');
  const bytes = Buffer.from('a b\0\u007f\u00ff', 'latin1');
  assert.equal(mgdumpKey(`mg ${bytes.toString('base64')} b`), bytes.toString('latin1'));
  for (const line of ['', 'EN', 'mg', 'mg ', 'mg a v', 'mg a b c', 'MG a'])
    assert.equal(mgdumpKey(line), undefined, line);
});

const stored = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test('a listed key is text where a caller may write it as text, else bytes', () => {
  for (const text of ['a', 'user:1', 'ключ', '鍵', '\ufeffa', 'a\u00a0b', '~!'])
    assert.equal(listedKey(stored(text), ''), text);
  for (const bytes of ['a b', 'a\0', 'a\x7f', '\xff', stored('ü').slice(0, 1), stored('ü b')])
    assert.deepEqual(listedKey(bytes, ''), Buffer.from(bytes, 'latin1'));
});

test('a caller who uses a listed key means the same item', () => {
  for (const key of ['a', 'ключ', Buffer.from([0xff, 0x80]), Buffer.from('a b')]) {
    const bytes = Buffer.from(key as string).toString('latin1');
    assert.equal(wireKey(listedKey(bytes, '') ?? '', ''), wireKey(key, ''));
  }
});

test('keys come without the prefix, and those of others not at all', () => {
  assert.equal(listedKey('p:a', 'p:'), 'a');
  assert.equal(listedKey('p:p:a', 'p:'), 'p:a');
  assert.equal(listedKey(stored('ö:ä'), stored('ö:')), 'ä');
  assert.deepEqual(listedKey('p:a b', 'p:'), Buffer.from('a b'));
  for (const other of ['a', 'p', 'p:', 'P:a', 'q:p:a'])
    assert.equal(listedKey(other, 'p:'), undefined, other);
});
