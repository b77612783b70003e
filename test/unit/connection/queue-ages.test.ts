import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueAges } from '../../../src/connection/queue-ages.ts';

function queued(ages: QueueAges, joining: number): void {
  for (let i = 0; i < joining; i++) ages.joined();
}

/** How many are older than 50 ms at this time. */
const olderAt = (ages: QueueAges, now: number, clock: number = now): number =>
  ages.olderThan(50, { now, clock });

test('what joined between two looks counts from the second one', () => {
  const ages = new QueueAges();
  queued(ages, 3);
  assert.equal(olderAt(ages, 100), 0);
  queued(ages, 2);
  assert.equal(olderAt(ages, 149), 0);
  assert.equal(olderAt(ages, 150), 3);
  assert.equal(olderAt(ages, 199), 5);
});

test('what has left is old no longer, whoever is behind it', () => {
  const ages = new QueueAges();
  queued(ages, 3);
  olderAt(ages, 0);
  ages.left();
  ages.left();
  assert.equal(olderAt(ages, 60), 1);
  ages.left();
  queued(ages, 4);
  assert.equal(olderAt(ages, 70), 0, 'those who came since are young');
  assert.equal(olderAt(ages, 120), 4);
});

test('a queue that was empty starts anew', () => {
  const ages = new QueueAges();
  queued(ages, 1);
  olderAt(ages, 0);
  ages.left();
  assert.equal(olderAt(ages, 1000), 0);
  queued(ages, 1);
  assert.equal(olderAt(ages, 1001), 0);
  assert.equal(olderAt(ages, 1051), 1);
});

test('what joined in a pause, for which time stands still, is young after it', () => {
  const ages = new QueueAges();
  queued(ages, 3);
  olderAt(ages, 100);
  queued(ages, 2);
  assert.equal(olderAt(ages, 120, 600), 0);
  assert.equal(olderAt(ages, 610), 3);
  assert.equal(olderAt(ages, 650), 5);
});
