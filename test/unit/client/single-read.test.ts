import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SingleRead } from '../../../src/client/single-read.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { PLAIN_GETS } from '../../../src/client/questions.ts';
import type { ReadPlan, ReadShape } from '../../../src/client/read.ts';
import { NOTHING } from '../../../src/codec/placeholder.ts';
import { MetaFlags } from '../../../src/protocol/meta-flags.ts';
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
  const gets = new SingleRead(
    planOf(new Room(), { form: PLAIN_GETS.form, shape: PLAIN_GETS.shape }),
    0,
    'a',
    'a',
  );
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

test('what is known of a failure is told to the room', () => {
  const room = new Room({ attempts: 3 });
  const read = new SingleRead(
    planOf(room, { form: PLAIN_GETS.form, shape: PLAIN_GETS.shape }),
    77,
    'a',
    'wire',
  );
  read.handOut().catch(() => {});
  const unsent = new MemcacheError('ERR_MEMCACHE_CONNECT', 'refused', { sent: 'no' });
  read.fail(0, unsent);
  read.sent = 'maybe';
  read.fail(0, unsent);
  read.fail(0, unsent);
  assert.deepEqual(
    room.failures.map(({ verb, attempt, deadline, sent }) => [verb, attempt, deadline, sent]),
    [
      ['gets', 1, 77, 'no'],
      ['gets', 2, 77, 'maybe'],
      ['gets', 3, 77, 'maybe'],
    ],
  );
});

test('a read that has settled is not tried again', async () => {
  const room = new Room({ attempts: 5 });
  const read = new SingleRead(planOf(room), 0, 'a', 'a');
  const promise = read.handOut();
  read.abandon(lost);
  await assert.rejects(promise, lost);
  read.fail(0, lost);
  assert.deepEqual([room.failures, room.asked], [[], []]);
});

test('while keys have moved a miss looks once where the key was before', async () => {
  for (const found of [true, false]) {
    const room = new Room();
    room.moving = true;
    const read = new SingleRead(planOf(room), 0, 'a', 'wire');
    const promise = read.handOut();
    read.miss();
    assert.deepEqual(room.lookedBack, [{ verb: 'get', key: 'wire', tag: 0 }]);
    assert.equal(read.settled, false);
    if (found) read.item(0, viewOf('A'));
    else read.miss();
    assert.equal(await promise, found ? 'A' : undefined);
    assert.equal(room.lookedBack.length, 1);
  }
});

test('a miss is one where keys have not moved, or were nowhere before', async () => {
  for (const moving of [true, false]) {
    const room = new Room();
    room.moving = moving;
    room.former = false;
    const read = new SingleRead(planOf(room), 0, 'a', 'a');
    const promise = read.handOut();
    read.miss();
    assert.equal(await promise, undefined);
    assert.deepEqual(room.lookedBack, []);
  }
});

test('a former server that fails is a miss with an event, not tried again, and no error', async () => {
  const room = new Room({ attempts: 5 });
  room.moving = true;
  const read = new SingleRead(planOf(room), 0, 'a', 'a');
  const promise = read.handOut();
  read.miss();
  read.fail(0, lost);
  assert.equal(await promise, undefined);
  assert.deepEqual(room.guards, [lost]);
  assert.deepEqual(room.failures, []);
});

test('a server that is out is a miss where the fleet says so, any other failure is not', async () => {
  const out = new MemcacheError('ERR_MEMCACHE_UNAVAILABLE', 'out');
  const room = new Room();
  const plan = planOf(room, { outIsMiss: true });
  const read = new SingleRead(plan, 0, 'a', 'a');
  const promise = read.handOut();
  read.fail(0, out);
  assert.equal(await promise, undefined);
  assert.deepEqual(room.guards, [out]);
  const other = new SingleRead(plan, 0, 'a', 'a');
  const rejection = other.handOut();
  other.fail(0, lost);
  await assert.rejects(rejection, lost);
});

test('it is placed by its key, or by what the call says', () => {
  assert.equal(new SingleRead(planOf(new Room()), 0, 'a', 'p:a').placedBy(0), 'a');
  const plan = planOf(new Room(), { routeBy: 'place' });
  assert.equal(new SingleRead(plan, 0, 'a', 'p:a').placedBy(0), 'place');
});

/** Gives the item's flags beside the value, or in its place. */
const SHAPE: ReadShape = {
  about: ({ flags }) => flags,
  answer: (value, about) => ({ value, about }),
  placeholders: false,
};

const TABLE: [what: string, flags: number, options: Partial<ReadPlan>, answer: unknown][] = [
  ['a placeholder', 0, {}, undefined],
  ['a placeholder where other readers mean bytes', 0, { emptyIsNothing: false }, Buffer.alloc(0)],
  ['text that is empty', 16, {}, ''],
  ['the mark that there is nothing', NOTHING, {}, undefined],
  ['that mark in any format', NOTHING, { emptyIsNothing: false }, undefined],
  ['a placeholder, shaped', 0, { shape: SHAPE }, undefined],
  [
    'a placeholder where that is an answer',
    0,
    { shape: { ...SHAPE, placeholders: true } },
    { value: undefined, about: 0 },
  ],
  [
    'the mark where that is an answer',
    NOTHING,
    { shape: { ...SHAPE, placeholders: true } },
    { value: undefined, about: NOTHING },
  ],
  ['text that is empty, shaped', 16, { shape: SHAPE }, { value: '', about: 16 }],
];

for (const [what, flags, options, answer] of TABLE) {
  test(`of an item without bytes: ${what}`, async () => {
    const room = new Room();
    const read = new SingleRead(planOf(room, options), 0, 'a', 'a');
    const promise = read.handOut();
    read.item(0, viewOf('', flags));
    assert.deepEqual(await promise, answer);
    assert.deepEqual(room.unreadables, []);
  });
}

test('an answer without the value is none that could be decoded', async () => {
  for (const placeholders of [true, false]) {
    const plan = planOf(new Room(), { shape: { ...SHAPE, placeholders }, emptyIsNothing: false });
    const read = new SingleRead(plan, 0, 'a', 'a');
    const promise = read.handOut();
    read.item(0, { ...viewOf('', 32), facts: new MetaFlags(false) });
    assert.deepEqual(await promise, placeholders ? { value: undefined, about: 32 } : undefined);
  }
});

test('what is kept of an item is taken from the view before it is gone', async () => {
  const shape: ReadShape = {
    about: ({ facts }) => facts.ttl,
    answer: (value, ttl) => ({ value, ttl }),
    placeholders: false,
  };
  const facts = new MetaFlags();
  facts.ttl = 7;
  const read = new SingleRead(planOf(new Room(), { shape }), 0, 'a', 'a');
  const promise = read.handOut();
  read.item(0, { ...viewOf('A'), facts });
  facts.ttl = 8;
  assert.deepEqual(await promise, { value: 'A', ttl: 7 });
});

test('a placeholder looks back as a miss does', () => {
  const room = new Room();
  room.moving = true;
  const read = new SingleRead(planOf(room), 0, 'a', 'wire');
  void read.handOut();
  read.item(0, viewOf('', 0));
  assert.deepEqual(
    room.lookedBack.map(({ key }) => key),
    ['wire'],
  );
});
