import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET } from '../../../src/server/read-form.ts';
import { until } from '../../support/fault-lab.ts';
import { silence } from '../../support/scripted-server.ts';
import { ReadWaiter } from '../../support/waiters.ts';
import { laneFor } from './lane-support.ts';

test('what it has queued is given back to the last operation and byte', async (t) => {
  const { lane, queued, read, remove } = await laneFor(t, false);
  const waiters = [read('a', 'b', 'a'), read('c')];
  assert.deepEqual([lane.collected, lane.collecting], [4, true]);
  const removed = remove('c');
  assert.deepEqual([lane.collected, lane.collecting], [0, false]);
  assert.deepEqual(queued, { operations: 5, bytes: 'a b c '.length + 'c'.length });
  await removed.done;
  assert.equal(waiters[0].told.length + waiters[1].told.length, 4);
  assert.deepEqual(queued, { operations: 0, bytes: 0 });
});

test('it holds a key as long as anything about it is unanswered', async (t) => {
  const { peer, lane, read, remove } = await laneFor(t, false);
  assert.equal(lane.holds('a'), false);
  peer.script = silence;
  read('a', 'b');
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => lane.holds(key)),
    [true, true, false],
  );
  const removed = remove('c');
  assert.equal(lane.holds('c'), true);
  await until(() => peer.lines.length === 2);
  peer.users[0].send('END\r\nDELETED\r\n');
  await removed.done;
  await until(() => !lane.connection.busy);
  assert.equal(lane.holds('a'), false);
});

test('a command about the whole server concerns every key', async (t) => {
  const { peer, lane, read, remove } = await laneFor(t, false);
  const waiter = read('a');
  const flushed = remove('');
  assert.equal(lane.holds('any'), true);
  await flushed.done;
  assert.equal(waiter.told.length, 1);
  assert.deepEqual(peer.lines, ['get a', 'flush_all']);
});

test('a lane that pins keys does so once for each unanswered command', async (t) => {
  const small = await laneFor(t, false);
  small.read('a');
  assert.equal(small.lane.pinned('a'), false);

  const { peer, lane, read, remove } = await laneFor(t, true);
  peer.script = silence;
  read('a', 'a', 'b');
  const removed = remove('a');
  assert.deepEqual([lane.pinned('a'), lane.pinned('b'), lane.pinned('c')], [true, true, false]);
  await until(() => peer.lines.length === 2);
  peer.users[0].send('END\r\n');
  await until(() => !lane.pinned('b'));
  assert.equal(lane.pinned('a'), true);
  peer.users[0].send('DELETED\r\n');
  await removed.done;
  assert.equal(lane.pinned('a'), false);
});

test('keys stay pinned while they are asked for again in halves, and not after', async (t) => {
  const { peer, lane, read } = await laneFor(t, true);
  peer.next.push((_request, user) => user.send('SERVER_ERROR busy\r\n'), silence, silence);
  const waiter = read('a', 'b', 'c');
  await until(() => peer.lines.length === 3);
  assert.deepEqual(peer.lines, ['get a b c', 'get a', 'get b c']);
  assert.deepEqual([lane.pinned('a'), lane.pinned('b'), lane.pinned('c')], [true, true, true]);
  peer.users[0].send('END\r\nEND\r\n');
  await until(() => waiter.told.length === 3);
  assert.deepEqual([lane.pinned('a'), lane.pinned('b'), lane.pinned('c')], [false, false, false]);
});

test('a key that is dropped before it is written is pinned no more', async (t) => {
  const { peer, lane, read } = await laneFor(t, true);
  const gone = read('a');
  const stays = read('b');
  gone.settled = true;
  await until(() => stays.told.length === 1);
  assert.deepEqual(peer.lines, ['get b']);
  assert.deepEqual([lane.pinned('a'), lane.pinned('b')], [false, false]);
});

test('a volley is used again, and nothing of its last use with it', async (t) => {
  const { peer, read } = await laneFor(t, false);
  for (let round = 0; round < 5; round++) {
    const keys = [`a${round}`, `b${round}`];
    const waiters = [read(...keys), read(...keys)];
    await until(() => waiters.every(({ told }) => told.length === 2));
    assert.equal(peer.lines[round], `get ${keys.join(' ')}`);
  }
});

