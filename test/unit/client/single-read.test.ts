import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SingleRead } from '../../../src/client/single-read.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { planOf, Room, viewOf } from './reads.ts';

const lost = new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'lost');

test('a hit is the value, a miss is undefined', async () => {
  const hit = new SingleRead(planOf(new Room()), 3, 'a', 'a');
  const value = hit.handOut();
  assert.equal(hit.deadline, 3);
  hit.item(0, viewOf('A'));
  assert.equal(await value, 'A');
  const miss = new SingleRead(planOf(new Room()), 0, 'a', 'a');
  const nothing = miss.handOut();
  miss.miss();
  assert.equal(await nothing, undefined);
  const gets = new SingleRead(planOf(new Room(), { verb: 'gets' }), 0, 'a', 'a');
  const item = gets.handOut();
  gets.item(0, viewOf('A', 16, '5'));
  assert.deepEqual(await item, { value: 'A', cas: '5' });
});

test('a failure is tried again as often as the room allows', async () => {
  const room = new Room({ attempts: 2 });
  const read = new SingleRead(planOf(room), 0, 'a', 'wire');
  const promise = read.handOut();
  read.fail(0, lost);
  assert.deepEqual(room.asked, [{ verb: 'get', key: 'wire', tag: 0 }]);
  read.fail(0, lost);
  await assert.rejects(promise, { code: 'ERR_MEMCACHE_CONNECTION_LOST' });
  assert.equal(room.asked.length, 1);
});

test("with onError 'miss' a failure is a miss with an event, an abort still rejects", async () => {
  const room = new Room();
  const read = new SingleRead(planOf(room, { onError: 'miss' }), 0, 'a', 'a');
  const promise = read.handOut();
  read.fail(0, lost);
  assert.equal(await promise, undefined);
  assert.deepEqual(room.guards, [lost]);
  const aborted = new MemcacheError('ERR_MEMCACHE_ABORTED', 'aborted');
  const other = new SingleRead(planOf(room, { onError: 'miss' }), 0, 'a', 'a');
  const rejection = other.handOut();
  other.abandon(aborted);
  await assert.rejects(rejection, aborted);
});

test("'bulk' is what the plan says", () => {
  assert.equal(new SingleRead(planOf(new Room()), 0, 'a', 'a').bulk, false);
  assert.equal(new SingleRead(planOf(new Room(), { bulk: true }), 0, 'a', 'a').bulk, true);
});

test('a failure that was never sent does not hide that the key was asked for before', async () => {
  for (const sent of ['no', 'maybe'] as const) {
    const read = new SingleRead(planOf(new Room()), 0, 'a', 'a');
    const promise = read.handOut();
    read.sent = sent;
    read.fail(0, new MemcacheError('ERR_MEMCACHE_TIMEOUT', 'late', { sent: 'no' }));
    await assert.rejects(promise, (error) => {
      assert.equal((error as MemcacheError).sent, sent);
      return true;
    });
  }
});
