import { ChecksumMismatchError, type ValueCodec } from '../codec/value-codec.ts';
import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { ReadSink } from '../server/sinks.ts';
import type { ReadVerb } from '../server/volley.ts';
import { Call } from './call.ts';
import type { DeadlineKeeper } from './deadline-keeper.ts';
import type { FailedOperation } from './retries.ts';

/** A caller's key. */
export type Key = string | Uint8Array;

/** An item with the token a later `cas` needs. The token is opaque. */
export interface WithCas<T> {
  readonly value: T;
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
  read(verb: ReadVerb, key: WireKey, sink: PlacedSink, tag: number): void;
  /** Asks the server that had the key before; false if there is none. */
  readFormer(verb: ReadVerb, key: WireKey, sink: PlacedSink, tag: number): boolean;
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

/** How one read is to be done. */
export interface ReadPlan {
  readonly room: ReadRoom;
  readonly codec: ValueCodec;
  readonly verb: ReadVerb;
  readonly onError: 'throw' | 'miss';
  /** A key whose server is out is a miss, whatever `onError` says. */
  readonly outIsMiss: boolean;
  readonly bulk: boolean;
  /** Places every key of the call, instead of the keys themselves. */
  readonly routeBy: Key | undefined;
}

/** A read of one key or of many, up to the decoded values. */
export abstract class Read<R> extends Call<R> implements PlacedSink {
  protected readonly plan: ReadPlan;

  constructor(plan: ReadPlan, deadline: number) {
    super(deadline);
    this.plan = plan;
  }

  get bulk(): boolean {
    return this.plan.bulk;
  }

  placedBy(tag: number): Key {
    return this.plan.routeBy ?? this.keyOf(tag);
  }

  item(tag: number, item: ItemView): void {
    const { codec } = this.plan;
    const { flags, bytes, start, end } = item;
    if (codec.offloadsDecode(flags, end - start)) {
      this.#decodeLater(tag, item);
      return;
    }
    let value: unknown;
    try {
      value = codec.decode(flags, bytes, start, end, item.owned, this.keyOf(tag));
    } catch (error) {
      this.#undecodable(tag, error as MemcacheError, { flags, bytes: end - start });
      return;
    }
    this.hit(tag, value, item.cas);
  }

  abstract triedAt(tag: number): readonly string[] | undefined;
  abstract miss(tag: number): void;
  abstract fail(tag: number, error: MemcacheError): void;
  protected abstract keyOf(tag: number): Key;
  protected abstract hit(tag: number, value: unknown, cas: string): void;
  protected abstract failed(tag: number, error: MemcacheError): void;

  /** Whether a failure is to be answered as a miss. The caller who aborted knows better. */
  protected isMiss({ code }: MemcacheError): boolean {
    if (this.plan.onError === 'miss') return code !== 'ERR_MEMCACHE_ABORTED';
    return this.plan.outIsMiss && code === 'ERR_MEMCACHE_UNAVAILABLE';
  }

  #decodeLater(tag: number, item: ItemView): void {
    const { flags, bytes, start, end, cas, owned } = item;
    const stillWaits = this.plan.room.codecWait.add(
      {
        deadline: this.deadline,
        settled: false,
        sent: 'yes',
        fail: (_tag, error) => this.failed(tag, error),
      },
      tag,
    );
    this.plan.codec.decodeLater(
      flags,
      bytes,
      start,
      end,
      owned,
      this.keyOf(tag),
      (error, value) => {
        if (!stillWaits() || this.settled) return;
        if (error === undefined) this.hit(tag, value, cas);
        else this.#undecodable(tag, error, { flags, bytes: end - start });
      },
    );
  }

  /** What nobody here can read is a miss, unless the caller wants to know; damage is never a miss. */
  #undecodable(tag: number, error: MemcacheError, item: { flags: number; bytes: number }): void {
    const { room } = this.plan;
    room.unreadable({ ...item, error });
    if (room.onUnreadable === 'error' || error instanceof ChecksumMismatchError)
      this.failed(tag, error);
    else this.miss(tag);
  }
}
