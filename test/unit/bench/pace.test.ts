import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mannersFor } from '../../../bench/guest/manners.ts';
import { Pace } from '../../../bench/guest/pace.ts';
import { stockOf } from '../../../bench/load/keys.ts';
import { loadOf, type LoadCase, workloadOf } from '../../../bench/load/load-case.ts';
import { Random } from '../../../bench/support/random.ts';

function limits() {
  const { limits: set } = mannersFor(5, false);
  assert.ok(set);
  return set;
}

test('so many keys take so long, however they are asked for', () => {
  const { operationsPerSecond } = limits();
  for (const keys of [1, 100]) {
    const pace = new Pace(limits(), 100);
    let last = 0;
    for (let asked = 0; asked <= operationsPerSecond; asked += keys) last = pace.delay(keys, 0);
    assert.ok(Math.abs(last - 1000) < 1, `${keys} at once: ${last} ms`);
  }
});

test('large values are limited by their bytes', () => {
  const { bytesPerSecond } = limits();
  const pace = new Pace(limits(), bytesPerSecond);
  assert.equal(pace.delay(1, 0), 0);
  assert.equal(pace.delay(1, 0), 1000);
});

test('what was not used is lost', () => {
  const pace = new Pace(limits(), 100);
  assert.equal(pace.delay(1, 60_000), 0);
  assert.ok(pace.delay(1, 60_000) > 0);
});

test('at full speed there are no limits, and every run has a prefix of its own', () => {
  assert.equal(mannersFor(5, true).limits, undefined);
  assert.notEqual(mannersFor(5, true).prefix, mannersFor(5, true).prefix);
});

const stock = (load: LoadCase) => stockOf(workloadOf(load), 0, new Random(1), mannersFor(5, false));

test('values of many sizes are paced by what they are on average', () => {
  const { values, meanBytes } = stock(loadOf('large'));
  const bytes = values.reduce((sum: number, value) => sum + (value as Buffer).length, 0);
  assert.equal(meanBytes, bytes / values.length);
  assert.ok(meanBytes > 4000, `${meanBytes}`);
});

test('no more bytes are stored than were promised, be it one key', () => {
  const { storedBytes } = limits();
  const load: LoadCase = { operation: 'get', size: 100, kind: 'buffer', concurrency: 8 };
  for (const [size, keys] of [
    [1_000_000, 1],
    [300_000, 3],
    [10_000, 104],
    [100, 1000],
  ] as const) {
    const { values } = stock({ ...load, size });
    assert.equal(values.length, keys);
    assert.ok(values.length * size <= storedBytes);
  }
});
