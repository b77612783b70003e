import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueAges } from '../../../src/connection/queue-ages.ts';

function queued(ages: QueueAges, joining: number): void {
  for (let i = 0; i < joining; i++) ages.joined();
}

test('what joined between two looks counts from the second one', () => {
  const ages = new QueueAges();
  queued(ages, 3);
  assert.equal(ages.olderThan(50, 100), 0);
  queued(ages, 2);
  assert.equal(ages.olderThan(50, 149), 0);
  assert.equal(ages.olderThan(50, 150), 3);
  assert.equal(ages.olderThan(50, 199), 5);
});

test('what has left is old no longer, whoever is behind it', () => {
  const ages = new QueueAges();
  queued(ages, 3);
  ages.olderThan(50, 0);
  ages.left();
  ages.left();
  assert.equal(ages.olderThan(50, 60), 1);
  ages.left();
  queued(ages, 4);
  assert.equal(ages.olderThan(50, 70), 0, 'those who came since are young');
  assert.equal(ages.olderThan(50, 120), 4);
});

test('a queue that was empty starts anew', () => {
  const ages = new QueueAges();
  queued(ages, 1);
  ages.olderThan(50, 0);
  ages.left();
  assert.equal(ages.olderThan(50, 1000), 0);
  queued(ages, 1);
  assert.equal(ages.olderThan(50, 1001), 0);
  assert.equal(ages.olderThan(50, 1051), 1);
});
