import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ring } from '../../../src/primitives/ring.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

function entriesOf<T>(ring: Ring<T>): { written: T[]; queued: T[] } {
  const zones: { written: T[]; queued: T[] } = { written: [], queued: [] };
  ring.forEach((entry, written) => (written ? zones.written : zones.queued).push(entry));
  return zones;
}

test('an entry is queued, then written, then gone', () => {
  const ring = new Ring<string>();
  assert.equal(ring.empty, true);
  ring.push('a');
  assert.deepEqual([ring.empty, ring.head, ring.next], [false, undefined, 'a']);
  ring.advance();
  assert.deepEqual([ring.empty, ring.head, ring.next], [false, 'a', undefined]);
  assert.equal(ring.shift(), 'a');
  assert.deepEqual([ring.empty, ring.head, ring.next], [true, undefined, undefined]);
});

test('nothing queued cannot be advanced over or skipped', () => {
  const ring = new Ring<string>();
  assert.throws(() => ring.advance(), RangeError);
  assert.throws(() => ring.skip(), RangeError);
  ring.push('a');
  ring.advance();
  assert.throws(() => ring.advance(), RangeError);
  assert.throws(() => ring.skip(), RangeError);
  assert.equal(ring.head, 'a');
});

test('what is only queued is not shifted', () => {
  const ring = new Ring<string>();
  ring.push('a');
  assert.equal(ring.shift(), undefined);
  assert.equal(ring.next, 'a');
});

test('skipped entries leave no trace, wherever they stood', () => {
  const ring = new Ring<string>(4);
  for (const entry of ['a', 'b', 'c', 'd']) ring.push(entry);
  ring.advance();
  ring.skip();
  ring.advance();
  assert.deepEqual(entriesOf(ring), { written: ['a', 'c'], queued: ['d'] });
  assert.equal(ring.shift(), 'a');
  assert.equal(ring.head, 'c', 'the hole of b has been passed over');
  ring.skip();
  assert.equal(ring.shift(), 'c');
  assert.equal(ring.empty, true);
});

test('skipping the only entries empties the ring', () => {
  const ring = new Ring<string>();
  ring.push('a');
  ring.push('b');
  ring.skip();
  assert.equal(ring.empty, false);
  ring.skip();
  assert.deepEqual([ring.empty, ring.head, ring.next], [true, undefined, undefined]);
});

test('it grows around its marks, wherever they are', () => {
  for (let turned = 0; turned < 8; turned++) {
    const ring = new Ring<number>(4);
    for (let i = 0; i < turned; i++) {
      // One always stays, so that the marks are not set back.
      ring.push(-i);
      ring.advance();
      if (i > 0) ring.shift();
    }
    for (let i = 1; i <= 20; i++) ring.push(i);
    for (let i = 1; i <= 10; i++) ring.advance();
    const { written, queued } = entriesOf(ring);
    assert.deepEqual(
      written.filter((entry) => entry > 0),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.deepEqual(queued, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  }
});

/** The ring holds three entries of its own making: two to be answered, one that is not to be written. */
function fill(ring: Ring<object>): WeakRef<object>[] {
  return [1, 2, 3].map((number) => {
    const entry = { number };
    ring.push(entry);
    return new WeakRef(entry);
  });
}

test('an answered or skipped entry is unreachable', async () => {
  const ring = new Ring<object>();
  const seen = fill(ring);
  ring.push({});
  for (let i = 0; i < 2; i++) ring.advance();
  for (let i = 0; i < 2; i++) ring.shift();
  ring.skip();
  await new Promise(setImmediate);
  collectGarbage();
  assert.deepEqual(
    seen.map((entry) => entry.deref()),
    [undefined, undefined, undefined],
  );
  assert.equal(ring.empty, false);
});

test('what is pushed during a visit is visited, too, and nothing is passed over when the ring grows', () => {
  const ring = new Ring<string>(4);
  ring.push('answered');
  ring.advance();
  for (const entry of ['a', 'b', 'c']) ring.push(entry);
  ring.advance();
  ring.shift();
  const seen: [string, boolean][] = [];
  ring.forEach((entry, written) => {
    seen.push([entry, written]);
    if (entry === 'a') for (const late of ['d', 'e', 'f']) ring.push(late);
  });
  assert.deepEqual(seen, [
    ['a', true],
    ['b', false],
    ['c', false],
    ['d', false],
    ['e', false],
    ['f', false],
  ]);
});
