import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ask } from '../../../src/client/ask.ts';
import { Caller, DeafServer, lostError, OneServerRoom } from './attempts.ts';

function askOf(...verdicts: ('now' | 'later')[]) {
  const room = new OneServerRoom();
  room.verdicts.push(...verdicts);
  const call = new Caller<boolean>();
  const ask = new Ask(
    room,
    call,
    { verb: 'delete', wire: 'p:k', by: 'place', tag: 3 },
    (server, wire, sink) => server.delete(wire, { sink, tag: 0 }),
  );
  return { room, call, ask };
}

test('it is sent to the server of its place, and its answer is told', () => {
  const { room, call, ask } = askOf();
  ask.go();
  const [{ key, waiting }] = room.server.removed;
  assert.equal(key, 'p:k');
  waiting.sink.answer(waiting.tag, true);
  assert.deepEqual(call.told, [[3, true]]);
});

test('the former copy of its key is removed before it', () => {
  const { room, ask } = askOf();
  ask.go();
  assert.deepEqual(room.forgotten, [['place', 'p:k']]);
});

test('another attempt asks anew where it is to go', () => {
  const { room, call, ask } = askOf('now');
  const [former, next] = [new DeafServer('former:1'), new DeafServer('next:1')];
  room.routes.push(former, next);
  ask.go();
  former.removed[0].waiting.sink.fail(0, lostError('no'));
  assert.equal(former.removed.length, 1);
  next.removed[0].waiting.sink.answer(0, false);
  assert.deepEqual(call.told, [[3, false]]);
});

test('where there is no server the reason is its failure, and may pass', () => {
  const { room, call, ask } = askOf('later');
  const error = lostError('no');
  room.routes.push(error);
  ask.go();
  assert.equal(room.failures[0].error, error);
  assert.deepEqual([call.told, room.forgotten], [[], []]);
  room.run();
  assert.equal(room.server.removed.length, 1);
});

test('where there is no server for good the call fails', () => {
  const { room, call, ask } = askOf();
  const error = lostError('no');
  room.routes.push(error);
  ask.go();
  assert.deepEqual(call.told, [[3, error]]);
  assert.deepEqual(room.server.removed, []);
});
