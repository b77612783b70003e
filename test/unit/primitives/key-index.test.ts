import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyIndex } from '../../../src/primitives/key-index.ts';

test('equal texts share a number, others are counted from 0', () => {
  const index = new KeyIndex(4);
  assert.deepEqual(
    ['a', 'b', 'a', 'c', 'b'].map((text) => index.findOrAdd(text)),
    [0, 1, 0, 2, 1],
  );
  assert.equal(index.size, 3);
});

test('find looks without adding', () => {
  const index = new KeyIndex(4);
  index.findOrAdd('a');
  assert.deepEqual([index.find('a'), index.find('b'), index.size], [0, -1, 1]);
});

test('texts of one hash are told apart', () => {
  // 'Aa' and 'BB' are the shortest of the family: each pair may stand for the other anywhere.
  const same = ['AaAa', 'AaBB', 'BBAa', 'BBBB'];
  const index = new KeyIndex(same.length);
  assert.deepEqual(
    same.map((text) => index.findOrAdd(text)),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    same.map((text) => index.find(text)),
    [0, 1, 2, 3],
  );
  assert.equal(index.find('AaAaAa'), -1);
});

test('it takes as many texts as it was made for, also one or none', () => {
  for (const capacity of [0, 1, 2, 3, 7, 8, 100, 1000]) {
    const index = new KeyIndex(capacity);
    for (let i = 0; i < capacity; i++) assert.equal(index.findOrAdd(`key:${i}`), i);
    for (let i = 0; i < capacity; i++) assert.equal(index.findOrAdd(`key:${i}`), i);
    assert.equal(index.find('another'), -1);
  }
});

test('nothing is found after clear, and numbers start anew', () => {
  const index = new KeyIndex(4);
  index.findOrAdd('a');
  index.findOrAdd('b');
  index.clear();
  assert.deepEqual([index.size, index.find('a'), index.find('b')], [0, -1, -1]);
  assert.equal(index.findOrAdd('b'), 0);
  index.clear();
  index.clear();
  assert.equal(index.size, 0);
});
