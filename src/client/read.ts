import { ChecksumMismatchError, type ValueCodec } from '../codec/value-codec.ts';
import { NOTHING, PLACEHOLDER_FLAGS } from '../codec/placeholder.ts';
import type { MemcacheError } from '../errors.ts';
import { Scope } from '../primitives/scope.ts';
import type { WireKey } from '../protocol/key.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { ReadSink } from '../server/sinks.ts';
import type { ReadForm } from '../server/read-form.ts';
import { Call } from './call.ts';
import type { DeadlineKeeper, Waiter } from './deadline-keeper.ts';
import type { FailedOperation } from './retries.ts';

/** A caller's key. */
export type Key = string | Uint8Array;

/** An item with the token a later `cas` needs. The token is opaque. */
export interface WithCas<T> {
  /** As `get` answers it. */
  readonly value: T;
  /** To be given to `cas`; it is another one as soon as the item is stored anew. */
  readonly cas: string;
}

/** A read's sink, which also knows where its keys are. */
export interface PlacedSink extends ReadSink {
  /** The key that says which server. */
  placedBy(tag: number): Key;
  /** Servers it is not to be read from, because that has failed. */
  triedAt(tag: number): readonly string[] | undefined;
}

/** What reads need of the client. */
export interface ReadRoom {
  readonly codecWait: DeadlineKeeper;
  readonly onUnreadable: 'miss' | 'error';
  /** Keys have moved lately: a miss may look once where the key was before. */
  readonly moving: boolean;
  read(form: ReadForm, key: WireKey, sink: PlacedSink, tag: number): void;
  /** Asks the server that had the key before; false if there is none. */
  readFormer(form: ReadForm, key: WireKey, sink: PlacedSink, tag: number): boolean;
  /** Where a read has been tried, with the server that failed it now; undefined where it may go there again. */
  triedToo(
    tried: readonly string[] | undefined,
    error: MemcacheError,
  ): readonly string[] | undefined;
  /** Runs `operation` for another attempt, now or after a pause; false if the read has failed for good. */
  again(failed: Omit<FailedOperation, 'elsewhere'>, operation: () => void): boolean;
  unreadable(item: { flags: number; bytes: number; error: MemcacheError }): void;
  /** A failed read is answered as a miss. */
  guarded(error: MemcacheError): void;
}

/** What a caller is given of an item beside its value, or instead of it. */
export interface ReadShape {
  /** What is kept of the item itself; the view is valid inside the call only. */
  about(item: ItemView): unknown;
  answer(value: unknown, about: unknown): unknown;
  /** Whether an item without a value, a placeholder, is an answer; otherwise it is a miss. */
  readonly placeholders: boolean;
}

/** How one read is to be done. */
export interface ReadPlan {
  readonly room: ReadRoom;
  readonly codec: ValueCodec;
  readonly form: ReadForm;
  /** What the caller is given beside the value; undefined for the value alone. */
  readonly shape: ReadShape | undefined;
  readonly onError: 'throw' | 'miss';
  /** An item without flags and bytes is no value of this codec, but what an unfinished lease leaves. */
  readonly emptyIsNothing: boolean;
  /** A key whose server is out is a miss, whatever `onError` says. */
  readonly outIsMiss: boolean;
  readonly bulk: boolean;
  /** Places every key of the call, instead of the keys themselves. */
  readonly routeBy: Key | undefined;
}

/** Of reads whose codec is the caller's own code, which is to find the caller's stores: the others pay nothing for it. */
const scopes = new WeakMap<object, Scope>();

/** A read of one key or of many, up to the decoded values. */
export abstract class Read<R> extends Call<R> implements PlacedSink {
  protected readonly plan: ReadPlan;

  constructor(plan: ReadPlan, deadline: number) {
    super(deadline);
    this.plan = plan;
    if (plan.codec.isUsersOwn) scopes.set(this, new Scope());
  }

  get bulk(): boolean {
    return this.plan.bulk;
  }

  placedBy(tag: number): Key {
    return this.plan.routeBy ?? this.keyOf(tag);
  }

