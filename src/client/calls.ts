import type { MemcacheError } from '../errors.ts';
import { LatencyRecorder } from '../observability/histogram.ts';
import type { WireKey } from '../protocol/key.ts';
import { exptime } from '../protocol/ttl.ts';
import type { Server, Waiting } from '../server/server.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { StoreAnswer, StoreVerb } from '../server/store-command.ts';
import type { ReadVerb } from '../server/volley.ts';
import { ManyAnswer, ServersAnswer, SingleAnswer } from './answers.ts';
import { Ask, type SendTo } from './ask.ts';
import type { AttemptCall, Subject } from './attempt.ts';
import type { Call } from './call.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';
import type { Core } from './core.ts';
import { type Entries, entriesOf, keysOf } from './entries.ts';
import type { ManyRead } from './many-read.ts';
import type { Key, ReadPlan } from './read.ts';
import { SingleRead } from './single-read.ts';
import { store } from './stores.ts';

/** Makes a read of many keys; its answer is its own affair. */
type MakeManyRead<R> = new (
  plan: ReadPlan,
  deadline: number,
  keys: readonly Key[],
  wires: readonly WireKey[],
) => ManyRead<R>;

/** Starts calls: checks what was given, before anything is sent, and returns the promise. Never throws. */
export class Calls {
  readonly #core: Core;
  /** Present with the option `percentiles`. */
  readonly latency: LatencyRecorder | undefined;

  constructor(core: Core) {
    this.#core = core;
    this.latency = core.options.percentiles ? new LatencyRecorder() : undefined;
  }

