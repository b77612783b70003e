import type { ValueCodec } from '../codec/value-codec.ts';
import type { MemcacheError } from '../errors.ts';
import type { LatencyRecorder } from '../observability/histogram.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { Server, Waiting } from '../server/server.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import type { Fetching } from '../stampede/fetching.ts';
import { ManyAnswer, ServersAnswer, SingleAnswer } from './answers.ts';
import { checkAsIs } from './as-is.ts';
import { Ask, type SendTo } from './ask.ts';
import type { AttemptCall, Subject } from './attempt.ts';
import type { Call } from './call.ts';
import type { CallDefaults } from './call-defaults.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';
import type { Core } from './core.ts';
import type { Count, Step } from './count-step.ts';
import { count } from './counting.ts';
import { type Entries, entriesOf, keysOf } from './entries.ts';
import type { KeyCalls, StoreCall } from './key-calls.ts';
import type { LeaseQuestion } from './lease-question.ts';
import { LeaseRead, type ReadEnd } from './lease-read.ts';
import type { MakeManyRead } from './many-read.ts';
import { bytesIn } from './pending.ts';
import type { Key } from './read.ts';
import type { Question } from './questions.ts';
import { SingleRead } from './single-read.ts';
import { storingQuietly } from './noreply.ts';
import { type SendStore, store } from './stores.ts';

/** Starts calls: checks what was given, before anything is sent, and returns the promise. Never throws. */
export class Calls implements KeyCalls {
  readonly #core: Core;
  /** What stands before every key; undefined for the client's own prefix. */
  readonly #prefix: WireKey | undefined;

  constructor(core: Core, prefix?: WireKey) {
    this.#core = core;
    this.#prefix = prefix;
  }

  get defaults(): CallDefaults {
    return this.#core.defaults;
  }

  get fetching(): Fetching {
    return this.#core.fetching;
  }

  wireOf(key: Key): WireKey {
    const core = this.#core;
    // Its form behind the client's own prefix may be what places it, and has to be legal then.
    if (this.#prefix !== undefined && core.options.hashedPart !== 'key') core.wire(key);
    return core.wire(key, this.#prefix);
  }

  readOne<T>(question: Question, key: Key, options?: ReadOptions): Promise<T | undefined> {
    return this.#begun(() => {
      const core = this.#core;
      const wire = this.wireOf(key);
      const deadline = core.deadline(question.verb, options);
      const call = new SingleRead<T>(core.plan(question, options), deadline, key, wire);
      if (core.begin(call, options)) core.read(question.form, wire, call, 0);
      return call;
    });
  }

