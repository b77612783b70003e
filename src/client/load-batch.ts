import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { afterPromises, OncePerTurn } from '../primitives/once-per-turn.ts';
import { Scope } from '../primitives/scope.ts';
import type { Key } from './read.ts';

/** What a loader of many keys may answer: values by the caller's own keys, or by their text. */
export type Loaded<T> = ReadonlyMap<Key, T> | Readonly<Record<string, T>>;

/** A caller's loader of many keys. */
export type LoadMany = (keys: readonly Key[]) => Loaded<unknown> | Promise<Loaded<unknown>>;

/**
 * Loads many keys with as few calls of the loader as may be: those that are asked for while nobody is looking whether
 * there are more, in one moment.
 */
export class LoadBatch {
  readonly #loader: LoadMany;
  /** The loader is called where the caller is. */
  readonly #scope = new Scope();
  readonly #run: OncePerTurn = new OncePerTurn(() => this.#load());
  #looking = 0;
  #keys: Key[] = [];
  #begin: (answer: Promise<Reader>) => void = () => {};
  #answer: Promise<Reader> | undefined;

  constructor(loader: LoadMany) {
    this.#loader = loader;
  }

  async load(key: Key): Promise<unknown> {
    this.#keys.push(key);
    this.#answer ??= new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#run.request(afterPromises);
    return (await this.#answer)(key);
  }

  /** Nothing is loaded before a look has ended, and what follows from it is known. */
  async looking<A>(look: Promise<A>): Promise<A> {
    this.#looking++;
    try {
      return await look;
    } finally {
      this.#looking--;
      this.#run.request(afterPromises);
    }
  }

  #load(): void {
    if (this.#looking > 0 || this.#keys.length === 0) return;
    const keys = this.#keys;
    this.#keys = [];
    this.#answer = undefined;
    this.#begin(this.#called(keys));
  }

  async #called(keys: readonly Key[]): Promise<Reader> {
    return readerOf(await this.#scope.run(() => this.#loader(keys)));
  }
}

export type Reader = (key: Key) => unknown;

/** Throws IllegalInputError (ERR_MEMCACHE_VALUE) for what a loader may not answer. */
export function readerOf(loaded: Loaded<unknown>): Reader {
  const given: unknown = loaded;
  if (given instanceof Map) return (key) => (given as Map<Key, unknown>).get(key);
  if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
    const message = `the loader of fetchMany must answer a Map or a plain object, not ${kindOf(given)}`;
    throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
  }
  const values = given as Readonly<Record<string, unknown>>;
  return (key) => (typeof key === 'string' && Object.hasOwn(values, key) ? values[key] : undefined);
}
