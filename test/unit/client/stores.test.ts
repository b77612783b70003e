import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodecWait } from '../../../src/client/codec-wait.ts';
import { KeyOrder } from '../../../src/client/key-order.ts';
import { type Store, store, type StoreRoom } from '../../../src/client/stores.ts';
import type { EncodedValue } from '../../../src/codec/codec.ts';
import type { ValueCodec } from '../../../src/codec/value-codec.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import type { StoreRequest } from '../../../src/server/store-command.ts';

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

class Room implements StoreRoom {
  readonly order = new KeyOrder();
  readonly ticker = new Ticker();
  readonly codecWait = new CodecWait(this.ticker);
  readonly sent: string[] = [];

  inTurn(key: string, _waiter: unknown, _tag: number, operation: () => void): void {
    this.order.inTurn(key, operation);
  }

  send(request: StoreRequest): void {
    this.sent.push(`${request.verb} ${request.key} ${String(request.data)}`);
  }
}

class Waiting {
  settled = false;
  readonly deadline = Infinity;
  sent = 'no' as const;
  readonly failures: [number, string][] = [];
  awaits(): boolean {
    return !this.settled;
  }
  answer(): void {}
  fail(tag: number, error: MemcacheError): void {
    this.failures.push([tag, error.code]);
  }
}

function itemOf(codec: Codec, value: unknown, call: Waiting, tag = 0): Store {
  const known = { verb: 'set' as const, key: 'k', wire: 'k', exptime: 0, cas: undefined };
  return { ...known, value, codec: codec as unknown as ValueCodec, call, tag };
}

test('a small value is encoded and sent at once', () => {
  const [room, codec, call] = [new Room(), new Codec(), new Waiting()];
  store(room, itemOf(codec, 'now', call));
  assert.deepEqual(room.sent, ['set k now']);
});

test('what comes behind a value in the pool waits for it, in order', (context) => {
  const [room, codec, call] = [new Room(), new Codec(), new Waiting()];
  context.after(() => {
    room.ticker.stop();
  });
  store(room, itemOf(codec, 'later 1', call));
  store(room, itemOf(codec, 'now', call));
  store(room, itemOf(codec, 'later 2', call));
  assert.deepEqual(room.sent, []);
  codec.finish();
  assert.deepEqual(room.sent, ['set k later 1', 'set k now', 'set k later 2']);
  assert.equal(room.order.size, 0);
  assert.equal(room.codecWait.busy, false);
});

test('behind a codec that is not loaded each value waits for its own turn in the pool', (context) => {
  const [room, codec, call] = [new Room(), new Codec(), new Waiting()];
  context.after(() => {
    room.ticker.stop();
  });
  codec.unloaded = true;
  store(room, itemOf(codec, 'later 1', call));
  store(room, itemOf(codec, 'later 2', call));
  room.order.inTurn('k', () => {
    room.sent.push('get k');
  });
  codec.finish();
  assert.deepEqual(room.sent, ['set k later 1']);
  codec.finish();
  assert.deepEqual(room.sent, ['set k later 1', 'set k later 2', 'get k']);
  assert.deepEqual(call.failures, []);
});

test('a value that cannot be encoded fails alone, here and in the pool', (context) => {
  const [room, codec, call] = [new Room(), new Codec(), new Waiting()];
  context.after(() => {
    room.ticker.stop();
  });
  store(room, itemOf(codec, 'bad', call, 0));
  store(room, itemOf(codec, 'good', call, 1));
  assert.deepEqual(call.failures, [[0, 'ERR_MEMCACHE_ENCODE']]);
  assert.deepEqual(room.sent, ['set k good']);
  store(room, itemOf(codec, 'later', call, 2));
  store(room, itemOf(codec, 'after', call, 3));
  codec.finish(new MemcacheError('ERR_MEMCACHE_ENCODE', 'bad'));
  assert.deepEqual(call.failures[1], [2, 'ERR_MEMCACHE_ENCODE']);
  assert.deepEqual(room.sent, ['set k good', 'set k after']);
});

test('what nobody waits for any more is not sent, and its memory is let go', (context) => {
  const [room, codec, call] = [new Room(), new Codec(), new Waiting()];
  context.after(() => {
    room.ticker.stop();
  });
  store(room, itemOf(codec, 'later', call));
  call.settled = true;
  codec.finish();
  assert.deepEqual(room.sent, []);
  assert.equal(codec.released, 1);
});
