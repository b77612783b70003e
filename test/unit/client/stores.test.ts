import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DeadlineKeeper, type Waiter } from '../../../src/client/deadline-keeper.ts';
import { KeyOrder } from '../../../src/client/key-order.ts';
import { type Store, store, type StoreRoom } from '../../../src/client/stores.ts';
import type { EncodedValue } from '../../../src/codec/codec.ts';
import type { ValueCodec } from '../../../src/codec/value-codec.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { timedOut } from '../../../src/server/refusals.ts';
import type { StoreAnswer } from '../../../src/server/store-command.ts';
import { type AskedStore, Caller, lostError, OneServerRoom } from './attempts.ts';

type Done = (error: MemcacheError | undefined, encoded: EncodedValue | undefined) => void;

/** Encodes to the text of the value; what starts with `later` when it is told to. */
class Codec {
  unloaded = false;
  readonly pending: { value: string; done: Done }[] = [];

  offloadsEncode(value: unknown): boolean {
    return String(value).startsWith('later');
  }

  encode(value: unknown): EncodedValue {
    if (value === 'bad') throw new MemcacheError('ERR_MEMCACHE_ENCODE', 'bad');
    if (this.unloaded) throw new Error('not loaded');
    return { flags: 16, data: String(value) };
  }

  encodeLater(value: unknown, _key: unknown, done: Done): void {
    this.pending.push({ value: String(value), done });
  }

  finish(error?: MemcacheError): void {
    const { value, done } = this.pending.shift() as { value: string; done: Done };
    if (error === undefined) done(undefined, { flags: 64, data: value, release: this.release });
    else done(error, undefined);
  }

  released = 0;
  readonly release = (): void => {
    this.released++;
  };
}

class Room extends OneServerRoom implements StoreRoom {
  readonly known = true;
  readonly order = new KeyOrder();
  readonly ticker = new Ticker();
  readonly codecWait = new DeadlineKeeper(this.ticker, (sent) => timedOut('codec', 'pool', sent));

  inTurn(key: string, _waiter: Waiter, _tag: number, operation: () => void): void {
    this.order.inTurn(key, operation);
  }

  /** What has reached the server. */
  get sent(): string[] {
    return this.server.stores.map(({ verb, key, data }) => `${verb} ${key} ${String(data)}`);
  }

  get last(): AskedStore {
    return this.server.stores.at(-1) as AskedStore;
  }
}

function roomFor(context: TestContext) {
  const room = new Room();
  context.after(() => {
    room.ticker.stop();
  });
  return { room, codec: new Codec(), call: new Caller<StoreAnswer>() };
}

function itemOf(codec: Codec, value: unknown, call: Caller<StoreAnswer>, tag = 0): Store {
  const known = { verb: 'set' as const, key: 'k', by: 'k', wire: 'k', exptime: 0, cas: undefined };
  const send: Store['send'] = (server, request, waiting) => server.store(request, waiting);
  return { ...known, value, codec: codec as unknown as ValueCodec, call, tag, send };
}

const codes = ({ told }: Caller<StoreAnswer>): [number, string][] =>
  told.map(([tag, what]) => [tag, what instanceof MemcacheError ? what.code : what]);

test('a small value is encoded and sent at once', (t) => {
  const { room, codec, call } = roomFor(t);
  store(room, itemOf(codec, 'now', call));
  assert.deepEqual(room.sent, ['set k now']);
  room.last.waiting.sink.answer(0, 'stored');
  assert.deepEqual(call.told, [[0, 'stored']]);
});

test('what comes behind a value in the pool waits for it, in order', (t) => {
  const { room, codec, call } = roomFor(t);
  store(room, itemOf(codec, 'later 1', call, 0));
  store(room, itemOf(codec, 'now', call, 1));
  store(room, itemOf(codec, 'later 2', call, 2));
  assert.deepEqual(room.sent, []);
  codec.finish();
  assert.deepEqual(room.sent, ['set k later 1', 'set k now', 'set k later 2']);
  assert.equal(room.order.size, 0);
  assert.equal(room.codecWait.busy, false);
});

