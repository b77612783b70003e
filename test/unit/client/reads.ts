import { CodecWait } from '../../../src/client/codec-wait.ts';
import type { ReadPlan, ReadRoom } from '../../../src/client/read.ts';
import { ValueCodec } from '../../../src/codec/value-codec.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import type { ItemView } from '../../../src/protocol/reply.ts';

/** What a read asked of its room, and what it told it. */
export class Room implements ReadRoom {
  readonly codecWait: CodecWait = new CodecWait(new Ticker());
  readonly onUnreadable: 'miss' | 'error';
  readonly asked: { verb: string; key: string; tag: number }[] = [];
  readonly unreadables: { flags: number; bytes: number; error: MemcacheError }[] = [];
  readonly guards: MemcacheError[] = [];
  readonly #attempts: number;

  constructor(options: { onUnreadable?: 'miss' | 'error'; attempts?: number } = {}) {
    this.onUnreadable = options.onUnreadable ?? 'miss';
    this.#attempts = options.attempts ?? 1;
  }

  read(verb: string, key: string, _sink: unknown, tag: number): void {
    this.asked.push({ verb, key, tag });
  }

  retries(_error: MemcacheError, attempt: number): boolean {
    return attempt < this.#attempts;
  }

  unreadable(item: { flags: number; bytes: number; error: MemcacheError }): void {
    this.unreadables.push(item);
  }

  guarded(error: MemcacheError): void {
    this.guards.push(error);
  }
}

export function planOf(room: Room, options: Partial<ReadPlan> = {}): ReadPlan {
  const codec = new ValueCodec({ offload: 'never' });
  return { room, codec, verb: 'get', onError: 'throw', bulk: false, ...options };
}

/** An item in the midst of other bytes. */
export function viewOf(text: string, flags = 16, cas = ''): ItemView {
  const bytes = Buffer.from(`<<${text}>>`);
  return { flags, bytes, start: 2, end: bytes.length - 2, cas, owned: false };
}
