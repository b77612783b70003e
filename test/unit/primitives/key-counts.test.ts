import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyCounts } from '../../../src/primitives/key-counts.ts';

test('a text is there until it has been subtracted as often as it was added', () => {
  const counts = new KeyCounts();
  counts.add('a');
  counts.add('b');
  counts.add('a');
  counts.subtract('a');
  assert.deepEqual([counts.size, counts.has('a'), counts.has('b')], [2, true, true]);
  counts.subtract('a');
  assert.deepEqual([counts.size, counts.has('a'), counts.has('b')], [1, false, true]);
});

test('subtracting what is not there changes nothing', () => {
  const counts = new KeyCounts();
  counts.subtract('a');
  counts.add('b');
  counts.subtract('a');
  assert.deepEqual([counts.size, counts.has('a'), counts.has('b')], [1, false, true]);
});

test('the empty text counts as any other', () => {
  const counts = new KeyCounts();
  assert.equal(counts.has(''), false);
  counts.add('');
  assert.deepEqual([counts.size, counts.has('')], [1, true]);
  counts.subtract('');
  assert.deepEqual([counts.size, counts.has('')], [0, false]);
});

test('texts of one hash do not hide each other, in whatever order they go', () => {
  const same = ['AaAa', 'AaBB', 'BBAa', 'BBBB'];
  for (const gone of same) {
    const counts = new KeyCounts();
    for (const text of same) counts.add(text);
    counts.subtract(gone);
    for (const text of same) assert.equal(counts.has(text), text !== gone);
  }
});

test('it grows, and counts on', () => {
  const counts = new KeyCounts();
  const texts = Array.from({ length: 1000 }, (_, i) => `key:${i}`);
  for (const text of texts) counts.add(text);
  for (const text of texts) counts.add(text);
  assert.equal(counts.size, 1000);
  for (const text of texts) counts.subtract(text);
  assert.equal(counts.size, 1000);
  for (const text of texts) counts.subtract(text);
  assert.equal(counts.size, 0);
  assert.equal(counts.has('key:1'), false);
});