test('behind a codec that is not loaded each value waits for its own turn in the pool', (t) => {
  const { room, codec, call } = roomFor(t);
  codec.unloaded = true;
  store(room, itemOf(codec, 'later 1', call, 0));
  store(room, itemOf(codec, 'later 2', call, 1));
  let read = 0;
  room.order.inTurn('k', () => {
    read = room.sent.length;
  });
  codec.finish();
  assert.deepEqual(room.sent, ['set k later 1']);
  codec.finish();
  assert.deepEqual(room.sent, ['set k later 1', 'set k later 2']);
  assert.equal(read, 2);
  assert.deepEqual(call.told, []);
});

test('a value that cannot be encoded fails alone, here and in the pool', (t) => {
  const { room, codec, call } = roomFor(t);
  store(room, itemOf(codec, 'bad', call, 0));
  store(room, itemOf(codec, 'good', call, 1));
  assert.deepEqual(codes(call), [[0, 'ERR_MEMCACHE_ENCODE']]);
  assert.deepEqual(room.sent, ['set k good']);
  store(room, itemOf(codec, 'later', call, 2));
  store(room, itemOf(codec, 'after', call, 3));
  codec.finish(new MemcacheError('ERR_MEMCACHE_ENCODE', 'bad'));
  assert.deepEqual(codes(call)[1], [2, 'ERR_MEMCACHE_ENCODE']);
  assert.deepEqual(room.sent, ['set k good', 'set k after']);
});

test('what nobody waits for any more is not sent, and its memory is let go', (t) => {
  const { room, codec, call } = roomFor(t);
  store(room, itemOf(codec, 'later', call));
  call.settled = true;
  codec.finish();
  assert.deepEqual(room.sent, []);
  assert.equal(codec.released, 1);
});

test('the former copy of a key that has moved is removed before each attempt', (t) => {
  const { room, codec, call } = roomFor(t);
  room.verdicts.push('now');
  store(room, { ...itemOf(codec, 'now', call), by: 'tag', wire: 'prefix:k' });
  room.last.waiting.sink.fail(0, lostError('no'));
  assert.equal(room.sent.length, 2);
  assert.deepEqual(room.forgotten, [
    ['tag', 'prefix:k'],
    ['tag', 'prefix:k'],
  ]);
});

/** A value from the pool that has been handed to the server; its memory is the server's until it gives it back. */
function lent(t: TestContext, ...verdicts: ('now' | 'later')[]) {
  const made = roomFor(t);
  const { room, codec, call } = made;
  room.verdicts.push(...verdicts);
  store(room, itemOf(codec, 'later', call));
  codec.finish();
  const { sink } = room.last.waiting;
  const fail = (sent: 'no' | 'maybe' = 'maybe'): void =>
    room.last.waiting.sink.fail(0, lostError(sent));
  const giveBack = (): void => room.last.release?.();
  assert.equal(codec.released, 0);
  return { ...made, sink, fail, giveBack };
}

test('memory is let go when the connection has, whether the answer came before or after', (t) => {
  for (const answersFirst of [true, false]) {
    const { codec, call, sink, giveBack } = lent(t);
    if (answersFirst) sink.answer(0, 'stored');
    assert.equal(codec.released, 0);
    giveBack();
    if (!answersFirst) sink.answer(0, 'stored');
    assert.equal(codec.released, 1);
    assert.deepEqual(call.told, [[0, 'stored']]);
  }
});

test('memory of a value that has failed for good is let go once, in either order', (t) => {
  for (const failsFirst of [true, false]) {
    const { codec, call, fail, giveBack } = lent(t);
    if (failsFirst) fail();
    assert.equal(codec.released, 0);
    giveBack();
    if (!failsFirst) fail();
    assert.equal(codec.released, 1);
    assert.deepEqual(codes(call), [[0, 'ERR_MEMCACHE_CONNECTION_LOST']]);
  }
});

