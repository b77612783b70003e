import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../../src/config/nearest.ts';

const WORDS = ['timeoutMs', 'closeTimeoutMs', 'ttl', 'maxQueued', 'maxQueued.bytes'];

test('case aside, the word with the fewest letters to change is nearest', () => {
  assert.equal(nearest('timeOutMs', WORDS), 'timeoutMs');
  assert.equal(nearest('timeout', WORDS), 'timeoutMs');
  assert.equal(nearest('closeTimoutMs', WORDS), 'closeTimeoutMs');
  assert.equal(nearest('tll', WORDS), 'ttl');
  assert.equal(nearest('maxQueued.byte', WORDS), 'maxQueued.bytes');
});

test('a word like none has no nearest', () => {
  assert.equal(nearest('compression', WORDS), undefined);
  assert.equal(nearest('', []), undefined);
});

test('a word of a megabyte is like none, and found so at once', () => {
  const before = performance.now();
  assert.equal(nearest('timeoutMs'.repeat(100_000), WORDS), undefined);
  assert.ok(performance.now() - before < 100);
});
