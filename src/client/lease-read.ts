import type { MemcacheError } from '../errors.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { Look } from '../stampede/look.ts';
import { type LeaseQuestion, NO_ITEM, unreadable } from './lease-question.ts';
import { SingleRead } from './single-read.ts';

/** Makes the caller's answer of whatever comes of a read. */
export interface ReadEnd<R> {
  readonly signal: AbortSignal | undefined;
  /** A value that is fresh is the answer as it is. Otherwise `found` is told of every item. */
  readonly takesFresh: boolean;
  /** Told in the moment an item comes, before its value is decoded; whether the value is wanted. */
  sighted(look: Look): boolean;
  found(look: Look): R | Promise<R>;
  /** `look` is given where an item came that cannot be decoded. May throw. */
  failed(error: MemcacheError, look: Look | undefined): R | Promise<R>;
}

/** A read of one key whose answer is another's affair. */
export class LeaseRead<R> extends SingleRead<R> {
  end!: ReadEnd<R>;
  /** The item that came, or its cas token where that is all there is to know. */
  #seen: Look | string | undefined;

  override item(tag: number, item: ItemView): void {
    const shape = this.plan.shape as LeaseQuestion['shape'];
    if (this.end.takesFresh && shape.isFresh(item)) {
      this.#seen = item.cas;
      this.decode(tag, item, undefined);
      return;
    }
    const look = shape.about(item);
    this.#seen = look;
    if (this.end.sighted(look) && look.kind === 'value') this.decode(tag, item, look);
    else this.#answer(this.end.found(look));
  }

  /** With a lease asked for, nothing is known of a former server, and none is to be taken there. */
  override miss(): void {
    const unread = this.#unread();
    if (unread !== undefined) this.#answer(this.end.found(unread));
    else if (this.plan.form.metaOnly) this.missed();
    else super.miss();
  }

  protected override missed(): void {
    this.#answer(this.end.found(NO_ITEM));
  }

  protected override hit(_tag: number, value: unknown, look: unknown): void {
    if (look === undefined) this.resolve(value as R);
    else {
      (look as Look).value = value;
      this.#answer(this.end.found(look as Look));
    }
  }

  protected override failed(_tag: number, error: MemcacheError): void {
    const unread = error.code === 'ERR_MEMCACHE_DECODE' ? this.#unread() : undefined;
    try {
      this.#answer(this.end.failed(error, unread));
    } catch (failure) {
      this.reject(failure as MemcacheError);
    }
  }

  /** A lease that was won and lost on the way ends by itself. */
  protected override get repeatsAs(): string {
    return this.plan.form.verb;
  }

  /** The item that came, if one did, as one that cannot be decoded. */
  #unread(): Look | undefined {
    return this.#seen === undefined ? undefined : unreadable(this.#seen);
  }

  /** A promise settles as the answer's own does. */
  #answer(answer: R | Promise<R>): void {
    this.resolve(answer as R);
  }
}
