import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MALFORMED, PARTIAL, ValueHeader } from '../../../src/protocol/value-header.ts';

type Reader = 'readClassic' | 'readMeta';

/** Stale bytes of an earlier read stand behind what has been received. */
const STALE = ['f9 c9 0\r\n', '\r\n\r\n', '0', ' 0 0\r\n', '9'];

function read(reader: Reader, received: string, stale = ''): [body: number, header: ValueHeader] {
  const before = 'END\r\n';
  const bytes = Buffer.from(`${before}${received}${stale}`, 'latin1');
  const header = new ValueHeader();
  const body = header[reader](bytes, before.length, before.length + received.length);
  return [body > 0 ? body - before.length : body, header];
}

test('a classic header says where the key and the body are', () => {
  const [body, header] = read('readClassic', 'VALUE key 12 345\r\nbody');
  const { keyStart, keyEnd, flags, length, cas } = header;
  assert.deepEqual(
    { keyStart, keyEnd, flags, length, cas, body },
    { keyStart: 11, keyEnd: 14, flags: 12, length: 345, cas: '', body: 18 },
  );
});

test('cas tokens are kept digit by digit: they do not fit a number', () => {
  const [, classic] = read('readClassic', 'VALUE k 0 5 18446744073709551615\r\n');
  assert.equal(classic.cas, '18446744073709551615');
  const [, meta] = read('readMeta', 'VA 5 c18446744073709551615 f1\r\n');
  assert.equal(meta.cas, '18446744073709551615');
});

test('what a meta header says beside value, flags and token stands with them', () => {
  const [body, { keyStart, keyEnd, meta }] = read('readMeta', 'VA 5 kabc s5 t-1 W Oq f7\r\n');
  assert.ok(body > 0);
  assert.deepEqual([keyEnd - keyStart, meta.size, meta.ttl, meta.won], [3, 5, -1, true]);
  assert.deepEqual([meta.opaque, meta.valued], ['q', true]);
});

test('a meta header’s other flags are passed over, whatever stands in them', () => {
  const [body, header] = read('readMeta', 'VA 5 kfc9 Of3 t-1 s5 W f7 X\r\n');
  assert.ok(body > 0);
  assert.deepEqual([header.length, header.flags, header.cas], [5, 7, '']);
});

test('what one header said does not stay for the next', () => {
  const header = new ValueHeader();
  const first = Buffer.from('VA 5 f7 c9\r\n');
  const second = Buffer.from('VA 6\r\n');
  assert.equal(header.readMeta(first, 0, first.length), first.length);
  assert.equal(header.readMeta(second, 0, second.length), second.length);
  assert.deepEqual([header.length, header.flags, header.cas], [6, 0, '']);
  const third = Buffer.from('VALUE k 1 2 3\r\n');
  const fourth = Buffer.from('VALUE k 1 2\r\n');
  assert.equal(header.readClassic(third, 0, third.length), third.length);
  assert.equal(header.readClassic(fourth, 0, fourth.length), fourth.length);
  assert.equal(header.cas, '');
});

const WHOLE: [Reader, string][] = [
  ['readClassic', 'VALUE key 0 0\r\n'],
  ['readClassic', 'VALUE key 4294967295 1048576 18446744073709551615\r\n'],
  ['readMeta', 'VA 0\r\n'],
  ['readMeta', 'VA 12 f4294967295 c77 kab W\r\n'],
  ['readMeta', 'VA 12 W c77 f1\r\n'],
];

test('every beginning of a right header is partial, whatever stood in the memory behind it', () => {
  for (const [reader, text] of WHOLE) {
    for (const stale of ['', ...STALE]) {
      for (let length = 1; length < text.length; length++) {
        const received = text.slice(0, length);
        const [body] = read(reader, received, stale);
        assert.equal(body, PARTIAL, JSON.stringify([received, stale]));
      }
      assert.equal(read(reader, text, stale)[0], text.length);
    }
  }
});

test('a wrong byte is noticed as soon as it has come, a wrong flag as soon as it has ended', () => {
  const wrong: [Reader, string][] = [
    ['readClassic', 'VAL '],
    ['readClassic', 'VALUE  '],
    ['readClassic', 'VALUE k -'],
    ['readClassic', 'VALUE k x'],
    ['readClassic', 'VALUE k 1x'],
    ['readClassic', 'VALUE k 1 -'],
    ['readClassic', 'VALUE k 1 2x'],
    ['readClassic', 'VALUE k 1 2 x'],
    ['readClassic', 'VALUE k 1 2 3 '],
    ['readClassic', 'VALUE k 1 2\rx'],
    ['readMeta', 'VA x'],
    ['readMeta', 'VA -'],
    ['readMeta', 'VA 1x'],
    ['readMeta', 'VA 1 fx '],
    ['readMeta', 'VA 1 f1x '],
    ['readMeta', 'VA 1 f\r'],
    ['readMeta', 'VA 1 c1x\r'],
    ['readMeta', 'VA 1 W\t'],
    ['readMeta', 'VA 1\rx'],
  ];
  for (const [reader, text] of wrong) assert.equal(read(reader, text)[0], MALFORMED, text);
});

test('of a key that is known in part, only the rest is looked at', () => {
  const bytes = Buffer.from('VALUE user:12 0 3\r\n');
  const header = new ValueHeader();
  for (let known = 0; known <= 'user:12'.length; known++) {
    assert.equal(header.readClassic(bytes, 0, bytes.length, known), bytes.length);
    assert.equal(bytes.toString('latin1', header.keyStart, header.keyEnd), 'user:12');
  }
});
