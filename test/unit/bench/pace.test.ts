import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mannersFor } from '../../../bench/guest/manners.ts';
import { Pace } from '../../../bench/guest/pace.ts';

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
