import { setTimeout as sleep } from 'node:timers/promises';
import type { Codec } from '../codec/codec.ts';
import { ValueCodec } from '../codec/value-codec.ts';
import type { ResolvedOptions } from '../config/options.ts';
import { closed } from '../connection/losses.ts';
import type { MemcacheError } from '../errors.ts';
import { Metrics } from '../observability/metrics.ts';
import { TICK_MS, Ticker } from '../primitives/ticker.ts';
import { TurnClock } from '../primitives/turn-clock.ts';
import { TypedEmitter } from '../primitives/typed-emitter.ts';
import { type WireKey, wireKey, wirePrefix } from '../protocol/key.ts';
import { retriesRead } from '../retry/policy.ts';
import { Server } from '../server/server.ts';
import type { AnswerSink, ReadSink } from '../server/sinks.ts';
import type { StoreAnswer, StoreRequest } from '../server/store-command.ts';
import type { ReadVerb } from '../server/volley.ts';
import { type Abortable, aborted, watchOf } from './abort-watch.ts';
import { type CallOptions, checkCall, type ReadOptions } from './call-options.ts';
import { CodecWait, type CodecWaiter } from './codec-wait.ts';
import type { ClientEvents } from './events.ts';
import { KeyOrder } from './key-order.ts';
import type { Key, ReadPlan, ReadRoom } from './read.ts';
import type { StoreRoom } from './stores.ts';

/** The rooms a client is made of, put together: what every verb needs and no verb owns. */
export class Core implements ReadRoom, StoreRoom {
  readonly options: ResolvedOptions;
  readonly server: Server;
  readonly codec: ValueCodec;
  readonly metrics: Metrics = new Metrics();
  readonly events: TypedEmitter<ClientEvents> = new TypedEmitter();
  readonly order: KeyOrder = new KeyOrder();
  readonly codecWait: CodecWait;
  readonly onUnreadable: 'miss' | 'error';
  readonly #prefix: WireKey;
  readonly #ticker: Ticker;
  readonly #clock = new TurnClock();
  readonly #plans: Readonly<Record<ReadVerb, ReadPlan>>;
  readonly #codecs = new WeakMap<Codec, ValueCodec>();
  #closing = false;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.#prefix = wirePrefix(options.keyPrefix);
    this.#ticker = new Ticker();
    this.codecWait = new CodecWait(this.#ticker);
    this.onUnreadable = options.onUnreadable;
    this.codec = new ValueCodec(options);
    this.server = new Server({
      address: options.servers[0],
      options,
      ticker: this.#ticker,
      metrics: this.metrics,
      changed: (server, state, error) => this.events.emit('server', { server, state, error }),
      shed: (error) => {
        this.metrics.shed++;
        this.events.emit('shed', { error });
      },
    });
    this.#plans = { get: this.#planFor('get', {}), gets: this.#planFor('gets', {}) };
  }

  wire(key: Key): WireKey {
    return wireKey(key, this.#prefix);
  }

  /** Checks a call's options, and says when it gives up: milliseconds of the monotonic clock. */
  deadline(verb: string, options: CallOptions | undefined): number {
    if (options === undefined) return this.#clock.now() + this.options.timeoutMs;
    checkCall(options, verb);
    return this.#clock.now() + (options.timeoutMs ?? this.options.timeoutMs);
  }

  plan(verb: ReadVerb, options: ReadOptions | undefined): ReadPlan {
    return options === undefined ? this.#plans[verb] : this.#planFor(verb, options);
  }

  codecFor(codec: Codec | undefined): ValueCodec {
    if (codec === undefined) return this.codec;
    const known = this.#codecs.get(codec);
    if (known !== undefined) return known;
    const made = new ValueCodec({ codec });
    this.#codecs.set(codec, made);
    return made;
  }

  /** Ties a call to its signal. False when that was aborted before, or the client closed: nothing is to be sent. */
  begin(call: Abortable, options: CallOptions | undefined): boolean {
    if (this.#closing) {
      call.abandon(closed(this.server.name));
      return false;
    }
    const signal = options?.signal;
    // A call about no keys has its answer already.
    if (signal === undefined || call.settled) return true;
    if (signal.aborted) {
      call.abandon(aborted(signal.reason, 'no'));
      return false;
    }
    call.watch = watchOf(signal);
    call.watch.add(call);
    return true;
  }

  /**
   * Runs what concerns a key now, or behind the values of that key that are still being encoded. There it keeps its
   * deadline, and is not run for a caller who has given up.
   */
  inTurn(key: WireKey, waiter: CodecWaiter, tag: number, operation: () => void): void {
    if (this.order.size === 0 || !this.order.has(key)) {
      operation();
      return;
    }
    const stillWaits = this.codecWait.add(waiter, tag);
    this.order.inTurn(key, () => {
      if (stillWaits()) operation();
    });
  }

  read(verb: ReadVerb, key: WireKey, sink: ReadSink, tag: number): void {
    if (this.order.size === 0) this.server.read(verb, key, sink, tag);
    else this.inTurn(key, sink, tag, () => this.server.read(verb, key, sink, tag));
  }

  send(request: StoreRequest, sink: AnswerSink<StoreAnswer>, tag: number): void {
    this.server.store(request, { sink, tag });
  }

  retries(error: MemcacheError, attempt: number): boolean {
    if (!retriesRead(error, attempt, this.options.retry.attempts)) return false;
    this.metrics.retries++;
    this.events.emit('retry', { error, attempt });
    return true;
  }

  unreadable(item: { flags: number; bytes: number; error: MemcacheError }): void {
    this.metrics.unreadable++;
    this.events.emit('unreadable', item);
  }

  guarded(error: MemcacheError): void {
    this.events.emit('guard', { error });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    const end = performance.now() + timeoutMs;
    await this.codec.close();
    // What the pool gave back is done here, as soon as a codec module is loaded.
    while (this.codecWait.busy && performance.now() < end) await sleep(TICK_MS);
    await this.server.close(Math.max(0, end - performance.now()));
    this.codecWait.end((sent) => closed(this.server.name, sent));
    this.#ticker.stop();
  }

  #planFor(verb: ReadVerb, options: ReadOptions): ReadPlan {
    return {
      room: this,
      codec: this.codecFor(options.codec),
      verb,
      onError: options.onError ?? this.options.onError,
      bulk: options.lane === 'bulk',
    };
  }
}
