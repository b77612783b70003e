import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { afterPromises, OncePerTurn } from '../primitives/once-per-turn.ts';
import type { Key } from './read.ts';

/** What a loader of many keys may answer: values by the caller's own keys, or by their text. */
export type Loaded<T> = ReadonlyMap<Key, T> | Readonly<Record<string, T>>;

/**
 * Loads many keys with as few calls of the loader as may be: those that are asked for while nobody is looking whether
 * there are more, in one moment.
 */
export class LoadBatch<T> {
  readonly #loader: (keys: readonly Key[]) => Loaded<T> | Promise<Loaded<T>>;
  readonly #run: OncePerTurn = new OncePerTurn(() => this.#load());
  #looking = 0;
  #keys: Key[] = [];
  #begin: (answer: Promise<Reader<T>>) => void = () => {};
  #answer: Promise<Reader<T>> | undefined;

  constructor(loader: (keys: readonly Key[]) => Loaded<T> | Promise<Loaded<T>>) {
    this.#loader = loader;
  }

  async load(key: Key): Promise<T | undefined> {
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

  async #called(keys: readonly Key[]): Promise<Reader<T>> {
    return readerOf(await this.#loader(keys));
  }
}

type Reader<T> = (key: Key) => T | undefined;

function readerOf<T>(loaded: Loaded<T>): Reader<T> {
  const given: unknown = loaded;
  if (given instanceof Map) return (key) => (given as Map<Key, T>).get(key);
  if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
    const message = `the loader of fetchMany must answer a Map or a plain object, not ${kindOf(given)}`;
    throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
  }
  const values = given as Readonly<Record<string, T>>;
  return (key) => (typeof key === 'string' && Object.hasOwn(values, key) ? values[key] : undefined);
}
