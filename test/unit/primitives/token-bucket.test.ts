import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TokenBucket } from '../../../src/primitives/token-bucket.ts';

function bucketOf(burst: number, perSecond: number) {
  const clock = { now: 5000 };
  const bucket = new TokenBucket({ burst, perSecond }, () => clock.now);
  const drain = (): number => {
    let taken = 0;
    while (taken < 1000 && bucket.take()) taken++;
    return taken;
  };
  return { bucket, clock, drain };
}

test('it is full at first, and empty after its burst', () => {
  const { bucket, drain } = bucketOf(3, 10);
  assert.equal(drain(), 3);
  assert.equal(bucket.take(), false);
});

test('tokens come back with time, in parts too, and no more than the burst', () => {
  const { clock, drain } = bucketOf(3, 10);
  drain();
  clock.now += 50;
  assert.equal(drain(), 0);
  clock.now += 50;
  assert.equal(drain(), 1);
  clock.now += 250;
  assert.equal(drain(), 2);
  clock.now += 50;
  assert.equal(drain(), 1);
  clock.now += 60_000;
  assert.equal(drain(), 3);
});

test('to be refused costs nothing', () => {
  const { bucket, clock, drain } = bucketOf(1, 1);
  drain();
  for (let i = 0; i < 8; i++) {
    assert.equal(bucket.take(), false);
    clock.now += 125;
  }
  assert.equal(bucket.take(), true);
});

test('tokens can be earned otherwise, up to the burst', () => {
  const { bucket, clock, drain } = bucketOf(5, 0);
  drain();
  clock.now += 1_000_000;
  assert.equal(drain(), 0);
  bucket.earn(0.5);
  assert.equal(drain(), 0);
  bucket.earn(2.5);
  assert.equal(drain(), 3);
  bucket.earn(100);
  assert.equal(drain(), 5);
});

test('left to itself it looks at the clock', async () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1000 });
  assert.equal(bucket.take(), true);
  await sleep(5);
  assert.equal(bucket.take(), true);
});
