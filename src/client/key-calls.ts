import type { WireKey } from '../protocol/key.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { StoreAnswer, StoreVerb } from '../server/store-command.ts';
import type { Fetching } from '../stampede/fetching.ts';
import type { SendTo } from './ask.ts';
import type { CallDefaults } from './call-defaults.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';
import type { Count, Step } from './count-step.ts';
import type { Entries } from './entries.ts';
import type { LeaseQuestion } from './lease-question.ts';
import type { ReadEnd } from './lease-read.ts';
import type { MakeManyRead } from './many-read.ts';
import type { Question } from './questions.ts';
import type { Key } from './read.ts';
import type { SendStore } from './stores.ts';

/** A value to be stored. */
export interface StoreCall<A> {
  readonly verb: StoreVerb;
  /** The caller's verb, where that is another one. */
  readonly told?: string;
  readonly key: Key;
  readonly value: unknown;
  /** For the verb `cas`. */
  readonly cas?: string;
  /** Another command than the verb's own, with another answer. */
  readonly send?: SendStore<A>;
  /** Text or bytes that go out as they are: no codec is asked, and the item's ttl is not changed. */
  readonly asIs?: boolean;
  /** Its ttl is not jittered: that of a counter or a lock, or one that has been. */
  readonly counter?: boolean;
}

/**
 * The ways a verb about keys starts a call. What is wrong with one rejects its promise; none of them throws. A store with
 * `noreply` resolves with undefined.
 */
export interface KeyCalls {
  /** Whether somebody wants to hear of operations. */
  readonly watched: boolean;
  /** The same ways for the parts of an operation nobody wants to hear of. */
  readonly parts: KeyCalls;
  /**
   * An operation that is made of several calls, its `parts`: told of as one, about one key or the keys of `many`; `quiet`
   * with `noreply`, where it has no answer.
   */
  whole<R>(
    verb: string,
    many: unknown,
    go: (parts: KeyCalls) => Promise<R>,
    quiet?: boolean,
  ): Promise<R>;
  readonly defaults: CallDefaults;
  /** What all fetches of the client share, whatever stands before their keys. */
  readonly fetching: Fetching;
  /** The key as it stands on the wire now. Throws IllegalInputError (ERR_MEMCACHE_KEY). */
  wireOf(key: Key): WireKey;
  /**
   * A read whose caller is answered by `end`, once it is known what came. Calls that have to look at an answer before
   * anybody acts upon it leave this to `readInSteps` (lease-steps.ts).
   */
  readTo<R>(question: LeaseQuestion, key: Key, end: ReadEnd<R>): Promise<R>;
  readOne<T>(question: Question, key: Key, options?: ReadOptions): Promise<T | undefined>;
  readMany<R>(
    question: Question,
    keys: Iterable<Key>,
    options: ReadOptions | undefined,
    Read: MakeManyRead<R>,
  ): Promise<R>;
  storeOne<R, A = StoreAnswer>(
    what: StoreCall<A>,
    options: StoreOptions | undefined,
    read: (answer: A) => R,
  ): Promise<R>;
  storeMany(entries: Entries, options?: StoreOptions): Promise<true>;
  /** A command about one key. */
  askOne<A, R = A>(
    asked: { verb: string; key: Key; options: CallOptions | undefined },
    read: (answer: A) => R,
    send: SendTo<A>,
  ): Promise<R>;
  /** The same command about many keys. */
  askMany<A>(
    asked: { verb: string; keys: Iterable<Key>; options: CallOptions | undefined },
    send: SendTo<A>,
  ): Promise<Map<Key, A>>;
  /**
   * The server's exptime for a ttl, by the client's rules; `exact` is that of a counter. Throws IllegalInputError as
   * `exptime` does.
   */
  exptime(ttl: Ttl, exact?: 'exact'): number;
  count<D extends number | bigint>(step: Step<D>): Promise<Count<D> | undefined>;
}
