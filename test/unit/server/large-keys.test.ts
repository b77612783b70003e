import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LargeKeys } from '../../../src/server/large-keys.ts';

test('it remembers keys until they are deleted', () => {
  const keys = new LargeKeys();
  keys.add('a');
  keys.add('a');
  keys.add('b');
  assert.deepEqual([keys.size, keys.has('a'), keys.has('c')], [2, true, false]);
  keys.delete('a');
  keys.delete('c');
  assert.deepEqual([keys.size, keys.has('a'), keys.has('b')], [1, false, true]);
});

test('it holds a bounded number, and forgets the one longest not seen', () => {
  const keys = new LargeKeys();
  for (let i = 0; i < 1024; i++) keys.add(`key:${i}`);
  keys.add('key:0');
  keys.add('another');
  assert.equal(keys.size, 1024);
  assert.deepEqual(
    [keys.has('key:0'), keys.has('key:1'), keys.has('key:2'), keys.has('another')],
    [true, false, true, true],
  );
});
