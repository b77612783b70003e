import type { MemcacheError } from '../errors.ts';
import type { CommandMessage } from '../observability/channels.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { Server } from '../server/server.ts';
import type { AnswerSink, Waiting } from '../server/sinks.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import type { Fetching } from '../stampede/fetching.ts';
import { ManyAnswer, ServersAnswer, SingleAnswer } from './answers.ts';
import { Ask, type SendTo } from './ask.ts';
import type { AttemptCall, Subject } from './attempt.ts';
import type { Call } from './call.ts';
import { type CallWatch, PartsWatch } from './call-watch.ts';
import type { CallDefaults } from './call-defaults.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';
import type { Core } from './core.ts';
import type { Count, Step } from './count-step.ts';
import { count } from './counting.ts';
import { type Entries, entriesOf, keysOf, sizeOf } from './entries.ts';
import type { KeyCalls, StoreCall } from './key-calls.ts';
import type { LeaseQuestion } from './lease-question.ts';
import { LeaseRead, type ReadEnd } from './lease-read.ts';
import type { MakeManyRead } from './many-read.ts';
import type { Key } from './read.ts';
import type { Question } from './questions.ts';
import { SingleRead } from './single-read.ts';
import { beginStore, beginStores } from './store-calls.ts';

/** Starts calls: checks what was given, before anything is sent, and returns the promise. Never throws. */
export class Calls implements KeyCalls {
  readonly #core: Core;
  /** What stands before every key; undefined for the client's own prefix. */
  readonly #prefix: WireKey | undefined;
  /** Who hears of its calls; undefined for calls that are parts of an operation nobody hears of. */
  readonly #watch: CallWatch | undefined;
  #parts: Calls | undefined;

  constructor(core: Core, prefix?: WireKey, watch?: CallWatch) {
    this.#core = core;
    this.#prefix = prefix;
    this.#watch = watch;
  }

  /** The same for the parts of an operation, whose message notes what carries them. */
  partsOf(message: CommandMessage | undefined): Calls {
    const watch = message === undefined ? undefined : new PartsWatch(message);
    return new Calls(this.#core, this.#prefix, watch);
  }

  get watched(): boolean {
    return this.#watch?.on === true;
  }

  get parts(): Calls {
    this.#parts ??= this.#watch === undefined ? this : this.partsOf(undefined);
    return this.#parts;
  }

  whole<R>(
    verb: string,
    many: unknown,
    go: (parts: Calls) => Promise<R>,
    quiet?: boolean,
  ): Promise<R> {
    const watch = this.#watch;
    if (watch?.on !== true) return go(this.parts);
    const size = sizeOf(many);
    return watch.whole({ verb, size, quiet, go: (message) => go(this.partsOf(message)) });
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

  /** Without a closure where nobody listens: 4 % of a get in `npm run bench:guard`. */
  readOne<T>(question: Question, key: Key, options?: ReadOptions): Promise<T | undefined> {
    if (this.watched) {
      return this.#begun(question.verb, undefined, () => this.#read<T>(question, key, options));
    }
    try {
      return this.#handOut(this.#read<T>(question, key, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readTo<R>(question: LeaseQuestion, key: Key, end: ReadEnd<R>): Promise<R> {
    return this.#begun(question.verb, undefined, () => {
      const core = this.#core;
      const wire = this.wireOf(key);
      const deadline = core.deadline(question.verb, question.options);
      const call = new LeaseRead<R>(core.plans.ofLease(question), deadline, key, wire);
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
    const told = this.watched ? Read.verbFor(question.verb) : question.verb;
    return this.#begun(told, keys, () => {
      const core = this.#core;
      const { verb, form } = question;
      const list = keysOf(keys, `${verb} of many keys`);
      const wires = list.map((key) => this.wireOf(key));
      const deadline = core.deadline(verb, options);
      const call = new Read(core.plans.of(question, options), deadline, list, wires);
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
    return this.#begun(what.told ?? what.verb, undefined, () =>
      beginStore(this.#core, { what, wire: this.wireOf(what.key), options, read }),
    );
  }

  storeMany(entries: Entries, options?: StoreOptions): Promise<true> {
    return this.#begun('setMany', entries, () => {
      const pairs = entriesOf(entries);
      const wires = pairs.map(([key]) => this.wireOf(key));
      return beginStores(this.#core, { pairs, wires, options });
    });
  }

  /** A command about one key. */
  askOne<A, R = A>(
    asked: { verb: string; key: Key; options: CallOptions | undefined },
    read: (answer: A) => R,
    send: SendTo<A>,
  ): Promise<R> {
    return this.#begun(asked.verb, undefined, () => {
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
    return this.#begun(this.watched ? `${asked.verb}Many` : asked.verb, asked.keys, () => {
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
    const quiet = step.options?.noreply;
    return this.whole(step.verb, undefined, (parts) => count(this.#core, parts, step), quiet);
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
    return this.#begun(asked.verb, undefined, () => {
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
  begin<R>(verb: string, begin: () => Call<R>): Promise<R> {
    return this.#begun(verb, undefined, begin);
  }

  /** For who watches calls: the same function for all of them. */
  readonly #handedOut = <R>(call: Call<R>): Promise<R> => this.#handOut(call);

  #handOut<R>(call: Call<R>): Promise<R> {
    const promise = call.handOut();
    if (call.watch !== undefined) this.#countAbort(promise);
    return call.settled ? this.#core.turns.handOut(promise) : promise;
  }

  #countAbort(promise: Promise<unknown>): void {
    promise.catch((error: MemcacheError) => {
      if (error.code === 'ERR_MEMCACHE_ABORTED') this.#core.metrics.aborts++;
    });
  }

  #read<T>(question: Question, key: Key, options: ReadOptions | undefined): SingleRead<T> {
    const core = this.#core;
    const wire = this.wireOf(key);
    const deadline = core.deadline(question.verb, options);
    const call = new SingleRead<T>(core.plans.of(question, options), deadline, key, wire);
    if (core.begin(call, options)) core.read(question.form, wire, call, 0);
    return call;
  }

  #ask<A>(call: AttemptCall<A>, subject: Subject, send: SendTo<A>): void {
    const core = this.#core;
    const ask = new Ask(core, call, subject, send);
    core.inTurn(subject.wire, call, subject.tag, () => ask.go());
  }

  #begun<R>(verb: string, many: unknown, begin: () => Call<R>): Promise<R> {
    const watch = this.#watch;
    if (watch?.on === true)
      return watch.begin({ verb, size: sizeOf(many), begin, handOut: this.#handedOut });
    try {
      return this.#handOut(begin());
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
