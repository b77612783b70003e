import type { Arena, ArenaPool } from './arena.ts';
import type { Key } from './checksum.ts';
import { asMemcacheError, decodeError } from './codec-errors.ts';
import type { CodecMetrics } from './codec-metrics.ts';
import type { CodecName } from './codec-name.ts';
import { ownKey } from './encode-work.ts';
import { CHECKSUM } from './flags.ts';
import type { MemcacheError } from '../errors.ts';
import type { Shard, ShardWork } from './shard-lane.ts';
import {
  IN_ARENA,
  IN_OVERFLOW,
  IN_VALUES,
  LENGTH,
  OFFSET,
  OUTCOME,
  type ShardAnswer,
  type ShardTask,
} from './shard-messages.ts';

export type DecodeDone = (error: MemcacheError | undefined, value: unknown) => void;

/** An item on its way into a value; its bytes are in the shard's arena since it was added. */
export interface DecodeEntry {
  readonly flags: number;
  readonly offset: number;
  readonly length: number;
  readonly key: Key;
  readonly done: DecodeDone;
}

export interface DecodeWorkParts {
  readonly arenas: ArenaPool;
  readonly metrics: CodecMetrics;
  /** Who decodes, where the worker answers values. */
  readonly codec: CodecName | undefined;
  readonly sendsKeys: boolean;
  /** Item to value, inline; nothing in the value may alias the item. */
  inline(item: Buffer, flags: number, key: Key): unknown;
  /** Bytes a worker has unwrapped, to a value that does not alias them. */
  revive(plain: Buffer, flags: number): unknown;
  inlineNeeds(): Promise<void> | undefined;
}

/** Stored items into the arena, plain bytes out of it, copied or parsed into values in one go. */
export class DecodeWork implements ShardWork<DecodeEntry> {
  /** The worker answers values instead of bytes. */
  whole = false;
  readonly #parts: DecodeWorkParts;

  constructor(parts: DecodeWorkParts) {
    this.#parts = parts;
  }

  inlineNeeds(): Promise<void> | undefined {
    return this.#parts.inlineNeeds();
  }

  fill(shard: Shard<DecodeEntry>): ShardTask | undefined {
    const arena = shard.arena as Arena;
    shard.entries.forEach((entry, row) => {
      arena.setRow(row, entry.offset, entry.length, entry.flags);
    });
    const { whole } = this;
    const { codec } = this.#parts;
    const sendsKeys = this.#parts.sendsKeys || shard.entries.some(isSealed);
    return {
      job: whole ? 'decode' : 'unwrap',
      arena: arena.shared,
      rows: shard.entries.length,
      freeFrom: arena.end,
      ...(codec !== undefined && { codec }),
      ...(sendsKeys && { keys: shard.entries.map((entry) => ownKey(entry.key)) }),
    };
  }

  read(shard: Shard<DecodeEntry>, row: number, answer: ShardAnswer & { ok: true }): boolean {
    const arena = shard.arena as Arena;
    const entry = shard.entries[row];
    const offset = arena.cell(row, OFFSET);
    const end = offset + arena.cell(row, LENGTH);
    switch (arena.cell(row, OUTCOME)) {
      case IN_VALUES:
        this.#settle(entry, () => withBuffers(answer.values?.[row]));
        return true;
      case IN_ARENA:
        this.#settle(entry, () =>
          this.#parts.revive(arena.bytes.subarray(offset, end), entry.flags),
        );
        return true;
      case IN_OVERFLOW: {
        const plain = Buffer.from(answer.overflow as SharedArrayBuffer, offset, end - offset);
        this.#settle(entry, () => this.#parts.revive(plain, entry.flags));
        return true;
      }
      default:
        return false;
    }
  }

  inline(shard: Shard<DecodeEntry>, entry: DecodeEntry): void {
    const { bytes } = shard.arena as Arena;
    let value: unknown;
    try {
      value = this.#parts.inline(
        bytes.subarray(entry.offset, entry.offset + entry.length),
        entry.flags,
        entry.key,
      );
    } catch (error) {
      entry.done(asDecodeError(error), undefined);
      return;
    }
    this.#parts.metrics.decodedInline++;
    entry.done(undefined, value);
  }

  refuse({ done }: DecodeEntry): void {
    done(decodeError('the stored item takes more memory than a worker may have'), undefined);
  }

  #settle(entry: DecodeEntry, decode: () => unknown): void {
    let value: unknown;
    try {
      value = decode();
    } catch (error) {
      entry.done(asDecodeError(error), undefined);
      return;
    }
    this.#parts.metrics.decodedInPool++;
    entry.done(undefined, value);
  }
}

const isSealed = ({ flags }: DecodeEntry): boolean => (flags & CHECKSUM) !== 0;

export function asDecodeError(error: unknown): MemcacheError {
  return asMemcacheError(error, () => decodeError('the stored item cannot be decoded'));
}

/** A Buffer comes out of a clone as a Uint8Array. */
function withBuffers(value: unknown): unknown {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.length)
    : value;
}
