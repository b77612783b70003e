import type { EncodedValue } from '../codec/codec.ts';
import type { ValueCodec } from '../codec/value-codec.ts';
import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { StoreAnswer, StoreRequest, StoreVerb } from '../server/store-command.ts';
import type { CodecWait } from './codec-wait.ts';
import type { KeyOrder } from './key-order.ts';
import type { Key } from './read.ts';

/** One value on its way to a server. */
export interface Store {
  readonly verb: StoreVerb;
  readonly key: Key;
  readonly wire: WireKey;
  readonly value: unknown;
  readonly exptime: number;
  readonly cas?: string;
  readonly codec: ValueCodec;
}

/** Whoever waits for a store. */
export interface StoreCall extends AnswerSink<StoreAnswer> {
  awaits(tag: number): boolean;
}

export interface StoreRoom {
  readonly order: KeyOrder;
  readonly codecWait: CodecWait;
  send(request: StoreRequest, sink: AnswerSink<StoreAnswer>, tag: number): void;
}

/**
 * Encodes a value, here or in the worker pool, and sends it in its turn.
 * Throws MemcacheError (ERR_MEMCACHE_ENCODE, ERR_MEMCACHE_VALUE) for a value that cannot be stored.
 */
export function store(room: StoreRoom, item: Store, call: StoreCall, tag: number): void {
  const { order } = room;
  const { wire, value, key, codec } = item;
  if (order.size > 0 && order.has(wire)) {
    const encoded = codec.encode(value, key);
    order.inTurn(wire, () => dispatch(room, item, encoded, { call, tag }));
  } else if (codec.offloadsEncode(value)) encodeLater(room, item, { call, tag });
  else dispatch(room, item, codec.encode(value, key), { call, tag });
}

/** Stores many values; one that cannot be encoded fails alone. */
export function storeAll(room: StoreRoom, items: readonly Store[], call: StoreCall): void {
  items.forEach((item, tag) => {
    try {
      store(room, item, call, tag);
    } catch (error) {
      call.fail(tag, error as MemcacheError);
    }
  });
}

interface Waiter {
  readonly call: StoreCall;
  readonly tag: number;
}

function encodeLater(room: StoreRoom, item: Store, waiter: Waiter): void {
  const { call, tag } = waiter;
  room.order.begin(item.wire);
  const stillWaits = room.codecWait.add(call, tag);
  item.codec.encodeLater(
    item.value,
    item.key,
    (error: MemcacheError | undefined, encoded: EncodedValue | undefined) => {
      stillWaits();
      if (encoded !== undefined) dispatch(room, item, encoded, waiter);
      else if (error !== undefined && call.awaits(tag)) call.fail(tag, error);
      room.order.finish(item.wire);
    },
  );
}

function dispatch(
  room: StoreRoom,
  item: Store,
  encoded: EncodedValue,
  { call, tag }: Waiter,
): void {
  if (!call.awaits(tag)) {
    encoded.release?.();
    return;
  }
  const { verb, wire, exptime, cas } = item;
  const { flags, data, release } = encoded;
  const request = { verb, key: wire, flags, exptime, data, release };
  room.send(cas === undefined ? request : { ...request, cas }, call, tag);
}
