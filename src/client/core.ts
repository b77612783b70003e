import { setTimeout as sleep } from 'node:timers/promises';
import type { Codec } from '../codec/codec.ts';
import type { CodecOption } from '../codec/codec-options.ts';
import { Codecs } from '../codec/codecs.ts';
import { counterCodec } from '../codec/counter-codec.ts';
import type { ValueCodec } from '../codec/value-codec.ts';
import type { ResolvedOptions } from '../config/options.ts';
import { closed } from '../connection/losses.ts';
import type { MemcacheError } from '../errors.ts';
import { Counts } from '../observability/counts.ts';
import type { Metrics } from '../observability/metrics.ts';
import { OperationTimes } from '../observability/operation-times.ts';
import { Timing } from '../observability/timing.ts';
import { Scope } from '../primitives/scope.ts';
import { TICK_MS, Ticker } from '../primitives/ticker.ts';
import { TurnClock } from '../primitives/turn-clock.ts';
import { type WireKey, wirePrefix } from '../protocol/key.ts';
import { KEY_RULES, type KeyRule } from '../protocol/key-rules.ts';
import { boundedTtl, exptime, isRelative, jitteredTtl, type Ttl } from '../protocol/ttl.ts';
import { RetryBudget } from '../retry/budget.ts';
import { isServer } from '../routing/fleet.ts';
import { timedOut } from '../server/refusals.ts';
import type { Server } from '../server/server.ts';
import type { ReadForm } from '../server/read-form.ts';
import { Fetching } from '../stampede/fetching.ts';
import { aborted, watchOf } from './abort-watch.ts';
import { Announcer } from './announcer.ts';
import type { AttemptRoom } from './attempt.ts';
import type { CallDefaults } from './call-defaults.ts';
import { type CallOptions, checkCall } from './call-options.ts';
import { DeadlineKeeper, type Waiter } from './deadline-keeper.ts';
import { KeyOrder } from './key-order.ts';
import { type Begun, Pending } from './pending.ts';
import { Observer } from './observer.ts';
import { Places } from './places.ts';
import type { Key, PlacedSink, ReadRoom } from './read.ts';
import { ReadPlans } from './read-plans.ts';
import { type FailedOperation, Retries } from './retries.ts';
import type { StoreRoom } from './stores.ts';
import { TurnTaking } from './turn-taking.ts';

let clients = 0;

/** The rooms a client is made of, put together: what every verb needs and no verb owns. */
export class Core implements ReadRoom, StoreRoom, AttemptRoom {
  readonly options: ResolvedOptions;
  readonly places: Places;
  readonly codec: ValueCodec;
  /** Everything that is counted, and what of it belongs to no server. */
  readonly counts: Counts = new Counts();
  readonly metrics: Metrics = this.counts.own;
  readonly timing: Timing;
  readonly times: OperationTimes;
  readonly observer: Observer;
  readonly events: Announcer;
  readonly order: KeyOrder = new KeyOrder();
  readonly turns: TurnTaking = new TurnTaking();
  readonly codecWait: DeadlineKeeper;
  /** What has been begun and is not settled. */
  readonly pending: Pending;
  /** What a counter that `incr` makes is encoded with. */
  readonly counter: Codec;
  /** Another object when they change. */
  defaults: CallDefaults;
  readonly plans: ReadPlans;
  readonly fetching: Fetching = new Fetching({
    guarded: (error) => this.guarded(error),
    failedBehind: (error) => this.events.emit('refresh', { error }),
  });
  readonly #keyRule: KeyRule;
  readonly #prefix: WireKey;
  readonly #ticker: Ticker = new Ticker();
  readonly #clock = new TurnClock();
  readonly #retries: Retries;
  readonly #budget: RetryBudget;
  readonly #codecs: Codecs;
  #closing = false;

