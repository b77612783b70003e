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
  #tried: Map<number, readonly string[]> | undefined;
  #errors: Map<number, MemcacheError> | undefined;
  #lookedBack: Set<number> | undefined;

  constructor(plan: ReadPlan, deadline: number, keys: readonly Key[], wires: readonly WireKey[]) {
    super(plan, deadline);
    this.keys = keys;
    this.#wires = wires;
    this.#open = keys.length;
    this.operations = keys.length;
    this.values = new Array<unknown>(this.#open).fill(undefined);
    if (this.#open === 0) this.#finish();
  }

  triedAt(tag: number): readonly string[] | undefined {
    return this.#tried?.get(tag);
  }

  miss(tag: number): void {
    if (this.plan.room.moving && this.#looksBack(tag)) return;
    this.#close();
  }

  fail(tag: number, error: MemcacheError): void {
    if (this.settled) return;
    const { room, form } = this.plan;
    if (this.#lookedBack?.has(tag) === true) {
      // Its own server has said that there is nothing.
      room.guarded(error);
      this.#close();
      return;
    }
    const attempt = this.#attempts?.get(tag) ?? 1;
    const sent = this.sent === 'no' ? error.sent : 'maybe';
    const again = (): void => {
      this.#attempts ??= new Map();
      this.#attempts.set(tag, attempt + 1);
      const tried = room.triedToo(this.triedAt(tag), error);
      if (tried !== undefined) (this.#tried ??= new Map()).set(tag, tried);
      if (!this.settled) room.read(form, this.#wires[tag], this, tag);
    };
    const failed = { error, verb: this.repeatsAs, attempt, deadline: this.deadline, sent };
    if (room.again(failed, again)) return;
    this.failed(tag, this.sent === 'no' ? error : asSent(error));
  }

  override abandon(error: MemcacheError): void {
    if (!this.isMiss(error)) this.reject(error);
    else {
      this.plan.room.guarded(error);
      this.resolve(this.answer());
    }
  }

  /** Every key has failed, and none is tried again. */
  failEach(error: MemcacheError): void {
    for (let tag = 0; tag < this.keys.length; tag++) this.failed(tag, error);
  }

  static verbFor(verb: string): string {
    return verb.endsWith('Many') ? verb : `${verb}Many`;
  }

  /** The answer, when nothing failed or failures are misses. */
  protected abstract answer(): R;

  protected keyOf(tag: number): Key {
    return this.keys[tag];
  }

  protected hit(tag: number, value: unknown, about: unknown): void {
    this.values[tag] = this.shaped(value, about);
    this.#close();
  }

  protected failed(tag: number, error: MemcacheError): void {
    this.#errors ??= new Map();
    this.#errors.set(tag, error);
    this.#close();
  }

  #looksBack(tag: number): boolean {
    if (this.#lookedBack?.has(tag) === true) return false;
    this.#lookedBack ??= new Set();
    this.#lookedBack.add(tag);
    return this.plan.room.readFormer(this.plan.form, this.#wires[tag], this, tag);
  }

  #close(): void {
    if (--this.#open === 0) this.#finish();
  }

  #finish(): void {
    const errors = this.#errors;
    if (errors === undefined) {
      this.resolve(this.answer());
      return;
    }
    const misses = new Set([...errors.values()].filter((error) => this.isMiss(error)));
    for (const error of misses) this.plan.room.guarded(error);
    const failures = [...errors].filter(([, error]) => !misses.has(error));
    if (failures.length === 0) this.resolve(this.answer());
    else {
      const byKey = new Map(failures.map(([tag, error]) => [this.keyOf(tag), error]));
      this.reject(new ManyError(this.hits(), byKey));
    }
  }

  /** The hits by the caller's own keys, in the order of the call. */
  protected hits(): Map<Key, unknown> {
    const hits = new Map<Key, unknown>();
    // Of one key that is named twice the first answer may say more: that the caller has won.
    const told = this.plan.shape !== undefined;
    let onlyText = true;
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[i];
      onlyText &&= typeof key === 'string';
      const value = this.values[i];
      if (value !== undefined && !(told && hits.has(key))) hits.set(key, value);
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

/** Makes a read of many keys; its answer is its own affair. */
export interface MakeManyRead<R> {
  new (
    plan: ReadPlan,
    deadline: number,
    keys: readonly Key[],
    wires: readonly WireKey[],
  ): ManyRead<R>;
  /** The caller's verb, where that of one key is `verb`. */
  verbFor(verb: string): string;
}

/** `getMany` and `getsMany`. */
export class MapRead<T> extends ManyRead<Map<Key, T>> {
  protected answer(): Map<Key, T> {
    return this.hits() as Map<Key, T>;
  }
}

/** `getValues`. */
export class ArrayRead<T> extends ManyRead<(T | undefined)[]> {
  static override verbFor(): string {
    return 'getValues';
  }

  protected answer(): (T | undefined)[] {
    return this.values as (T | undefined)[];
  }
}