test('another attempt waits until the connection has let go of the memory', (t) => {
  const { room, codec, call, fail, giveBack } = lent(t, 'now');
  fail('no');
  assert.equal(room.sent.length, 1, 'the connection still has it');
  giveBack();
  assert.deepEqual(room.sent, ['set k later', 'set k later']);
  assert.equal(codec.released, 0);
  room.last.waiting.sink.answer(0, 'stored');
  giveBack();
  assert.equal(codec.released, 1);
  assert.deepEqual(call.told, [[0, 'stored']]);
});

test('after a pause it is tried again, whenever the connection lets go of the memory', (t) => {
  for (const first of ['memory', 'pause']) {
    const { room, codec, fail, giveBack } = lent(t, 'later');
    fail('no');
    if (first === 'memory') giveBack();
    else room.run();
    assert.equal(room.sent.length, 1);
    assert.equal(codec.released, 0);
    if (first === 'memory') room.run();
    else giveBack();
    assert.equal(room.sent.length, 2);
    room.last.waiting.sink.answer(0, 'stored');
    giveBack();
    assert.equal(codec.released, 1);
  }
});

test('a caller who gives up in the pause has the memory let go, and nothing is sent again', (t) => {
  for (const order of [
    ['memory', 'pause'],
    ['pause', 'memory'],
  ]) {
    const { room, codec, call, fail, giveBack } = lent(t, 'later');
    fail('no');
    call.settled = true;
    for (const step of order) {
      assert.equal(codec.released, 0);
      if (step === 'memory') giveBack();
      else room.run();
    }
    assert.equal(codec.released, 1);
    assert.equal(room.sent.length, 1);
  }
});

test('a caller who gives up while the next attempt waits for the memory has it let go', (t) => {
  const { room, codec, call, fail, giveBack } = lent(t, 'now');
  fail('no');
  call.settled = true;
  giveBack();
  assert.equal(codec.released, 1);
  assert.equal(room.sent.length, 1);
});

test('a value that finds no server after the pause has its memory let go', (t) => {
  const { room, codec, call, fail, giveBack } = lent(t, 'later');
  fail('no');
  giveBack();
  room.routes.push(lostError('no'));
  room.run();
  assert.equal(codec.released, 1);
  assert.deepEqual(codes(call), [[0, 'ERR_MEMCACHE_CONNECTION_LOST']]);
});

test('a value that finds no server at all has its memory let go', (t) => {
  const { room, codec, call } = roomFor(t);
  room.routes.push(lostError('no'), lostError('no'), lostError('no'));
  room.verdicts.push('now', 'later');
  store(room, itemOf(codec, 'later', call));
  codec.finish();
  assert.deepEqual([codec.released, room.failures.length], [0, 2]);
  room.run();
  assert.equal(codec.released, 1);
  assert.deepEqual(room.sent, []);
  assert.deepEqual(
    room.failures.map(({ attempt }) => attempt),
    [1, 2, 3],
  );
});

test('the attempts of many values are told apart', (t) => {
  const { room, codec, call } = roomFor(t);
  store(room, itemOf(codec, 'one', call, 1));
  store(room, itemOf(codec, 'two', call, 2));
  const [one, two] = room.server.stores;
  one.waiting.sink.sent = 'maybe';
  two.waiting.sink.fail(0, lostError('no'));
  one.waiting.sink.fail(0, lostError('maybe'));
  assert.deepEqual(
    call.told.map(([tag, what]) => [tag, (what as MemcacheError).sent]),
    [
      [2, 'no'],
      [1, 'maybe'],
    ],
  );
  assert.deepEqual(
    room.failures.map(({ sent }) => sent),
    ['no', 'maybe'],
  );
});
