import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArrayRead, MapRead } from '../../../src/client/many-read.ts';
import { ManyError, MemcacheError } from '../../../src/errors.ts';
import { PLAIN_GETS } from '../../../src/client/questions.ts';
import { planOf, Room, viewOf } from './reads.ts';

const lost = new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'lost', { sent: 'maybe' });

test('hits by key in the order of the keys, whatever the order they came in', async () => {
  const read = new MapRead(planOf(new Room()), 7, ['a', 'b', 'c'], ['a', 'b', 'c']);
  const promise = read.handOut();
  assert.equal(read.deadline, 7);
  read.item(2, viewOf('C'));
  read.miss(1);
  assert.equal(read.settled, false);
  read.item(0, viewOf('A'));
  assert.deepEqual(
    [...(await promise)],
    [
      ['a', 'A'],
      ['c', 'C'],
    ],
  );
});

test('values by place', async () => {
  const read = new ArrayRead(planOf(new Room()), 0, ['a', 'b', 'a'], ['a', 'b', 'a']);
  const promise = read.handOut();
  read.item(0, viewOf('A'));
  read.item(2, viewOf('A'));
  read.miss(1);
  assert.deepEqual(await promise, ['A', undefined, 'A']);
});

test('of no keys the answer is there at once', async () => {
  assert.deepEqual(await new MapRead(planOf(new Room()), 0, [], []).handOut(), new Map());
  assert.deepEqual(await new ArrayRead(planOf(new Room()), 0, [], []).handOut(), []);
});

test('gets has the token beside the value', async () => {
  const read = new MapRead(
    planOf(new Room(), { form: PLAIN_GETS.form, shape: PLAIN_GETS.shape }),
    0,
    ['a'],
    ['a'],
  );
  const promise = read.handOut();
  read.item(0, viewOf('A', 16, '77'));
  assert.deepEqual((await promise).get('a'), { value: 'A', cas: '77' });
});

test('of a key that is named twice the first answer stands: only it may say that the caller has won', async () => {
  const room = new Room();
  const keys = ['a', 'b', 'a'];
  const question = { form: PLAIN_GETS.form, shape: PLAIN_GETS.shape };
  const read = new MapRead(planOf(room, question), 0, keys, keys);
  const promise = read.handOut();
  read.item(0, viewOf('A', 16, '1'));
  read.miss(1);
  read.item(2, viewOf('A', 16, '2'));
  assert.deepEqual(await promise, new Map([['a', { value: 'A', cas: '1' }]]));
});

test('keys of the same bytes are one entry, under the first', async () => {
  const bytes = Buffer.from('a');
  const keys = [bytes, 'a', Buffer.from('a'), 'b', bytes];
  const read = new MapRead(planOf(new Room()), 0, keys, ['a', 'a', 'a', 'b', 'a']);
  const promise = read.handOut();
  keys.forEach((_, tag) => {
    read.item(tag, viewOf('x'));
  });
  const hits = await promise;
  assert.equal(hits.size, 2);
  assert.equal(hits.get(bytes), 'x');
  assert.equal(hits.get('b'), 'x');
});

test('a key that failed rejects with what arrived and what did not', async () => {
  const read = new MapRead(planOf(new Room()), 0, ['a', 'b', 'c'], ['a', 'b', 'c']);
  const promise = read.handOut();
  read.item(0, viewOf('A'));
  read.fail(1, lost);
  read.miss(2);
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof ManyError);
    assert.deepEqual([...error.values], [['a', 'A']]);
    assert.deepEqual([...error.errors], [['b', lost]]);
    return true;
  });
});

test("with onError 'miss' it is missing, and each failure is told once", async () => {
  const room = new Room();
  const plan = planOf(room, { onError: 'miss' });
  const read = new ArrayRead(plan, 0, ['a', 'b', 'c'], ['a', 'b', 'c']);
  const promise = read.handOut();
  read.fail(0, lost);
  read.item(1, viewOf('B'));
  read.fail(2, lost);
  assert.deepEqual(await promise, [undefined, 'B', undefined]);
  assert.deepEqual(room.guards, [lost]);
});

test('a key is asked for again as often as the room allows, by itself', async () => {
  const room = new Room({ attempts: 3 });
  const read = new MapRead(planOf(room), 0, ['a', 'b'], ['wire:a', 'wire:b']);
  const promise = read.handOut();
  read.fail(1, lost);
  read.fail(1, lost);
  read.fail(0, lost);
  assert.deepEqual(room.asked, [
    { verb: 'get', key: 'wire:b', tag: 1 },
    { verb: 'get', key: 'wire:b', tag: 1 },
    { verb: 'get', key: 'wire:a', tag: 0 },
  ]);
  read.item(0, viewOf('A'));
  read.fail(1, lost);
  await assert.rejects(promise, { code: 'ERR_MEMCACHE_MANY' });
  assert.equal(room.asked.length, 3);
});

