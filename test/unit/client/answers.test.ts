import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManyAnswer, SingleAnswer } from '../../../src/client/answers.ts';
import { ManyError, MemcacheError } from '../../../src/errors.ts';

const lost = new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'lost', {
  sent: 'maybe',
  retryable: true,
});

test('one answer is read into the result', async () => {
  const call = new SingleAnswer<string, number>(9, (answer) => answer.length);
  const promise = call.handOut();
  call.answer(0, 'four');
  call.fail(0, lost);
  assert.equal(await promise, 4);
  assert.equal(call.deadline, 9);
});

test('an answer that cannot be read rejects, and so does a failure', async () => {
  const call = new SingleAnswer<string, number>(0, () => {
    throw lost;
  });
  const promise = call.handOut();
  call.answer(0, '');
  await assert.rejects(promise, lost);
  const failed = new SingleAnswer<string, number>(0, () => 1);
  const failure = failed.handOut();
  failed.fail(0, lost);
  await assert.rejects(failure, lost);
});

test('many answers are one result, by key and in the order of the keys', async () => {
  const call = new ManyAnswer<string, number, [string, number][]>(0, ['a', 'b', 'c'], (map) => [
    ...map,
  ]);
  const promise = call.handOut();
  call.answer(2, 3);
  call.answer(0, 1);
  assert.equal(call.settled, false);
  assert.deepEqual([call.awaits(0), call.awaits(1), call.awaits(2)], [false, true, false]);
  call.answer(0, 100);
  call.fail(0, lost);
  call.answer(1, 2);
  assert.deepEqual(await promise, [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  assert.equal(call.awaits(1), false);
});

test('of no keys the result is there at once', async () => {
  const call = new ManyAnswer<string, number, number>(0, [], (map) => map.size);
  assert.equal(call.settled, true);
  assert.equal(await call.handOut(), 0);
});

test('when a key failed, what arrived and what failed are told apart', async () => {
  const call = new ManyAnswer<string, boolean, unknown>(0, ['a', 'b', 'c'], (map) => map);
  const promise = call.handOut();
  call.fail(1, lost);
  call.answer(0, false);
  call.answer(1, true);
  assert.equal(call.settled, false);
  call.answer(2, true);
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof ManyError);
    assert.deepEqual(
      [...error.values],
      [
        ['a', false],
        ['c', true],
      ],
    );
    assert.deepEqual([...error.errors], [['b', lost]]);
    assert.equal(error.message, '1 of 3 failed');
    assert.deepEqual([error.sent, error.retryable, error.cause], ['maybe', true, lost]);
    return true;
  });
});

test('what is abandoned awaits nothing more', async () => {
  const call = new ManyAnswer<string, boolean, unknown>(0, ['a', 'b'], (map) => map);
  const promise = call.handOut();
  call.answer(0, true);
  call.abandon(lost);
  assert.equal(call.awaits(1), false);
  call.answer(1, true);
  await assert.rejects(promise, lost);
});

test('undefined is an answer like any other', async () => {
  const call = new ManyAnswer<string, undefined, number>(0, ['a', 'b'], (map) => map.size);
  const promise = call.handOut();
  call.answer(0, undefined);
  call.answer(1, undefined);
  assert.equal(await promise, 2);
  const part = new ManyAnswer<string, undefined, number>(0, ['a', 'b'], (map) => map.size);
  const failure = part.handOut();
  part.answer(1, undefined);
  part.fail(0, lost);
  await assert.rejects(failure, (error: ManyError) => {
    assert.deepEqual([...error.values], [['b', undefined]]);
    assert.equal(error.message, '1 of 2 failed');
    return true;
  });
});
