import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueTimes } from '../../../src/connection/queue-times.ts';

test('each leaves with the time it joined at', () => {
  const queue = new QueueTimes();
  for (const at of [5, 5, 7]) queue.joined(at);
  assert.equal(queue.left(), 5);
  queue.joined(9);
  assert.deepEqual([queue.left(), queue.left(), queue.left()], [5, 7, 9]);
  queue.joined(9);
  assert.equal(queue.left(), 9);
});

test('what was collected has waited since its collection began', () => {
  const queue = new QueueTimes();
  queue.collects(3);
  queue.collects(4);
  queue.joined(8);
  queue.sealed();
  queue.joined(8);
  assert.deepEqual([queue.left(), queue.left()], [3, 8]);
});

test('what joined before anybody asked for times has none', () => {
  const queue = new QueueTimes();
  queue.joined(0);
  queue.joined(6);
  assert.deepEqual([queue.left(), queue.left()], [0, 6]);
  queue.joined(0);
  assert.equal(queue.left(), 0);
});