  readTo<R>(question: LeaseQuestion, key: Key, end: ReadEnd<R>): Promise<R> {
    return this.#begun(() => {
      const core = this.#core;
      const wire = this.wireOf(key);
      const deadline = core.deadline(question.verb, question.options);
      const call = new LeaseRead<R>(core.planOf(question), deadline, key, wire);
      call.end = end;
      if (core.begin(call, end)) core.read(question.form, wire, call, 0);
      return call as Call<R>;
    });
  }

  readMany<R>(
    question: Question,
    keys: Iterable<Key>,
    options: ReadOptions | undefined,
    Read: MakeManyRead<R>,
  ): Promise<R> {
    return this.#begun(() => {
      const core = this.#core;
      const { verb, form } = question;
      const list = keysOf(keys, `${verb} of many keys`);
      const wires = list.map((key) => this.wireOf(key));
      const deadline = core.deadline(verb, options);
      const call = new Read(core.plan(question, options), deadline, list, wires);
      if (!core.begin(call, options)) return call;
      for (let tag = 0; tag < wires.length; tag++) core.read(form, wires[tag], call, tag);
      return call;
    });
  }

  storeOne<R, A = StoreAnswer>(
    what: StoreCall<A>,
    options: StoreOptions | undefined,
    read: (answer: A) => R,
  ): Promise<R> {
    return this.#begun(() => {
      const core = this.#core;
      const { verb, key, value, cas } = what;
      const wire = this.wireOf(key);
      const deadline = core.deadline(verb, options);
      const expires = core.exptime(
        options?.ttl ?? core.options.ttl,
        what.counter === true ? 'exact' : undefined,
      );
      const codec = this.#codecFor(what, options);
      const quiet = options?.noreply === true;
      const call = new SingleAnswer<A, R>(deadline, quiet ? nothing<R> : read);
      call.bytes = bytesIn(value);
      const by = options?.routeBy ?? key;
      const send = quiet ? storingQuietly : (what.send ?? (storing as SendStore<A>));
      if (core.begin(call, options)) {
        const tag = 0;
        store(core, { verb, key, by, wire, value, exptime: expires, cas, codec, call, tag, send });
      }
      return call;
    });
  }

  storeMany(entries: Entries, options?: StoreOptions): Promise<true> {
    return this.#begun(() => {
      const core = this.#core;
      const verb = 'set';
      const pairs = entriesOf(entries);
      const wires = pairs.map(([key]) => this.wireOf(key));
      const deadline = core.deadline('setMany', options);
      const codec = core.codecFor(options?.codec);
      const keys = pairs.map(([key]) => key);
      const exptimes = pairs.map(() => core.exptime(options?.ttl ?? core.options.ttl));
      const quiet = options?.noreply === true;
      const done = quiet ? nothing<true> : (): true => true;
      const call = new ManyAnswer<Key, StoreAnswer, true>(deadline, keys, done);
      for (const [, value] of pairs) call.bytes += bytesIn(value);
      if (!core.begin(call, options)) return call;
      const items = pairs.map(([key, value], tag) => {
        const wire = wires[tag];
        return {
          verb,
          key,
          by: options?.routeBy ?? key,
          wire,
          value,
          exptime: exptimes[tag],
          cas: undefined,
          codec,
          call,
          send: quiet ? storingQuietly : storing,
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
      const wire = this.wireOf(key);
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
        const wire = this.wireOf(key);
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

  exptime(ttl: Ttl, exact?: 'exact'): number {
    return this.#core.exptime(ttl, exact);
  }

  count<D extends number | bigint>(step: Step<D>): Promise<Count<D> | undefined> {
    return count(this.#core, this, step);
  }

  /** A command about the servers themselves; the answers are by server. */
  async askServers<A>(
    asked: { verb: string; options: CallOptions | undefined; only?: Server | undefined },
    send: (server: Server, waiting: Waiting<AnswerSink<A>>) => void,
  ): Promise<Map<string, A>> {
    const core = this.#core;
    const { fleet } = core.places;
    const deadline = core.deadline(asked.verb, asked.options);
    if (!core.known) await this.ready(deadline, asked.options);
    return this.#begun(() => {
      const servers = asked.only === undefined ? fleet.servers : [asked.only];
      const names = servers.map(({ name }) => name);
      const call = new ServersAnswer<A>(deadline, names);
      if (core.begin(call, asked.options)) {
        servers.forEach((server, tag) => send(server, { sink: call, tag }));
      }
      return call;
    });
  }

  /** Resolves once there are servers to ask. Rejects where no call would begin. */
  ready(deadline: number, options: CallOptions | undefined): Promise<void> {
    const core = this.#core;
    const call = new SingleAnswer<true, void>(deadline, () => {});
    if (core.begin(call, options)) {
      if (core.known) call.answer(0, true);
      else core.places.whenKnown(call, 0, () => call.answer(0, true));
    }
    return call.handOut();
  }

  /** A call that goes a way of its own. */
  begin<R>(begin: () => Call<R>): Promise<R> {
    return this.#begun(begin);
  }

  /** None for what goes out as it is. */
  #codecFor(
    { verb, value, asIs }: Omit<StoreCall<never>, 'send'>,
    options: StoreOptions | undefined,
  ): ValueCodec | undefined {
    const core = this.#core;
    if (asIs !== true) return core.codecFor(options?.codec);
    checkAsIs(verb, value, core.options.checksum);
    return undefined;
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
      const { latency } = this.#core;
      return latency === undefined ? promise : this.#timed(promise, latency);
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

const storing: SendStore<StoreAnswer> = (server, request, waiting) => {
  server.store(request, waiting);
};

/** What a call with `noreply` is answered, which its type says: there is nothing to make an answer of. */
const nothing = <R>(): R => undefined as R;