  readOne<T>(verb: ReadVerb, key: Key, options?: ReadOptions): Promise<T | undefined> {
    return this.#begun(() => {
      const core = this.#core;
      const wire = core.wire(key);
      const deadline = core.deadline(verb, options);
      const call = new SingleRead<T>(core.plan(verb, options), deadline, key, wire);
      if (core.begin(call, options)) core.read(verb, wire, call, 0);
      return call;
    });
  }

  readMany<R>(
    verb: ReadVerb,
    keys: Iterable<Key>,
    options: ReadOptions | undefined,
    Read: MakeManyRead<R>,
  ): Promise<R> {
    return this.#begun(() => {
      const core = this.#core;
      const list = keysOf(keys, `${verb} of many keys`);
      const wires = list.map((key) => core.wire(key));
      const deadline = core.deadline(verb, options);
      const call = new Read(core.plan(verb, options), deadline, list, wires);
      if (!core.begin(call, options)) return call;
      for (let tag = 0; tag < wires.length; tag++) core.read(verb, wires[tag], call, tag);
      return call;
    });
  }

  storeOne<R>(
    what: { verb: StoreVerb; key: Key; value: unknown; cas?: string },
    options: StoreOptions | undefined,
    read: (answer: StoreAnswer) => R,
  ): Promise<R> {
    return this.#begun(() => {
      const core = this.#core;
      const { verb, key, value, cas } = what;
      const wire = core.wire(key);
      const deadline = core.deadline(verb, options);
      const expires = exptime(options?.ttl ?? core.options.ttl);
      const codec = core.codecFor(options?.codec);
      const call = new SingleAnswer<StoreAnswer, R>(deadline, read);
      const by = options?.routeBy ?? key;
      if (core.begin(call, options)) {
        store(core, { verb, key, by, wire, value, exptime: expires, cas, codec, call, tag: 0 });
      }
      return call;
    });
  }

  storeMany(entries: Entries, options?: StoreOptions): Promise<true> {
    return this.#begun(() => {
      const core = this.#core;
      const verb = 'set';
      const pairs = entriesOf(entries);
      const wires = pairs.map(([key]) => core.wire(key));
      const deadline = core.deadline('setMany', options);
      const expires = exptime(options?.ttl ?? core.options.ttl);
      const codec = core.codecFor(options?.codec);
      const keys = pairs.map(([key]) => key);
      const call = new ManyAnswer<Key, StoreAnswer, true>(deadline, keys, () => true);
      if (!core.begin(call, options)) return call;
      const items = pairs.map(([key, value], tag) => {
        const wire = wires[tag];
        return {
          verb,
          key,
          by: options?.routeBy ?? key,
          wire,
          value,
          exptime: expires,
          cas: undefined,
          codec,
          call,
          tag,
        } as const;
      });
      for (const item of items) store(core, item);
      return call;
    });
  }

  /** A command about one key. */
  askOne<A, R = A>(
    asked: { verb: string; key: Key; options: CallOptions | undefined },
    read: (answer: A) => R,
    send: SendTo<A>,
  ): Promise<R> {
    return this.#begun(() => {
      const core = this.#core;
      const { verb, key, options } = asked;
      const wire = core.wire(key);
      const call = new SingleAnswer<A, R>(core.deadline(verb, options), read);
      if (core.begin(call, options))
        this.#ask(call, { verb, wire, by: options?.routeBy ?? key, tag: 0 }, send);
      return call;
    });
  }

  /** The same command about many keys. */
  askMany<A>(
    asked: { verb: string; keys: Iterable<Key>; options: CallOptions | undefined },
    send: SendTo<A>,
  ): Promise<Map<Key, A>> {
    return this.#begun(() => {
      const core = this.#core;
      const { verb, options } = asked;
      // A key named twice is asked for once: the second answer would not be about what was there.
      const wires = new Map<WireKey, Key>();
      for (const key of keysOf(asked.keys, `${verb}Many`)) {
        const wire = core.wire(key);
        if (!wires.has(wire)) wires.set(wire, key);
      }
      const keys = [...wires.values()];
      const deadline = core.deadline(`${verb}Many`, options);
      const call = new ManyAnswer<Key, A, Map<Key, A>>(deadline, keys, (answers) => answers);
      if (!core.begin(call, options)) return call;
      [...wires].forEach(([wire, key], tag) =>
        this.#ask(call, { verb, wire, by: options?.routeBy ?? key, tag }, send),
      );
      return call;
    });
  }

  /** A command about the servers themselves; the answers are by server. */
  async askServers<A>(
    asked: { verb: string; options: CallOptions | undefined },
    send: (server: Server, waiting: Waiting<AnswerSink<A>>) => void,
  ): Promise<Map<string, A>> {
    const core = this.#core;
    const { fleet } = core.places;
    const deadline = core.deadline(asked.verb, asked.options);
    if (!core.known) await this.#untilKnown(deadline, asked.options);
    return this.#begun(() => {
      const { servers } = fleet;
      const names = servers.map(({ name }) => name);
      const call = new ServersAnswer<A>(deadline, names);
      if (core.begin(call, asked.options)) {
        servers.forEach((server, tag) => send(server, { sink: call, tag }));
      }
      return call;
    });
  }

  /** Resolves once there are servers to ask. */
  #untilKnown(deadline: number, options: CallOptions | undefined): Promise<void> {
    const call = new SingleAnswer<true, void>(deadline, () => {});
    if (this.#core.begin(call, options))
      this.#core.places.whenKnown(call, 0, () => call.answer(0, true));
    return call.handOut();
  }

  #ask<A>(call: AttemptCall<A>, subject: Subject, send: SendTo<A>): void {
    const core = this.#core;
    const ask = new Ask(core, call, subject, send);
    core.inTurn(subject.wire, call, subject.tag, () => ask.go());
  }

  #begun<R>(begin: () => Call<R>): Promise<R> {
    try {
      const call = begin();
      const promise = call.handOut();
      if (call.watch !== undefined) this.#countAbort(promise);
      return this.latency === undefined ? promise : this.#timed(promise, this.latency);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #countAbort(promise: Promise<unknown>): void {
    promise.catch((error: MemcacheError) => {
      if (error.code === 'ERR_MEMCACHE_ABORTED') this.#core.metrics.aborts++;
    });
  }

  #timed<R>(promise: Promise<R>, latency: LatencyRecorder): Promise<R> {
    const began = performance.now();
    const record = (): void => latency.record(performance.now() - began);
    promise.then(record, record);
    return promise;
  }
}
