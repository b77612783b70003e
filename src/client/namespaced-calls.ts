import type { CurrentVersion } from '../namespace/current-version.ts';
import type { Version } from '../namespace/version.ts';
import type { CommandMessage } from '../observability/channels.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import type { Fetching } from '../stampede/fetching.ts';
import type { SendTo } from './ask.ts';
import type { CallDefaults } from './call-defaults.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';
import { Calls } from './calls.ts';
import type { Core } from './core.ts';
import type { Count, Step } from './count-step.ts';
import { count } from './counting.ts';
import { type Entries, entriesOf, keysOf } from './entries.ts';
import { type Guarded, GuardedOperation } from './guarded-operation.ts';
import type { KeyCalls, StoreCall } from './key-calls.ts';
import type { LeaseQuestion } from './lease-question.ts';
import type { ReadEnd } from './lease-read.ts';
import { readInSteps } from './lease-steps.ts';
import type { MakeManyRead } from './many-read.ts';
import type { NamespaceOptions } from './namespace-options.ts';
import type { Question } from './questions.ts';
import type { Key } from './read.ts';
import { SingleRead } from './single-read.ts';
import { isOfCall, rejected, rejectedMany, unversioned } from './unversioned.ts';

export interface NamespacedParts {
  readonly core: Core;
  readonly version: CurrentVersion;
  readonly options: NamespaceOptions;
  /** What stands before its keys under a version. */
  readonly prefixFor: (version: Version) => WireKey;
  /** What is told of the operation its calls are parts of, if anybody listens. */
  readonly message?: CommandMessage | undefined;
}

/** As long as any version. */
const NO_VERSION: Version = '0'.repeat(18);

/**
 * The calls of a namespace. Each is made behind the prefix of the version that is known, and once more where another
 * one stood; without asking, if that is known to be recent.
 */
export class NamespacedCalls implements KeyCalls {
  readonly watched = false;
  readonly parts: KeyCalls = this;
  #defaults: CallDefaults;
  /** The client's, which these were made of. */
  #clientDefaults: CallDefaults;
  readonly #core: Core;
  readonly #current: CurrentVersion;
  readonly #options: NamespaceOptions;
  readonly #prefixFor: (version: Version) => WireKey;
  readonly #maxAgeMs: number;
  readonly #message: CommandMessage | undefined;
  /** For calls that reach no item: those without keys, and those that fail. */
  readonly #itemless: Calls;
  #version: Version = NO_VERSION;
  #calls: Calls;

  constructor({ core, version, options, prefixFor, message }: NamespacedParts) {
    this.#defaults = defaultsOf(core, options);
    this.#clientDefaults = core.defaults;
    this.#core = core;
    this.#current = version;
    this.#options = options;
    this.#prefixFor = prefixFor;
    this.#maxAgeMs = options.versionCacheMs ?? 0;
    this.#message = message;
    this.#itemless = this.#callsBehind(NO_VERSION);
    this.#calls = this.#itemless;
  }

  get defaults(): CallDefaults {
    const { defaults } = this.#core;
    if (defaults !== this.#clientDefaults) {
      this.#defaults = defaultsOf(this.#core, this.#options);
      this.#clientDefaults = defaults;
    }
    return this.#defaults;
  }

  get fetching(): Fetching {
    return this.#core.fetching;
  }

  wireOf(key: Key): WireKey {
    return this.#callsFor(this.#current.known ?? NO_VERSION).wireOf(key);
  }

  readTo<R>(question: LeaseQuestion, key: Key, end: ReadEnd<R>): Promise<R> {
    const calls = this.#unasked();
    return calls === undefined
      ? readInSteps(this, { question, key, end })
      : calls.readTo(question, key, end);
  }

