import type { EncodedValue } from '../codec/codec.ts';
import type { ValueCodec } from '../codec/value-codec.ts';
import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { isServer } from '../routing/fleet.ts';
import type { Server } from '../server/server.ts';
import type { AnswerSink, Waiting } from '../server/sinks.ts';
import type { StoreAnswer, StoreRequest, StoreVerb } from '../server/store-command.ts';
import { Attempt, type AttemptCall, type AttemptRoom, type Subject } from './attempt.ts';
import type { DeadlineKeeper, Waiter } from './deadline-keeper.ts';
import type { KeyOrder } from './key-order.ts';
import type { Key } from './read.ts';

/** Hands a value that is encoded to a server; `A` is what becomes of it there. */
export type SendStore<A> = (
  server: Server,
  request: StoreRequest,
  waiting: Waiting<AnswerSink<A>>,
) => void;

/** One value on its way to a server. */
export interface Store<A = StoreAnswer> extends Subject {
  readonly verb: StoreVerb;
  readonly key: Key;
  readonly value: unknown;
  readonly exptime: number;
  readonly cas: string | undefined;
  /** Undefined for text and bytes that go out as they are. */
  readonly codec: ValueCodec | undefined;
  readonly call: AttemptCall<A>;
  readonly send: SendStore<A>;
}

export interface StoreRoom extends AttemptRoom {
  /** Whether there are servers to send to. */
  readonly known: boolean;
  readonly order: KeyOrder;
  readonly codecWait: DeadlineKeeper;
  inTurn(key: WireKey, waiter: Waiter, tag: number, operation: () => void): void;
}

/**
 * Encodes a value, here or in the worker pool, and sends it in its turn. A value that cannot be stored fails its call:
 * an error thrown past the call would leave it waiting, and its signal would reject a promise nobody has.
 */
export function store<A>(room: StoreRoom, item: Store<A>): void {
  try {
    encodeAndSend(room, item);
  } catch (error) {
    item.call.fail(item.tag, error as MemcacheError);
  }
}

function encodeAndSend<A>(room: StoreRoom, item: Store<A>): void {
  const { order } = room;
  const { wire, value, codec } = item;
  if (!room.known) room.inTurn(wire, item.call, item.tag, () => store(room, item));
  else if (order.size > 0 && order.has(wire)) {
    if (codec?.unloaded === true) {
      room.inTurn(wire, item.call, item.tag, () => store(room, item));
      return;
    }
    const encoded = encode(item);
    room.inTurn(wire, item.call, item.tag, () => dispatch(room, item, encoded));
  } else if (codec?.offloadsEncode(value) === true) encodeLater(room, item, codec);
  else dispatch(room, item, encode(item));
}

/** The item that is appended to keeps its flags. */
const encode = ({ codec, value, key }: Store<never>): EncodedValue =>
  codec === undefined ? { flags: 0, data: value as string | Uint8Array } : codec.encode(value, key);

function encodeLater<A>(room: StoreRoom, item: Store<A>, codec: ValueCodec): void {
  const { call, tag, wire } = item;
  room.order.begin(wire);
  const stillWaits = room.codecWait.add(call, tag);
  codec.encodeLater(item.value, item.key, (error, encoded) => {
    stillWaits();
    if (encoded !== undefined) dispatch(room, item, encoded);
    else if (error !== undefined && call.awaits(tag)) call.fail(tag, error);
    room.order.finish(wire);
  });
}

function dispatch<A>(room: StoreRoom, item: Store<A>, encoded: EncodedValue): void {
  if (item.call.awaits(item.tag)) new StoreAttempt(room, item, encoded).go();
  else encoded.release?.();
}

/** A value that is encoded, and its memory until no attempt needs it any more. */
class StoreAttempt<A> extends Attempt<A> {
  readonly #item: Store<A>;
  readonly #encoded: EncodedValue;
  readonly #release: (() => void) | undefined;
  /** The memory is with a connection. */
  #lent = false;
  /** What comes next once no connection has the memory: nothing, a pause, or the next attempt. */
  #next: 'nothing' | 'pause' | 'attempt' = 'nothing';
  #freed = false;

  constructor(room: AttemptRoom, item: Store<A>, encoded: EncodedValue) {
    super(room, item.call, item);
    this.#item = item;
    this.#encoded = encoded;
    this.#release = encoded.release === undefined ? undefined : () => this.#givenBack();
  }

  override go(): void {
    const { verb, wire, by, exptime, cas, send } = this.#item;
    const { flags, data } = this.#encoded;
    const route = this.room.route(by, this.tried);
    if (!isServer(route)) {
      this.fail(0, route);
      return;
    }
    this.#next = 'nothing';
    this.#lent = this.#release !== undefined;
    this.room.forgetFormer(by, wire);
    const request = { verb, key: wire, flags, exptime, cas, data, release: this.#release };
    send(route, request, { sink: this, tag: 0 });
  }

  override fail(tag: number, error: MemcacheError): void {
    this.#next = 'pause';
    super.fail(tag, error);
    // It will not be tried again: the call has been told.
    if (this.settled) this.#end();
  }

  protected override retry(): void {
    if (this.settled) this.#end();
    else if (this.#lent) this.#next = 'attempt';
    else this.go();
  }

  #givenBack(): void {
    this.#lent = false;
    if (this.#next === 'attempt') this.retry();
    else if (this.#next === 'nothing') this.#free();
  }

  #end(): void {
    this.#next = 'nothing';
    if (!this.#lent) this.#free();
  }

  #free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#encoded.release?.();
  }
}