  constructor(options: ResolvedOptions) {
    const { counts } = this;
    const client = ++clients;
    const events = new Announcer(client);
    this.events = events;
    this.options = options;
    this.timing = new Timing(options.percentiles);
    this.times = new OperationTimes(this.timing);
    this.#prefix = wirePrefix(options.keyPrefix);
    this.#keyRule = KEY_RULES[options.keyRule];
    this.codecWait = new DeadlineKeeper(this.#ticker, (sent) =>
      timedOut('codec', 'the worker pool', sent),
    );
    this.#codecs = new Codecs(options);
    this.codec = this.#codecs.own;
    this.counter = counterCodec(options.format);
    const budget = new RetryBudget(options.retry.budget, () => counts.operations);
    this.#budget = budget;
    this.places = new Places({
      options,
      prefix: this.#prefix,
      wire: (key) => this.wire(key),
      ticker: this.#ticker,
      client,
      scope: new Scope(),
      timing: this.timing,
      counts,
      events,
      mayRepeat: () => budget.take(),
    });
    const pending = new Pending(options.maxPending, this.places);
    this.pending = pending;
    const { timing, times } = this;
    this.observer = new Observer({ client, timing, times, pending, now: () => this.now() });
    this.#retries = this.#newRetries(budget);
    const { ttl, ttlJitter, maxTtl, codec } = options;
    this.plans = new ReadPlans(this, options);
    this.defaults = { ttl, ttlJitter, maxTtl, emptyIsNothing: this.plans.emptyIsNothing(codec) };
  }

  get onUnreadable(): 'miss' | 'error' {
    return this.options.onUnreadable;
  }

  /** Takes over what has been made of options before they changed; most are read from them each time. */
  retuned(): void {
    const { options } = this;
    const { ttl, ttlJitter, maxTtl } = options;
    this.defaults = { ...this.defaults, ttl, ttlJitter, maxTtl };
    this.#budget.ratio = options.retry.budget;
    this.#codecs.retune(options);
    this.plans.retuned();
    this.pending.retuned();
    this.places.retuned();
  }

  /** Behind the client's own prefix, or that of a part of it. */
  wire(key: Key, prefix: WireKey = this.#prefix): WireKey {
    return this.#keyRule(key, prefix);
  }

  /** Milliseconds of the monotonic clock, read once in a moment. */
  now(): number {
    return this.#clock.now();
  }

  /** Checks a call's options, and says when it gives up: milliseconds of the monotonic clock. */
  deadline(verb: string, options: CallOptions | undefined): number {
    if (options === undefined) return this.#clock.now() + this.options.timeoutMs;
    checkCall(options, verb);
    if (options.routeBy !== undefined) this.wire(options.routeBy);
    return this.#clock.now() + (options.timeoutMs ?? this.options.timeoutMs);
  }

  /** The server's exptime for a ttl; `exact` is that of a counter. */
  exptime(ttl: Ttl, exact?: 'exact'): number {
    const { ttlJitter, maxTtl } = this.options;
    // What goes out as it is needs no clock (`npm run bench -- --scenario set`).
    if (ttlJitter === 0 && maxTtl === undefined && isRelative(ttl)) return ttl;
    const bounded = boundedTtl(ttl, maxTtl);
    const keeps = ttlJitter === 0 || exact !== undefined;
    return exptime(keeps ? bounded : jitteredTtl(bounded, ttlJitter));
  }

  codecFor(codec: CodecOption | undefined): ValueCodec {
    return this.#codecs.for(codec);
  }

  /**
   * Counts a call, and ties it to its signal. False when that was aborted before, the client closed, or too much is
   * pending: nothing is to be sent.
   */
  begin(call: Begun, options: CallOptions | undefined): boolean {
    if (this.#closing && (options === undefined || !this.fetching.isFinishing(options))) {
      call.abandon(closed(this.places.fleet.lone?.name));
      return false;
    }
    // A call about no keys has its answer already.
    if (call.settled) return true;
    const signal = options?.signal;
    if (signal?.aborted === true) {
      call.abandon(aborted(signal.reason, 'no'));
      return false;
    }
    if (!this.pending.take(call)) return false;
    if (signal === undefined) return true;
    call.watch = watchOf(signal);
    call.watch.add(call);
    return true;
  }

