import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { decodeError, encodeError, Shared, type Stored } from './foreign-support.ts';

const npm = new Shared({ format: 'memcached' });

/** As the package, version 2.2.2, stored them. */
const STORED: [unknown, Stored][] = [
  ['té\r\nx\\\ny', [0, 't\xc3\xa9\\\r\\\nx\\\\\ny']],
  ['', [0, '']],
  [Buffer.from([0, 10, 13, 92, 200, 255]), [4, '\0\\\n\\\r\\\xc3\x88\xc3\xbf']],
  [41, [8, '41']],
  [1.5, [8, '1.5']],
  [-3, [8, '-3']],
  [1e300, [8, '1e+300']],
  [Number.NaN, [8, 'NaN']],
  [{ a: ['x\n'] }, [2, '{"a":["x\\n"]}']],
  [true, [2, 'true']],
  [null, [2, 'null']],
];

test('memcached: text, bytes, numbers and JSON as the package stores them', () => {
  for (const [value, stored] of STORED) {
    assert.deepEqual(npm.stored(value), stored, inspect(value));
    assert.deepEqual(npm.read(stored), value, inspect(value));
  }
  assert.deepEqual(npm.stored(2n ** 64n - 1n), [8, '18446744073709551615']);
  assert.equal(npm.read([8, '18446744073709551615']), 2n ** 64n - 1n);
  assert.throws(() => npm.stored({ big: 1n }), encodeError);
});

test('memcached: what somebody else stored', () => {
  assert.equal(npm.read([0, 'a\nb']), 'a\nb');
  assert.equal(npm.read([8, '9 ']), 9, 'a count that has become shorter');
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  assert.deepEqual(npm.roundTrip(all), all);
  const broken: Stored[] = [
    [4, '\xe2\x82\xac'],
    [4, '\xff'],
    [0, '\xff'],
    [2, '{'],
    [8, ''],
    [8, 'one'],
    [1, 'x'],
    [6, 'x'],
  ];
  for (const stored of broken) assert.throws(() => npm.read(stored), decodeError, inspect(stored));
});
