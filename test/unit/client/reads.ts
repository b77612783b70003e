import { DeadlineKeeper } from '../../../src/client/deadline-keeper.ts';
import type { ReadPlan, ReadRoom } from '../../../src/client/read.ts';
import { ValueCodec } from '../../../src/codec/value-codec.ts';
import type { FailedOperation } from '../../../src/client/retries.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { MetaFlags } from '../../../src/protocol/meta-flags.ts';
import type { ItemView } from '../../../src/protocol/reply.ts';
import { GET, type ReadForm } from '../../../src/server/read-form.ts';
import { timedOut } from '../../../src/server/refusals.ts';

/** What a read asked of its room, and what it told it. */
export class Room implements ReadRoom {
  readonly triedToo = (): undefined => undefined;
  readonly codecWait: DeadlineKeeper = new DeadlineKeeper(new Ticker(), (sent) =>
    timedOut('codec', 'the worker pool', sent),
  );
  readonly onUnreadable: 'miss' | 'error';
  readonly asked: { verb: string; key: string; tag: number }[] = [];
  readonly unreadables: { flags: number; bytes: number; error: MemcacheError }[] = [];
  readonly guards: MemcacheError[] = [];
  readonly failures: Omit<FailedOperation, 'elsewhere'>[] = [];
  /** Keys have moved lately. */
  moving = false;
  /** There is a former server of every key. */
  former = true;
  readonly lookedBack: { verb: string; key: string; tag: number }[] = [];
  readonly #attempts: number;

  constructor(options: { onUnreadable?: 'miss' | 'error'; attempts?: number } = {}) {
    this.onUnreadable = options.onUnreadable ?? 'miss';
    this.#attempts = options.attempts ?? 1;
  }

  read({ verb }: ReadForm, key: string, _sink: unknown, tag: number): void {
    this.asked.push({ verb, key, tag });
  }

  readFormer({ verb }: ReadForm, key: string, _sink: unknown, tag: number): boolean {
    if (this.former) this.lookedBack.push({ verb, key, tag });
    return this.former;
  }

  again(failed: Omit<FailedOperation, 'elsewhere'>, operation: () => void): boolean {
    this.failures.push(failed);
    if (failed.attempt >= this.#attempts) return false;
    operation();
    return true;
  }

  unreadable(item: { flags: number; bytes: number; error: MemcacheError }): void {
    this.unreadables.push(item);
  }

  guarded(error: MemcacheError): void {
    this.guards.push(error);
  }
}

const PLAIN = {
  form: GET,
  shape: undefined,
  onError: 'throw',
  emptyIsNothing: true,
  outIsMiss: false,
  bulk: false,
  routeBy: undefined,
} as const;

export function planOf(room: Room, options: Partial<ReadPlan> = {}): ReadPlan {
  const codec = new ValueCodec({ offload: 'never' });
  return { room, codec, ...PLAIN, ...options };
}

/** An item in the midst of other bytes. */
export function viewOf(text: string, flags = 16, cas = ''): ItemView {
  const bytes = Buffer.from(`<<${text}>>`);
  return {
    flags,
    bytes,
    start: 2,
    end: bytes.length - 2,
    cas,
    owned: false,
    facts: new MetaFlags(),
  };
}
