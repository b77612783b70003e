import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from '../../../src/primitives/kind.ts';

const KINDS: [unknown, string][] = [
  [undefined, 'undefined'],
  [null, 'null'],
  ['', 'an empty string'],
  ['secret', 'a string'],
  [Number.NaN, 'NaN'],
  [-Infinity, 'Infinity'],
  [0.5, 'a fraction'],
  [-1, 'a negative number'],
  [1, 'a number'],
  [true, 'a boolean'],
  [1n, 'a bigint'],
  [Symbol('secret'), 'a symbol'],
  [() => {}, 'a function'],
  [['secret'], 'an array'],
  [Buffer.from('secret'), 'bytes'],
  [{ secret: 1 }, 'an object'],
];

test('every value has a kind and no kind shows content', () => {
  for (const [value, kind] of KINDS) assert.equal(kindOf(value), kind);
});
