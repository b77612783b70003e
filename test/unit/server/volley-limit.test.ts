import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VolleyLimit } from '../../../src/server/volley-limit.ts';

function limitOf(most: number) {
  const clock = { now: 5000 };
  return { limit: new VolleyLimit(most, () => clock.now), clock };
}

test('keys go together, whatever ends or is refused by itself', () => {
  const { limit, clock } = limitOf(100);
  limit.ended();
  assert.equal(limit.keys, 100);
  limit.refused();
  assert.equal(limit.keys, 100);
  clock.now += 1000;
  limit.ended();
  assert.equal(limit.keys, 100);
});

test('keys go one by one for half a minute after a refusal that ended the connection', () => {
  const { limit, clock } = limitOf(100);
  limit.refused();
  clock.now += 999;
  limit.ended();
  assert.equal(limit.keys, 1);
  clock.now += 29_999;
  assert.equal(limit.keys, 1);
  clock.now += 1;
  assert.equal(limit.keys, 100);
  limit.ended();
  assert.equal(limit.keys, 100);
});

test('a second refusal of that kind begins it anew', () => {
  const { limit, clock } = limitOf(100);
  for (let round = 0; round < 2; round++) {
    limit.refused();
    limit.ended();
    clock.now += 20_000;
    assert.equal(limit.keys, 1);
  }
  clock.now += 9999;
  assert.equal(limit.keys, 1);
});
