import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { asSent } from '../retry/policy.ts';
import { type Key, Read, type ReadPlan } from './read.ts';

/** `get` and `gets` of one key. */
export class SingleRead<T> extends Read<T | undefined> {
  readonly #key: Key;
  readonly #wire: WireKey;
  #attempt = 1;

  constructor(plan: ReadPlan, deadline: number, key: Key, wire: WireKey) {
    super(plan, deadline);
    this.#key = key;
    this.#wire = wire;
  }

  miss(): void {
    this.resolve(undefined);
  }

  fail(_tag: number, error: MemcacheError): void {
    const { room, verb } = this.plan;
    if (this.settled) return;
    if (room.retries(error, this.#attempt)) {
      this.#attempt++;
      room.read(verb, this.#wire, this, 0);
    } else this.failed(0, this.sent === 'no' ? error : asSent(error));
  }

  override abandon(error: MemcacheError): void {
    this.failed(0, error);
  }

  protected keyOf(): Key {
    return this.#key;
  }

  protected hit(_tag: number, value: unknown, cas: string): void {
    this.resolve((this.plan.verb === 'gets' ? { value, cas } : value) as T);
  }

  protected failed(_tag: number, error: MemcacheError): void {
    if (this.plan.onError === 'throw' || error.code === 'ERR_MEMCACHE_ABORTED') this.reject(error);
    else {
      this.plan.room.guarded(error);
      this.resolve(undefined);
    }
  }
}
