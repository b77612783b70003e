import type { Arena, ArenaPool } from './arena.ts';
import type { Key } from './checksum.ts';
import type { EncodedValue } from './codec.ts';
import { asMemcacheError, encodeError } from './codec-errors.ts';
import type { CodecMetrics } from './codec-metrics.ts';
import type { CodecName } from './codec-name.ts';
import type { MemcacheError } from '../errors.ts';
import type { Shard, ShardWork } from './shard-lane.ts';
import {
  FLAGS,
  IN_ARENA,
  IN_OVERFLOW,
  KEPT,
  LENGTH,
  NO_BYTES,
  OFFSET,
  OUTCOME,
  type ShardAnswer,
  type ShardTask,
} from './shard-messages.ts';
import type { CompressionLimits, PlainItem } from './standard-codec.ts';

export type EncodeDone = (
  error: MemcacheError | undefined,
  encoded: EncodedValue | undefined,
) => void;

/** A value on its way into an item. Kept until it is settled, so that the main thread can always do it itself. */
export interface EncodeEntry {
  readonly value: unknown;
  /** Serialized already, or undefined when the worker is to do that too. */
  readonly plain: PlainItem | undefined;
  readonly key: Key;
  readonly done: EncodeDone;
}

export interface EncodeWorkParts {
  readonly arenas: ArenaPool;
  readonly metrics: CodecMetrics;
  /** Who serializes what crosses as a clone. */
  readonly codec: CodecName | undefined;
  readonly sendsKeys: boolean;
  inline(entry: EncodeEntry): EncodedValue;
  inlineNeeds(): Promise<void> | undefined;
}

/** Serialized values into the arena, compressed ones out of it; the socket reads them there. */
export class EncodeWork implements ShardWork<EncodeEntry> {
  /** By what workers compress, where that is not what they were started with. */
  limits: CompressionLimits | undefined;
  readonly #parts: EncodeWorkParts;

  constructor(parts: EncodeWorkParts) {
    this.#parts = parts;
  }

  inlineNeeds(): Promise<void> | undefined {
    return this.#parts.inlineNeeds();
  }

  fill(shard: Shard<EncodeEntry>): ShardTask | undefined {
    // Room for inputs and outputs: what compression does not make smaller is not written back.
    const { arenas, codec, sendsKeys } = this.#parts;
    const arena = arenas.take(shard.bytes * 2);
    if (arena === undefined) return undefined;
    shard.arena = arena;
    const values: unknown[] = [];
    for (const [row, entry] of shard.entries.entries()) {
      if (!fillRow(arena, row, entry, values)) return undefined;
    }
    return {
      job: 'encode',
      arena: arena.shared,
      rows: shard.entries.length,
      freeFrom: arena.end,
      ...(codec !== undefined && { codec }),
      ...(values.length > 0 && { values }),
      ...(sendsKeys && { keys: shard.entries.map((entry) => ownKey(entry.key)) }),
      ...(this.limits !== undefined && { limits: this.limits }),
    };
  }

  read(shard: Shard<EncodeEntry>, row: number, answer: ShardAnswer & { ok: true }): boolean {
    const encoded = this.#encodedOf(shard, row, answer);
    if (encoded === undefined) return false;
    this.#parts.metrics.encodedInPool++;
    shard.entries[row].done(undefined, encoded);
    return true;
  }

  inline(_shard: Shard<EncodeEntry>, entry: EncodeEntry): void {
    let encoded: EncodedValue;
    try {
      encoded = this.#parts.inline(entry);
    } catch (error) {
      entry.done(
        asMemcacheError(error, () => encodeError('the value cannot be encoded')),
        undefined,
      );
      return;
    }
    this.#parts.metrics.encodedInline++;
    entry.done(undefined, encoded);
  }

  refuse({ done }: EncodeEntry): void {
    done(encodeError('the value takes more memory than a worker may have'), undefined);
  }

  #encodedOf(
    shard: Shard<EncodeEntry>,
    row: number,
    answer: ShardAnswer & { ok: true },
  ): EncodedValue | undefined {
    const arena = shard.arena as Arena;
    const offset = arena.cell(row, OFFSET);
    const end = offset + arena.cell(row, LENGTH);
    const flags = arena.cell(row, FLAGS) >>> 0;
    switch (arena.cell(row, OUTCOME)) {
      case KEPT:
        return shard.entries[row].plain;
      case IN_ARENA:
        return { flags, data: arena.bytes.subarray(offset, end), release: this.#holdArena(arena) };
      case IN_OVERFLOW:
        return {
          flags,
          data: Buffer.from(answer.overflow as SharedArrayBuffer, offset, end - offset),
        };
      default:
        return undefined;
    }
  }

  /** The arena is free again when each output in it has been let go; letting go twice counts once. */
  #holdArena(arena: Arena): () => void {
    let held = true;
    arena.holds++;
    return () => {
      if (!held) return;
      held = false;
      this.#parts.arenas.release(arena);
    };
  }
}

function fillRow(arena: Arena, row: number, entry: EncodeEntry, values: unknown[]): boolean {
  const { plain } = entry;
  if (plain === undefined) {
    arena.setRow(row, 0, NO_BYTES, 0);
    values[row] = ownBytes(entry.value);
    return true;
  }
  if (!arena.fits(byteLength(plain.data))) return false;
  const offset = arena.end;
  arena.setRow(row, offset, arena.append(plain.data), plain.flags);
  return true;
}

/** Cloning a view clones the whole buffer under it. */
function ownBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

export function ownKey(key: Key): Key {
  return typeof key === 'string' ? key : new Uint8Array(key);
}

export function byteLength(data: string | Uint8Array): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length;
}
