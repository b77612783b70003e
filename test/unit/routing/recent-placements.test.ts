import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HashKey, Placement, Reason } from '../../../src/routing/hasher.ts';
import { cached } from '../../../src/routing/recent-placements.ts';

/** Answers how often it was asked. */
class Counting implements Placement {
  asked = 0;

  locate(): number {
    return ++this.asked;
  }

  candidates(): number[] {
    return [7, 8];
  }

  explain(): Reason {
    return { kind: 'alone' };
  }
}

const pair = (): [Counting, Placement] => {
  const counting = new Counting();
  return [counting, cached(counting)];
};

test('a key that was lately placed is not placed again', () => {
  const [counting, placement] = pair();
  for (const key of ['', 'user:1', 'é', 'x'.repeat(250), '\u0000']) {
    const server = placement.locate(key);
    for (let i = 0; i < 5; i++) assert.equal(placement.locate(key), server);
  }
  assert.equal(counting.asked, 5);
});

test('what it does not remember is placed each time', () => {
  const keys: HashKey[] = ['x'.repeat(251), '☃', 'Ā', Buffer.from('user:1')];
  for (const key of keys) {
    const [counting, placement] = pair();
    for (let i = 1; i <= 3; i++) assert.equal(placement.locate(key), i);
    assert.equal(counting.asked, 3);
  }
});

test('keys with one hash are told apart by their text, and by their length', () => {
  const [, placement] = pair();
  assert.equal(placement.locate('Aa'), 1);
  assert.equal(placement.locate('BB'), 2);
  assert.equal(placement.locate('BB'), 2);
  assert.equal(placement.locate('Aa'), 3);
  // The empty text has the hash of this one.
  assert.equal(placement.locate('\u0000'), 4);
  assert.equal(placement.locate(''), 5);
  assert.equal(placement.locate('\u0000\u0000'), 6);
});

test('a key that is not remembered does not leave what it wrote of itself', () => {
  const [, placement] = pair();
  // One hash: 31 more in front is a character of 31 * 31 less behind.
  const [long, plain] = ['ab\u0461', 'a\u0081\u00a0'];
  assert.equal(placement.locate(long), 1);
  assert.equal(placement.locate(plain), 2);
  assert.equal(placement.locate(long), 3);
  assert.equal(placement.locate(plain), 4);
  assert.equal(placement.locate(plain), 4);
});

test('it forgets what it must to stay as large as it is', () => {
  const [counting, placement] = pair();
  const keys = Array.from({ length: 20_000 }, (_, i) => `user:${i}`);
  for (const key of keys) placement.locate(key);
  for (const key of keys) placement.locate(key);
  assert.ok(counting.asked > 20_000);
  const last = counting.asked;
  placement.locate('user:19999');
  assert.equal(counting.asked, last);
});

test('who stands in is asked of the placement', () => {
  assert.deepEqual(pair()[1].candidates('k'), [7, 8]);
});