  item(tag: number, item: ItemView): void {
    const { shape } = this.plan;
    const { start, end } = item;
    const about = shape === undefined ? undefined : shape.about(item);
    if (start === end && this.#isPlaceholder(item)) {
      if (shape?.placeholders === true) this.hit(tag, undefined, about);
      else this.miss(tag);
      return;
    }
    this.decode(tag, item, about);
  }

  /** Tells of an item that holds a value, now or once a worker has decoded it. */
  protected decode(tag: number, item: ItemView, about: unknown): void {
    const { codec } = this.plan;
    const { flags, bytes, start, end } = item;
    if (codec.offloadsDecode(flags, end - start)) {
      this.#decodeLater(tag, item, about);
      return;
    }
    let value: unknown;
    try {
      value = codec.isUsersOwn
        ? this.#decodeWithin(tag, item)
        : codec.decode(flags, bytes, start, end, item.owned, this.keyOf(tag));
    } catch (error) {
      this.#undecodable(tag, error as MemcacheError, { flags, bytes: end - start });
      return;
    }
    this.hit(tag, value, about);
  }

  abstract triedAt(tag: number): readonly string[] | undefined;
  abstract miss(tag: number): void;
  abstract fail(tag: number, error: MemcacheError): void;
  protected abstract keyOf(tag: number): Key;
  protected abstract hit(tag: number, value: unknown, about: unknown): void;

  /** What the caller is given. */
  protected shaped(value: unknown, about: unknown): unknown {
    const { shape } = this.plan;
    return shape === undefined ? value : shape.answer(value, about);
  }
  protected abstract failed(tag: number, error: MemcacheError): void;

  /** The verb that says whether it may be done twice. */
  protected get repeatsAs(): string {
    return this.plan.form.repeatsAs;
  }

  /** Whether a failure is to be answered as a miss. The caller who aborted knows better. */
  protected isMiss({ code }: MemcacheError): boolean {
    if (this.plan.onError === 'miss') return code !== 'ERR_MEMCACHE_ABORTED';
    return this.plan.outIsMiss && code === 'ERR_MEMCACHE_UNAVAILABLE';
  }

  /** Whether an item without bytes has no value: an answer that leaves it out, or what an unfinished lease leaves. */
  #isPlaceholder({ flags, facts }: ItemView): boolean {
    if (!facts.valued || flags === NOTHING) return true;
    const { emptyIsNothing, shape } = this.plan;
    return (
      flags === PLACEHOLDER_FLAGS &&
      (emptyIsNothing || (shape?.placeholders === true && (facts.won || facts.lost)))
    );
  }

  #decodeWithin(tag: number, { flags, bytes, start, end, owned }: ItemView): unknown {
    const { codec } = this.plan;
    const key = this.keyOf(tag);
    return scopes.get(this)?.run(() => codec.decode(flags, bytes, start, end, owned, key));
  }

  #decodeLater(tag: number, item: ItemView, about: unknown): void {
    const { flags, bytes, start, end, owned } = item;
    const isSettled = (): boolean => this.settled;
    const waiter: Waiter = {
      deadline: this.deadline,
      get settled() {
        return isSettled();
      },
      sent: 'yes',
      fail: (_tag, error) => this.failed(tag, error),
    };
    const stillWaits = this.plan.room.codecWait.add(waiter, tag);
    this.plan.codec.decodeLater(
      flags,
      bytes,
      start,
      end,
      owned,
      this.keyOf(tag),
      (error, value) => {
        if (!stillWaits()) return;
        if (error === undefined) this.hit(tag, value, about);
        else this.#undecodable(tag, error, { flags, bytes: end - start });
      },
    );
  }

  /**
   * What nobody here can read is a miss, unless the caller wants to know. Damage is never a miss, nor what could be read
   * if a package were there.
   */
  #undecodable(tag: number, error: MemcacheError, item: { flags: number; bytes: number }): void {
    const { room } = this.plan;
    room.unreadable({ ...item, error });
    const tells =
      error instanceof ChecksumMismatchError || error.code === 'ERR_MEMCACHE_UNSUPPORTED';
    if (tells || room.onUnreadable === 'error') this.failed(tag, error);
    else this.miss(tag);
  }
}