test('it says which items came the other way than their size wants', async (t) => {
  for (const [bulk, expected] of [
    [false, 'large'],
    [true, 'small'],
  ] as const) {
    const { peer, misplaced, read } = await laneFor(t, bulk);
    peer.items.set('large', { flags: '0', data: Buffer.alloc(10), cas: 1 });
    peer.items.set('small', { flags: '0', data: Buffer.alloc(9), cas: 1 });
    const waiter = read('large', 'small');
    await until(() => waiter.told.length === 2);
    assert.deepEqual(misplaced, [expected]);
  }
});

test('a get whose dial fails at once fails with it', async (t) => {
  const { lane, queued, read } = await laneFor(t, true, {
    connect: () => {
      throw new Error('no tunnel');
    },
  });
  const waiter = read('a');
  assert.deepEqual(waiter.told, [[0, 'ERR_MEMCACHE_CONNECT']]);
  assert.deepEqual([lane.collecting, lane.collected, lane.pinned('a')], [false, 0, false]);
  assert.deepEqual(queued, { operations: 0, bytes: 0 });
});

test('to be asked whether it holds a key breaks up no volley', async (t) => {
  const { peer, lane, read } = await laneFor(t, false);
  const waiters = ['a', 'b', 'c'].map((key) => {
    assert.equal(lane.holds('other'), false);
    return read(key);
  });
  assert.equal(lane.holds('a'), true);
  await until(() => waiters.every(({ told }) => told.length === 1));
  assert.deepEqual(peer.lines, ['get a b c']);
});

test('answers in time are told, those nobody awaits are not', async (t) => {
  const { peer, lane, told, read, remove } = await laneFor(t, false);
  const answered = read('a', 'b');
  await until(() => answered.told.length === 2);
  const before = told.served;
  assert.ok(before > 0);
  peer.script = silence;
  const gone = read('c');
  await until(() => peer.lines.at(-1) === 'get c');
  gone.settled = true;
  peer.users[0].send('END\r\n');
  await until(() => !lane.connection.busy);
  assert.equal(told.served, before);
  const waiter = remove('d');
  await until(() => peer.lines.at(-1) === 'delete d');
  peer.users[0].send('DELETED\r\n');
  await waiter.done;
});

test('callers that give up are told of', async (t) => {
  const { peer, lane, told } = await laneFor(t, false);
  peer.script = silence;
  // Long enough to be sent on a busy machine.
  const waiter = new ReadWaiter(performance.now() + 200);
  lane.read(GET, 'a', waiter, 0);
  await until(() => waiter.told.length === 1);
  assert.deepEqual([told.late, told.served], [1, 0]);
});

test('without leave to repeat a refused volley fails whole', async (t) => {
  const { peer, told, read } = await laneFor(t, false);
  told.mayRepeat = false;
  peer.script = (_request, user) => user.send('SERVER_ERROR busy\r\n');
  const waiter = read('a', 'b');
  await until(() => waiter.told.length === 2);
  assert.deepEqual(peer.lines, ['get a b']);
});

test('a refused volley is paid for once, whatever becomes of its parts', async (t) => {
  const { peer, told, read } = await laneFor(t, false);
  peer.script = (_request, user) => {
    // Whoever asks for leave a second time is refused.
    told.mayRepeat = peer.lines.length <= 1;
    user.send('SERVER_ERROR busy\r\n');
  };
  const waiter = read('a', 'b', 'c', 'd');
  await until(() => waiter.told.length === 4);
  assert.deepEqual(peer.lines.toSorted(), [
    ...['get a', 'get a b', 'get a b c d', 'get b', 'get c', 'get c d', 'get d'],
  ]);
});

test('its load is what is unanswered and what is being collected', async (t) => {
  const { peer, lane, read, remove } = await laneFor(t, false);
  assert.equal(lane.load, 0);
  peer.script = silence;
  read('a', 'b');
  assert.equal(lane.load, 1);
  const removed = remove('c');
  assert.equal(lane.load, 2);
  await until(() => peer.lines.length === 2);
  assert.equal(lane.load, 2);
  peer.users[0].send('END\r\nDELETED\r\n');
  await removed.done;
  await until(() => lane.load === 0);
});
