import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attempt } from '../../../src/client/attempt.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Caller, lostError, OneServerRoom } from './attempts.ts';

/** An attempt that counts how often it is sent. */
class Counted extends Attempt<string> {
  goes = 0;
  go(): void {
    this.goes++;
  }
}

function attemptOf(...verdicts: ('now' | 'later')[]) {
  const room = new OneServerRoom();
  room.verdicts.push(...verdicts);
  const call = new Caller<string>();
  const attempt = new Counted(room, call, { verb: 'delete', wire: 'p:k', by: 'k', tag: 7 });
  return { room, call, attempt };
}

test('an answer is told to the call, under the tag of the operation', () => {
  const { call, attempt } = attemptOf();
  attempt.answer(0, 'yes');
  assert.deepEqual(call.told, [[7, 'yes']]);
});

test('its deadline and its end are those of the call', () => {
  const { call, attempt } = attemptOf();
  assert.equal(attempt.deadline, Infinity);
  assert.equal(attempt.settled, false);
  attempt.answer(0, 'yes');
  assert.equal(attempt.settled, true);
  const other = attemptOf();
  other.call.settled = true;
  assert.equal(other.attempt.settled, true);
  assert.equal(call.settled, false);
});

test('that it was sent is known to the call', () => {
  const { call, attempt } = attemptOf();
  assert.equal(attempt.sent, 'no');
  attempt.sent = 'maybe';
  assert.deepEqual([attempt.sent, call.sent], ['maybe', 'maybe']);
});

test('a failure that is final is told as it is', () => {
  const { room, call, attempt } = attemptOf();
  const error = lostError('no');
  attempt.fail(0, error);
  assert.deepEqual(call.told, [[7, error]]);
  assert.equal(attempt.goes, 0);
  const { verb, attempt: count, deadline, sent } = room.failures[0];
  assert.deepEqual(
    { verb, count, deadline, sent, error: room.failures[0].error },
    { verb: 'delete', count: 1, deadline: Infinity, sent: 'no', error },
  );
});

test('attempts are counted, over pauses and without', () => {
  const { room, call, attempt } = attemptOf('now', 'later', 'now');
  attempt.fail(0, lostError('no'));
  assert.equal(attempt.goes, 1);
  attempt.fail(0, lostError('no'));
  assert.equal(attempt.goes, 1);
  room.run();
  assert.equal(attempt.goes, 2);
  attempt.fail(0, lostError('no'));
  attempt.fail(0, lostError('no'));
  assert.deepEqual(
    room.failures.map((failed) => failed.attempt),
    [1, 2, 3, 4],
  );
  assert.equal(attempt.goes, 3);
  assert.equal(call.told.length, 1);
});

test('an attempt that was sent stays so, whatever becomes of the next', () => {
  const { room, call, attempt } = attemptOf('now');
  attempt.sent = 'maybe';
  attempt.fail(0, lostError('maybe'));
  attempt.fail(0, lostError('no'));
  assert.deepEqual(
    room.failures.map(({ sent }) => sent),
    ['maybe', 'maybe'],
  );
  const [[, told]] = call.told;
  assert.deepEqual(
    [(told as MemcacheError).code, (told as MemcacheError).sent],
    ['ERR_MEMCACHE_CONNECTION_LOST', 'maybe'],
  );
});

test('nothing is sent for a caller who has given up in the pause', () => {
  const { room, call, attempt } = attemptOf('later');
  attempt.fail(0, lostError('no'));
  call.settled = true;
  room.run();
  assert.equal(attempt.goes, 0);
  assert.deepEqual(call.told, []);
});
