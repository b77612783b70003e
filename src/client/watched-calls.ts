import type { CommandMessage } from '../observability/channels.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import type { Fetching } from '../stampede/fetching.ts';
import type { SendTo } from './ask.ts';
import type { CallDefaults } from './call-defaults.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';
import type { CallWatch } from './call-watch.ts';
import type { Count, Step } from './count-step.ts';
import { type Entries, sized, sizeOf } from './entries.ts';
import type { KeyCalls, StoreCall } from './key-calls.ts';
import type { LeaseQuestion } from './lease-question.ts';
import type { ReadEnd } from './lease-read.ts';
import type { MakeManyRead } from './many-read.ts';
import type { Question } from './questions.ts';
import type { Key } from './read.ts';

/** Calls each of which is made of several, told of as one operation. */
export class WatchedCalls implements KeyCalls {
  readonly parts: KeyCalls;
  readonly #watch: CallWatch;
  readonly #partsOf: (message: CommandMessage | undefined) => KeyCalls;

  constructor(watch: CallWatch, partsOf: (message: CommandMessage | undefined) => KeyCalls) {
    this.parts = partsOf(undefined);
    this.#watch = watch;
    this.#partsOf = partsOf;
  }

  get watched(): boolean {
    return this.#watch.on;
  }

  get defaults(): CallDefaults {
    return this.parts.defaults;
  }

  get fetching(): Fetching {
    return this.parts.fetching;
  }

  whole<R>(
    verb: string,
    many: unknown,
    go: (parts: KeyCalls) => Promise<R>,
    quiet?: boolean,
  ): Promise<R> {
    if (!this.#watch.on) return go(this.parts);
    const size = sizeOf(many);
    return this.#watch.whole({ verb, size, quiet, go: (message) => go(this.#partsOf(message)) });
  }

  wireOf(key: Key): WireKey {
    return this.parts.wireOf(key);
  }

  exptime(ttl: Ttl, exact?: 'exact'): number {
    return this.parts.exptime(ttl, exact);
  }

  readTo<R>(question: LeaseQuestion, key: Key, end: ReadEnd<R>): Promise<R> {
    return this.whole(question.verb, undefined, (parts) => parts.readTo(question, key, end));
  }

  readOne<T>(question: Question, key: Key, options?: ReadOptions): Promise<T | undefined> {
    return this.whole(question.verb, undefined, (parts) =>
      parts.readOne<T>(question, key, options),
    );
  }

  readMany<R>(
    question: Question,
    keys: Iterable<Key>,
    options: ReadOptions | undefined,
    Read: MakeManyRead<R>,
  ): Promise<R> {
    const list = this.watched ? sized(keys) : keys;
    return this.whole(Read.verbFor(question.verb), list, (parts) =>
      parts.readMany(question, list, options, Read),
    );
  }

  storeOne<R, A = StoreAnswer>(
    what: StoreCall<A>,
    options: StoreOptions | undefined,
    read: (answer: A) => R,
  ): Promise<R> {
    return this.whole(what.told ?? what.verb, undefined, (parts) =>
      parts.storeOne(what, options, read),
    );
  }

  storeMany(entries: Entries, options?: StoreOptions): Promise<true> {
    const list = this.watched ? sized(entries) : entries;
    return this.whole('setMany', list, (parts) => parts.storeMany(list, options));
  }

  askOne<A, R = A>(
    asked: { verb: string; key: Key; options: CallOptions | undefined },
    read: (answer: A) => R,
    send: SendTo<A>,
  ): Promise<R> {
    return this.whole(asked.verb, undefined, (parts) => parts.askOne(asked, read, send));
  }

  askMany<A>(
    asked: { verb: string; keys: Iterable<Key>; options: CallOptions | undefined },
    send: SendTo<A>,
  ): Promise<Map<Key, A>> {
    const keys = this.watched ? sized(asked.keys) : asked.keys;
    const listed = { ...asked, keys };
    return this.whole(`${asked.verb}Many`, keys, (parts) => parts.askMany(listed, send));
  }

  count<D extends number | bigint>(step: Step<D>): Promise<Count<D> | undefined> {
    const quiet = step.options?.noreply;
    return this.whole(step.verb, undefined, (parts) => parts.count(step), quiet);
  }
}
