import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { asSent } from '../retry/policy.ts';
import { type Key, Read, type ReadPlan } from './read.ts';

/** `get` and `gets` of one key. */
export class SingleRead<T> extends Read<T | undefined> {
  readonly #key: Key;
  readonly #wire: WireKey;
  #attempt = 1;
  #tried: readonly string[] | undefined;
  #lookedBack = false;

  constructor(plan: ReadPlan, deadline: number, key: Key, wire: WireKey) {
    super(plan, deadline);
    this.#key = key;
    this.#wire = wire;
  }

  triedAt(): readonly string[] | undefined {
    return this.#tried;
  }

  miss(): void {
    const { room, form } = this.plan;
    if (room.moving && !this.#lookedBack) {
      this.#lookedBack = true;
      if (room.readFormer(form, this.#wire, this, 0)) return;
    }
    this.missed();
  }

  fail(_tag: number, error: MemcacheError): void {
    const { room, form } = this.plan;
    if (this.settled) return;
    if (this.#lookedBack) {
      // Its own server has said that there is nothing.
      room.guarded(error);
      this.missed();
      return;
    }
    const sent = this.sent === 'no' ? error.sent : 'maybe';
    const failed = {
      error,
      verb: this.repeatsAs,
      attempt: this.#attempt,
      deadline: this.deadline,
      sent,
    };
    const again = (): void => {
      this.#attempt++;
      this.#tried = room.triedToo(this.#tried, error);
      if (!this.settled) room.read(form, this.#wire, this, 0);
    };
    if (room.again(failed, again)) return;
    this.failed(0, this.sent === 'no' ? error : asSent(error));
  }

  override abandon(error: MemcacheError): void {
    this.failed(0, error);
  }

  protected keyOf(): Key {
    return this.#key;
  }

  /** There is nothing, wherever it might have been. */
  protected missed(): void {
    this.resolve(undefined);
  }

  protected hit(_tag: number, value: unknown, about: unknown): void {
    this.resolve(this.shaped(value, about) as T);
  }

  protected failed(_tag: number, error: MemcacheError): void {
    if (!this.isMiss(error)) this.reject(error);
    else {
      this.plan.room.guarded(error);
      this.resolve(undefined);
    }
  }
}
