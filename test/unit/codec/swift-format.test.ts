import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { decodeError, encodeError, Shared, type Stored } from './foreign-support.ts';

const swift = new Shared({ format: 'swift' });

/** As Python's json.dumps spells them. */
const SPELLED: [unknown, string][] = [
  [{ a: 'é' }, '{"a": "\\u00e9"}'],
  [[1, 2, 3], '[1, 2, 3]'],
  [{}, '{}'],
  [{ é: { x: 'y, z: w' } }, '{"\\u00e9": {"x": "y, z: w"}}'],
  ['a"\\,:{}\n', '"a\\"\\\\,:{}\\n"'],
  ['\\"', '"\\\\\\""'],
  ['\u007f\u2028😀', '"\\u007f\\u2028\\ud83d\\ude00"'],
  [[true, null, 2.5, 'x'], '[true, null, 2.5, "x"]'],
  [5, '5'],
  [2n ** 70n, '1180591620717411303424'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [Number.NaN, 'NaN'],
  ['', '""'],
];

test('swift: everything but bytes is JSON, spelled as Python spells it', () => {
  for (const [value, text] of SPELLED) {
    const stored: Stored = [2, text];
    assert.deepEqual(swift.stored(value), stored, inspect(value));
    assert.deepEqual(swift.read(stored), value);
  }
  assert.equal(swift.stored({ a: 'é' })[1].length, 15);
  assert.deepEqual(swift.stored(Buffer.from([0, 255])), [0, '\0\xff']);
  assert.throws(() => swift.stored({ big: 1n }), encodeError);
});

test('swift: bytes and counters are bytes, pickle is never read', () => {
  assert.deepEqual(swift.read([0, '5']), Buffer.from('5'));
  assert.equal(swift.read([2, '9 ']), 9, 'a count that has become shorter');
  for (const flags of [1, 3]) assert.throws(() => swift.read([flags, '5']), decodeError);
  for (const text of ['', '{', 'nan', '[NaN]', "'a'"]) {
    assert.throws(() => swift.read([2, text]), decodeError, text);
  }
});
