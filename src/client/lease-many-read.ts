import { MemcacheError } from '../errors.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { Look } from '../stampede/look.ts';
import { type LeaseQuestion, NO_ITEM, unreadable } from './lease-question.ts';
import { ManyRead } from './many-read.ts';

/** Looks at many keys: by place, what was found or why it is not known. */
export class LeaseManyRead extends ManyRead<readonly (Look | MemcacheError)[]> {
  readonly #looks = new Map<number, Look>();

  override item(tag: number, item: ItemView): void {
    const look = (this.plan.shape as LeaseQuestion['shape']).about(item);
    this.#looks.set(tag, look);
    if (look.kind === 'value') this.decode(tag, item, look);
    else this.hit(tag, undefined, look);
  }

  override miss(tag: number): void {
    const look = this.#looks.get(tag);
    if (look !== undefined) this.hit(tag, undefined, unreadable(look));
    else if (this.plan.form.metaOnly) this.hit(tag, undefined, NO_ITEM);
    else super.miss(tag);
  }

  protected answer(): readonly (Look | MemcacheError)[] {
    return this.values.map((found) => (found ?? NO_ITEM) as Look | MemcacheError);
  }

  protected override failed(tag: number, error: MemcacheError): void {
    const look = error.code === 'ERR_MEMCACHE_DECODE' ? this.#looks.get(tag) : undefined;
    const found = look === undefined ? error : { ...unreadable(look), failure: error };
    this.hit(tag, undefined, found);
  }

  protected override shaped(value: unknown, about: unknown): unknown {
    if (about instanceof MemcacheError || value === undefined) return about;
    (about as Look).value = value;
    return about;
  }

  protected override get repeatsAs(): string {
    return this.plan.form.verb;
  }
}
