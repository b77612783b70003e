import type { EncodedValue } from '../codec/codec.ts';
import type { ValueCodec } from '../codec/value-codec.ts';
import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { StoreAnswer, StoreRequest, StoreVerb } from '../server/store-command.ts';
import type { CodecWait, CodecWaiter } from './codec-wait.ts';
import type { KeyOrder } from './key-order.ts';
import type { Key } from './read.ts';

/** Whoever waits for a store. */
export interface StoreCall extends AnswerSink<StoreAnswer> {
  awaits(tag: number): boolean;
}

/** One value on its way to a server. */
export interface Store {
  readonly verb: StoreVerb;
  readonly key: Key;
  readonly wire: WireKey;
  readonly value: unknown;
  readonly exptime: number;
  readonly cas: string | undefined;
  readonly codec: ValueCodec;
  readonly call: StoreCall;
  readonly tag: number;
}

export interface StoreRoom {
  readonly order: KeyOrder;
  readonly codecWait: CodecWait;
  inTurn(key: WireKey, waiter: CodecWaiter, tag: number, operation: () => void): void;
  send(request: StoreRequest, sink: AnswerSink<StoreAnswer>, tag: number): void;
}

/**
 * Encodes a value, here or in the worker pool, and sends it in its turn. A value that cannot be stored fails its call:
 * an error thrown past the call would leave it waiting, and its signal would reject a promise nobody has.
 */
export function store(room: StoreRoom, item: Store): void {
  try {
    encodeAndSend(room, item);
  } catch (error) {
    item.call.fail(item.tag, error as MemcacheError);
  }
}

function encodeAndSend(room: StoreRoom, item: Store): void {
  const { order } = room;
  const { wire, value, key, codec } = item;
  if (order.size > 0 && order.has(wire)) {
    if (codec.unloaded) {
      room.inTurn(wire, item.call, item.tag, () => store(room, item));
      return;
    }
    const encoded = codec.encode(value, key);
    room.inTurn(wire, item.call, item.tag, () => dispatch(room, item, encoded));
  } else if (codec.offloadsEncode(value)) encodeLater(room, item);
  else dispatch(room, item, codec.encode(value, key));
}

function encodeLater(room: StoreRoom, item: Store): void {
  const { call, tag, wire } = item;
  room.order.begin(wire);
  const stillWaits = room.codecWait.add(call, tag);
  item.codec.encodeLater(item.value, item.key, (error, encoded) => {
    stillWaits();
    if (encoded !== undefined) dispatch(room, item, encoded);
    else if (error !== undefined && call.awaits(tag)) call.fail(tag, error);
    room.order.finish(wire);
  });
}

function dispatch(room: StoreRoom, item: Store, encoded: EncodedValue): void {
  const { call, tag, verb, wire, exptime, cas } = item;
  const { flags, data, release } = encoded;
  if (call.awaits(tag)) {
    room.send({ verb, key: wire, flags, exptime, cas, data, release }, call, tag);
  } else release?.();
}