test('what nobody can read is a miss with an event, or an error', async () => {
  const room = new Room();
  const read = new MapRead(planOf(room), 0, ['a', 'b'], ['a', 'b']);
  const promise = read.handOut();
  read.item(0, viewOf('pickle', 1));
  read.item(1, viewOf('B'));
  assert.deepEqual([...(await promise).keys()], ['b']);
  const [{ flags, bytes, error }] = room.unreadables;
  assert.deepEqual(
    { flags, bytes, code: error.code },
    { flags: 1, bytes: 6, code: 'ERR_MEMCACHE_DECODE' },
  );

  const strict = new Room({ onUnreadable: 'error' });
  const failing = new MapRead(planOf(strict), 0, ['a'], ['a']);
  const failure = failing.handOut();
  failing.item(0, viewOf('pickle', 1));
  await assert.rejects(failure, { code: 'ERR_MEMCACHE_MANY' });
  assert.equal(strict.unreadables.length, 1);
});

test('abandoned it rejects, whatever onError says of failures', async () => {
  const aborted = new MemcacheError('ERR_MEMCACHE_ABORTED', 'aborted');
  for (const onError of ['throw', 'miss'] as const) {
    const read = new MapRead(planOf(new Room(), { onError }), 0, ['a', 'b'], ['a', 'b']);
    const promise = read.handOut();
    read.item(0, viewOf('A'));
    read.abandon(aborted);
    assert.equal(read.settled, true);
    read.miss(1);
    await assert.rejects(promise, aborted);
  }
});

test('the view may be overwritten as soon as it was handed over', async () => {
  const read = new ArrayRead(planOf(new Room()), 0, ['a'], ['a']);
  const promise = read.handOut();
  const view = viewOf('bytes', 0);
  read.item(0, view);
  view.bytes.fill(0);
  assert.deepEqual(await promise, [Buffer.from('bytes')]);
});

test('a failure that was never sent does not hide that the key was asked for before', async () => {
  for (const sent of ['no', 'maybe'] as const) {
    const read = new MapRead(planOf(new Room()), 0, ['a'], ['a']);
    const promise = read.handOut();
    read.sent = sent;
    read.fail(0, new MemcacheError('ERR_MEMCACHE_TIMEOUT', 'late', { sent: 'no' }));
    await assert.rejects(promise, (error) => {
      assert.equal(((error as ManyError).errors.get('a') as MemcacheError).sent, sent);
      return true;
    });
  }
});

test('while keys have moved each miss looks once where its key was before', async () => {
  const room = new Room({ attempts: 5 });
  room.moving = true;
  const read = new MapRead(planOf(room), 0, ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd']);
  const promise = read.handOut();
  read.item(0, viewOf('A'));
  for (const tag of [1, 2, 3]) read.miss(tag);
  assert.deepEqual(
    room.lookedBack.map(({ key, tag }) => [key, tag]),
    [
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ],
  );
  read.item(1, viewOf('B'));
  read.miss(2);
  read.fail(3, lost);
  assert.deepEqual(
    [...(await promise)],
    [
      ['a', 'A'],
      ['b', 'B'],
    ],
  );
  assert.deepEqual(room.guards, [lost]);
  assert.deepEqual([room.failures, room.lookedBack.length], [[], 3]);
});

test('keys that were nowhere before are misses', async () => {
  const room = new Room();
  room.moving = true;
  room.former = false;
  const read = new ArrayRead(planOf(room), 0, ['a', 'b'], ['a', 'b']);
  const promise = read.handOut();
  read.miss(0);
  read.miss(1);
  assert.deepEqual(await promise, [undefined, undefined]);
});

test('a key whose server is out is a miss where the fleet says so, any other failure is not', async () => {
  const out = new MemcacheError('ERR_MEMCACHE_UNAVAILABLE', 'out');
  const room = new Room();
  const plan = planOf(room, { outIsMiss: true });
  const read = new MapRead(plan, 0, ['a', 'b'], ['a', 'b']);
  const promise = read.handOut();
  read.fail(0, out);
  read.item(1, viewOf('B'));
  assert.deepEqual([...(await promise)], [['b', 'B']]);
  assert.deepEqual(room.guards, [out]);

  const other = new MapRead(plan, 0, ['a', 'b', 'c'], ['a', 'b', 'c']);
  const rejection = other.handOut();
  other.fail(0, out);
  other.fail(1, lost);
  other.item(2, viewOf('C'));
  await assert.rejects(rejection, (error: unknown) => {
    assert.ok(error instanceof ManyError);
    assert.deepEqual([...error.errors], [['b', lost]]);
    assert.deepEqual([...error.values], [['c', 'C']]);
    return true;
  });
});

test('each key is placed by itself, or all by what the call says', () => {
  const places = (plan = planOf(new Room())): unknown[] => {
    const read = new MapRead(plan, 0, ['a', 'b'], ['p:a', 'p:b']);
    return [0, 1].map((tag) => read.placedBy(tag));
  };
  assert.deepEqual(places(), ['a', 'b']);
  assert.deepEqual(places(planOf(new Room(), { routeBy: 'x' })), ['x', 'x']);
});