  readOne<T>(question: Question, key: Key, given?: ReadOptions): Promise<T | undefined> {
    const options = this.#readOptions(given);
    const calls = this.#unasked();
    if (calls !== undefined) return calls.readOne<T>(question, key, options);
    return this.#guarded<T | undefined, ReadOptions>(question.verb, [key], {
      options,
      start: (under, during) => under.readOne<T>(question, key, during),
      without: (error, begun) =>
        this.#itemless.begin(question.verb, () => {
          const call = new SingleRead<T>(this.#core.plans.of(question, options), 0, key, '');
          call.abandon(unversioned(error, begun));
          return call;
        }),
    });
  }

  readMany<R>(
    question: Question,
    keys: Iterable<Key>,
    given: ReadOptions | undefined,
    Read: MakeManyRead<R>,
  ): Promise<R> {
    const { verb } = question;
    const options = this.#readOptions(given);
    const calls = this.#unasked();
    if (calls !== undefined) return calls.readMany(question, keys, options, Read);
    return rejecting(() => {
      const list = keysOf(keys, `${verb} of many keys`);
      return this.#guarded<R, ReadOptions>(verb, list, {
        options,
        start: (under, during) => under.readMany(question, list, during, Read),
        without: (error, begun) =>
          this.#itemless.begin(verb, () => {
            const call = new Read(this.#core.plans.of(question, options), 0, list, []);
            const failure = unversioned(error, begun);
            if (isOfCall(error)) call.abandon(failure);
            else call.failEach(failure);
            return call;
          }),
      });
    });
  }

  storeOne<R, A = StoreAnswer>(
    what: StoreCall<A>,
    given: StoreOptions | undefined,
    read: (answer: A) => R,
  ): Promise<R> {
    const options = this.#storeOptions(given);
    const calls = this.#unasked();
    if (calls !== undefined) return calls.storeOne(what, options, read);
    return this.#guarded<R, StoreOptions>(what.verb, [what.key], {
      options,
      start: (under, during) => under.storeOne(what, during, read),
      without: rejected,
    });
  }

  storeMany(entries: Entries, given?: StoreOptions): Promise<true> {
    const options = this.#storeOptions(given);
    const calls = this.#unasked();
    if (calls !== undefined) return calls.storeMany(entries, options);
    return rejecting(() => {
      const pairs = entriesOf(entries);
      const keys = pairs.map(([key]) => key);
      return this.#guarded<true, StoreOptions>('setMany', keys, {
        options,
        start: (under, during) => under.storeMany(pairs, during),
        without: (error, begun) => rejectedMany(keys, error, begun),
      });
    });
  }

  askOne<A, R = A>(
    asked: { verb: string; key: Key; options: CallOptions | undefined },
    read: (answer: A) => R,
    send: SendTo<A>,
  ): Promise<R> {
    const calls = this.#unasked();
    if (calls !== undefined) return calls.askOne(asked, read, send);
    const { verb, key, options } = asked;
    return this.#guarded<R, CallOptions>(verb, [key], {
      options,
      start: (under, during) => under.askOne({ verb, key, options: during }, read, send),
      without: rejected,
    });
  }

  askMany<A>(
    asked: { verb: string; keys: Iterable<Key>; options: CallOptions | undefined },
    send: SendTo<A>,
  ): Promise<Map<Key, A>> {
    const calls = this.#unasked();
    if (calls !== undefined) return calls.askMany(asked, send);
    const { verb, options } = asked;
    return rejecting(() => {
      const keys = keysOf(asked.keys, `${verb}Many`);
      return this.#guarded<Map<Key, A>, CallOptions>(`${verb}Many`, keys, {
        options,
        start: (under, during) => under.askMany({ verb, keys, options: during }, send),
        without: (error, begun) => rejectedMany(keys, error, begun),
      });
    });
  }

  exptime(ttl: Ttl, exact?: 'exact'): number {
    return this.#core.exptime(ttl, exact);
  }

  whole<R>(_verb: string, _many: unknown, go: (parts: KeyCalls) => Promise<R>): Promise<R> {
    return go(this);
  }

  count<D extends number | bigint>(step: Step<D>): Promise<Count<D> | undefined> {
    return count(this.#core, this, step);
  }

  readonly #callsFor = (version: Version): Calls => {
    if (version !== this.#version) {
      this.#version = version;
      this.#calls = this.#callsBehind(version);
    }
    return this.#calls;
  };

  #callsBehind(version: Version): Calls {
    return new Calls(this.#core, this.#prefixFor(version)).partsOf(this.#message);
  }

  #unasked(): Calls | undefined {
    const version = this.#current.recent(this.#maxAgeMs);
    return version === undefined ? undefined : this.#callsFor(version);
  }

  #guarded<R, O extends CallOptions>(
    verb: string,
    keys: readonly Key[],
    what: Guarded<R, O>,
  ): Promise<R> {
    const { options } = what;
    if (keys.length === 0) return what.start(this.#itemless, options);
    try {
      for (const key of keys) this.#itemless.wireOf(key);
      const deadline = this.#core.deadline(verb, options);
      const operation = new GuardedOperation(what, deadline, this.#callsFor);
      const moment = this.#current.run(operation, { deadline, signal: options?.signal });
      return operation.outcome(moment);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #readOptions(given: ReadOptions | undefined): ReadOptions | undefined {
    const { codec } = this.#options;
    return codec === undefined ? given : defaulted(given, { codec });
  }

  #storeOptions(given: StoreOptions | undefined): StoreOptions | undefined {
    const { codec, ttl } = this.#options;
    return codec === undefined && ttl === undefined ? given : defaulted(given, { codec, ttl });
  }
}

function defaultsOf(core: Core, { ttl, codec }: NamespaceOptions): CallDefaults {
  const own = core.defaults;
  if (codec === undefined) return { ...own, ttl: ttl ?? own.ttl };
  const emptyIsNothing = core.options.format === 'memvolley' && typeof codec !== 'object';
  return { ...own, ttl: ttl ?? own.ttl, emptyIsNothing, codec };
}

/** The options of a call, with those of the namespace where it says nothing. What is no object is left to be refused. */
function defaulted<O extends object>(given: O | undefined, defaults: O): O {
  if (given === undefined) return defaults;
  const options: unknown = given;
  if (typeof options !== 'object' || options === null) return given;
  const all: O = { ...given };
  for (const name of Object.keys(defaults) as (keyof O)[]) all[name] ??= defaults[name];
  return all;
}

function rejecting<R>(begin: () => Promise<R>): Promise<R> {
  try {
    return begin();
  } catch (error) {
    return Promise.reject(error);
  }
}
