import { ManyError, type MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { asSent } from '../retry/policy.ts';
import { type Key, Read, type ReadPlan } from './read.ts';

/** Reads of many keys with one promise; `R` is how the answer is given. */
export abstract class ManyRead<R> extends Read<R> {
  protected readonly keys: readonly Key[];
  /** By place; undefined is a miss. */
  protected readonly values: unknown[];
  readonly #wires: readonly WireKey[];
  #open: number;
  #attempts: Map<number, number> | undefined;
  #errors: Map<number, MemcacheError> | undefined;

  constructor(plan: ReadPlan, deadline: number, keys: readonly Key[], wires: readonly WireKey[]) {
    super(plan, deadline);
    this.keys = keys;
    this.#wires = wires;
    this.#open = keys.length;
    this.values = new Array<unknown>(this.#open).fill(undefined);
    if (this.#open === 0) this.#finish();
  }

  miss(_tag: number): void {
    if (--this.#open === 0) this.#finish();
  }

  fail(tag: number, error: MemcacheError): void {
    if (this.settled) return;
    const { room, verb } = this.plan;
    const attempt = this.#attempts?.get(tag) ?? 1;
    if (!room.retries(error, attempt)) {
      this.failed(tag, this.sent === 'no' ? error : asSent(error));
      return;
    }
    this.#attempts ??= new Map();
    this.#attempts.set(tag, attempt + 1);
    room.read(verb, this.#wires[tag], this, tag);
  }

  override abandon(error: MemcacheError): void {
    if (this.plan.onError === 'throw' || error.code === 'ERR_MEMCACHE_ABORTED') this.reject(error);
    else {
      this.plan.room.guarded(error);
      this.resolve(this.answer());
    }
  }

  /** The answer, when nothing failed or failures are misses. */
  protected abstract answer(): R;

  protected keyOf(tag: number): Key {
    return this.keys[tag];
  }

  protected hit(tag: number, value: unknown, cas: string): void {
    this.values[tag] = this.plan.verb === 'gets' ? { value, cas } : value;
    if (--this.#open === 0) this.#finish();
  }

  protected failed(tag: number, error: MemcacheError): void {
    this.#errors ??= new Map();
    this.#errors.set(tag, error);
    if (--this.#open === 0) this.#finish();
  }

  #finish(): void {
    const errors = this.#errors;
    if (errors === undefined) this.resolve(this.answer());
    else if (this.plan.onError === 'miss') {
      for (const error of new Set(errors.values())) this.plan.room.guarded(error);
      this.resolve(this.answer());
    } else {
      const byKey = new Map([...errors].map(([tag, error]) => [this.keyOf(tag), error]));
      this.reject(new ManyError(this.hits(), byKey));
    }
  }

  /** The hits by the caller's own keys, in the order of the call. */
  protected hits(): Map<Key, unknown> {
    const hits = new Map<Key, unknown>();
    let onlyText = true;
    for (let i = 0; i < this.keys.length; i++) {
      onlyText &&= typeof this.keys[i] === 'string';
      const value = this.values[i];
      if (value !== undefined) hits.set(this.keys[i], value);
    }
    if (!onlyText) this.#forgetRepeated(hits);
    return hits;
  }

  /** A Map tells texts apart by what they say, bytes by which object they are. */
  #forgetRepeated(hits: Map<Key, unknown>): void {
    const first = new Map<WireKey, Key>();
    this.#wires.forEach((wire, i) => {
      const key = this.keys[i];
      if (!first.has(wire)) first.set(wire, key);
      else if (first.get(wire) !== key) hits.delete(key);
    });
  }
}

/** `getMany` and `getsMany`. */
export class MapRead<T> extends ManyRead<Map<Key, T>> {
  protected answer(): Map<Key, T> {
    return this.hits() as Map<Key, T>;
  }
}

/** `getValues`. */
export class ArrayRead<T> extends ManyRead<(T | undefined)[]> {
  protected answer(): (T | undefined)[] {
    return this.values as (T | undefined)[];
  }
}