  /**
   * Runs what concerns a key now, or behind the values of that key that are still being encoded, or once there are
   * servers. It keeps its deadline meanwhile, and is not run for a caller who has given up.
   */
  inTurn(key: WireKey, waiter: Waiter, tag: number, operation: () => void): void {
    if (!this.known) {
      this.places.whenKnown(waiter, tag, () => this.inTurn(key, waiter, tag, operation));
      return;
    }
    if (this.order.size === 0 || !this.order.has(key)) {
      operation();
      return;
    }
    const stillWaits = this.codecWait.add(waiter, tag);
    this.order.inTurn(key, () => {
      if (stillWaits()) operation();
    });
  }

  read(form: ReadForm, key: WireKey, sink: PlacedSink, tag: number): void {
    const { fleet } = this.places;
    if (!this.known || (this.order.size > 0 && this.order.has(key)))
      this.inTurn(key, sink, tag, () => this.#read(form, key, sink, tag));
    else if (fleet.lone === undefined) this.#read(form, key, sink, tag);
    else fleet.lone.read(form, key, sink, tag);
  }

  route(by: Key, tried?: readonly string[]): Server | MemcacheError {
    return this.places.route(by, tried);
  }

  /** Where an operation was tried, so that its next attempt goes elsewhere; undefined where that does not matter. */
  triedToo(
    tried: readonly string[] | undefined,
    { server }: MemcacheError,
  ): readonly string[] | undefined {
    return server === undefined || !this.places.fleet.triesNext
      ? tried
      : [...(tried ?? []), server];
  }

  again(failed: Omit<FailedOperation, 'elsewhere'>, operation: () => void): boolean {
    if (this.#closing) return false;
    const elsewhere = this.places.goesElsewhere(failed.error);
    return this.#retries.again({ ...failed, elsewhere }, operation);
  }

  get known(): boolean {
    return this.places.known;
  }

  get moving(): boolean {
    return this.places.fleet.moving;
  }

  readFormer(form: ReadForm, key: WireKey, sink: PlacedSink, tag: number): boolean {
    const former = this.places.formerOwner(sink.placedBy(tag));
    former?.read(form, key, sink, tag);
    return former !== undefined;
  }

  forgetFormer(by: Key, wire: WireKey): void {
    if (this.moving) this.places.forgetFormer(by, wire);
  }

  unreadable(item: { flags: number; bytes: number; error: MemcacheError }): void {
    this.metrics.unreadable++;
    this.events.emit('unreadable', item);
  }

  guarded(error: MemcacheError): void {
    this.events.emit('guard', { error });
  }

  async close(timeoutMs: number, farewell?: 'quit'): Promise<void> {
    this.#closing = true;
    const end = performance.now() + timeoutMs;
    this.#retries.end();
    await Promise.race([this.fetching.stored(), sleep(timeoutMs, undefined, { ref: false })]);
    await this.#codecs.close();
    // What the pool gave back is done here, as soon as a codec module is loaded.
    while (this.codecWait.busy && performance.now() < end) await sleep(TICK_MS);
    await this.places.close(Math.max(0, end - performance.now()), farewell);
    this.codecWait.end((sent) => closed(this.places.fleet.lone?.name, sent));
    this.#ticker.stop();
  }

  #newRetries(budget: RetryBudget): Retries {
    const { options, order, metrics, events } = this;
    return new Retries({
      options: options.retry,
      budget,
      order,
      get perCharge() {
        return options.volleyKeys;
      },
      retried: (error, attempt) => {
        metrics.retries++;
        events.emit('retry', { error, attempt });
      },
    });
  }

  #read(form: ReadForm, key: WireKey, sink: PlacedSink, tag: number): void {
    const route = this.route(sink.placedBy(tag), sink.triedAt(tag));
    if (isServer(route)) route.read(form, key, sink, tag);
    else sink.fail(tag, route);
  }
}
