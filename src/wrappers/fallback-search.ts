import { ManyError, type MemcacheError, TimeoutError } from '../errors.ts';
import { asBuffer, latin1 } from '../primitives/bytes.ts';
import type { CallOptions } from '../client/call-options.ts';
import type { Key } from '../client/read.ts';

/** How clients are asked one after the other. */
export interface Search<C, O extends CallOptions> {
  readonly clients: readonly C[];
  readonly options: O | undefined;
  /** A client that fails ends the search, for what the next one has may be out of date. */
  readonly strict: boolean;
  /** A client has failed, and the next one is asked instead. */
  passedOver(error: unknown, client: number): void;
}

/**
 * What the first client answers that has what is asked for, or undefined when none has. Without `strict` rejects only
 * if every client failed, with what the first one failed with.
 */
export async function searchOne<C, O extends CallOptions, A>(
  search: Search<C, O>,
  ask: (client: C, options: O | undefined, index: number) => Promise<A | undefined>,
): Promise<A | undefined> {
  const began = performance.now();
  const failures: unknown[] = [];
  for (const [index, client] of search.clients.entries()) {
    try {
      const options = index === 0 ? search.options : remaining(search.options, began);
      const answer = await ask(client, options, index);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (search.strict || search.options?.signal?.aborted === true) throw error;
      search.passedOver(error, index);
      failures.push(error);
    }
  }
  if (failures.length === search.clients.length) throw failures[0];
  return undefined;
}

/**
 * As `searchOne`, for each of many different keys; the next client is asked only for the keys that the former did not
 * have. The answers are by place. Rejects with ManyError for the keys that no client answered, or with what the first
 * client failed with when none answered any.
 */
export async function searchMany<C, O extends CallOptions, A>(
  search: Search<C, O>,
  keys: readonly Key[],
  ask: (client: C, keys: readonly Key[], options: O | undefined, index: number) => Promise<A[]>,
): Promise<A[]> {
  const began = performance.now();
  const found = new FoundMany<A>(keys);
  for (const [index, client] of search.clients.entries()) {
    try {
      const options = index === 0 ? search.options : remaining(search.options, began);
      found.answered(await ask(client, found.missing, options, index));
    } catch (error) {
      if (search.options?.signal?.aborted === true) throw error;
      if (!search.strict) search.passedOver(error, index);
      found.failed(error, search.strict);
    }
    if (found.missing.length === 0) break;
  }
  return found.result();
}

/** What is known so far of many keys. */
class FoundMany<A> {
  readonly #keys: readonly Key[];
  readonly #values: (A | undefined)[];
  readonly #errors = new Map<number, MemcacheError>();
  readonly #answered = new Set<number>();
  /** Places of the keys that are still looked for. */
  #places: readonly number[];
  #firstFailure: { readonly error: unknown } | undefined;

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
    this.#values = new Array<A | undefined>(keys.length).fill(undefined);
    this.#places = [...keys.keys()];
  }

  get missing(): readonly Key[] {
    return this.#places.map((place) => this.#keys[place]);
  }

  answered(values: readonly (A | undefined)[]): void {
    for (const [at, place] of this.#places.entries()) this.#found(place, values[at]);
    this.#places = this.#places.filter((place) => this.#values[place] === undefined);
  }

  failed(error: unknown, final: boolean): void {
    this.#firstFailure ??= { error };
    const many = error instanceof ManyError ? (error as ManyError<Key, A>) : undefined;
    for (const place of this.#places) {
      const key = this.#keys[place];
      const failure = many === undefined ? (error as MemcacheError) : many.errors.get(key);
      if (failure === undefined) this.#found(place, many?.values.get(key));
      else if (!this.#errors.has(place)) this.#errors.set(place, failure);
    }
    this.#places = this.#places.filter(
      (place) => this.#values[place] === undefined && !(final && this.#errors.has(place)),
    );
  }

  result(): A[] {
    for (const place of this.#answered) this.#errors.delete(place);
    if (this.#errors.size === 0) return this.#values as A[];
    const first = this.#firstFailure?.error;
    if (this.#answered.size === 0 && !(first instanceof ManyError)) throw first;
    const hits = new Map<Key, A>();
    for (const [place, value] of this.#values.entries())
      if (value !== undefined) hits.set(this.#keys[place], value);
    const errors = [...this.#errors].map(([place, error]) => [this.#keys[place], error] as const);
    throw new ManyError(hits, new Map(errors));
  }

  #found(place: number, value: A | undefined): void {
    this.#values[place] = value;
    this.#answered.add(place);
  }
}

/**
 * The options with what is left of `timeoutMs`, which is for all clients together.
 * Throws TimeoutError (ERR_MEMCACHE_TIMEOUT) when that is nothing.
 */
export function remaining<O extends CallOptions>(
  options: O | undefined,
  began: number,
): O | undefined {
  if (options?.timeoutMs === undefined) return options;
  const timeoutMs = options.timeoutMs - (performance.now() - began);
  if (timeoutMs > 0) return { ...options, timeoutMs };
  const message = 'the clients asked before left no time for this one';
  throw new TimeoutError('ERR_MEMCACHE_TIMEOUT', message, { retryable: true });
}

/** The different keys among these, and for each of these the place of its like among those. */
export function differentKeys(keys: readonly Key[]): {
  readonly different: readonly Key[];
  readonly places: readonly number[];
} {
  const onlyText = keys.every((key) => typeof key === 'string');
  const placeOf = new Map<unknown, number>();
  const different: Key[] = [];
  const places = keys.map((key) => {
    const name = onlyText ? key : bytesOf(key);
    const known = placeOf.get(name);
    if (known !== undefined) return known;
    placeOf.set(name, different.length);
    return different.push(key) - 1;
  });
  return { different, places };
}

/** Text and bytes may be the same key. What is neither is for the client to refuse. */
function bytesOf(key: Key): unknown {
  if (typeof key === 'string') return Buffer.from(key).toString('latin1');
  return key instanceof Uint8Array ? latin1(asBuffer(key), 0, key.length) : key;
}
