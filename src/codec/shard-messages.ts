import type { Key } from './checksum.ts';
import type { CodecName } from './codec-name.ts';
import type { CompressorName } from './compressor.ts';
import type { CompressionLimits, StandardOptions } from './standard-codec.ts';

/*
 * What crosses the thread border: plain data and shared arenas. An arena begins with a table, one row per entry:
 *
 *   offset | length | flags | outcome        (four 32-bit integers)
 *
 * The main thread writes offset, length and flags of the input; length NO_BYTES means the entry is `values[row]`.
 * The worker reads everything below `freeFrom`, writes bytes only from there on, and replaces the row by its output.
 */
export const ROW_INTS = 4;
export const ROW_BYTES: number = ROW_INTS * 4;
export const OFFSET = 0;
export const LENGTH = 1;
export const FLAGS = 2;
export const OUTCOME = 3;
export const NO_BYTES = -1;

/** Nobody has begun it. */
export const UNTOUCHED = -1;
/** A worker is at it: when it died for want of memory, it was over this one. */
export const BEGUN = 5;
/** The worker could not: the main thread does it itself, and finds the error if there is one. */
export const FAILED = 0;
/** Encoding changed nothing: the item is the input. */
export const KEPT = 1;
/** The output is in the arena. */
export const IN_ARENA = 2;
/** The output is in the answer's own buffer, because the arena had no room. */
export const IN_OVERFLOW = 3;
/** The output is `values[row]`. */
export const IN_VALUES = 4;

/** Put in when this package is bundled. */
declare const MEMVOLLEY_VERSION: string | undefined;

/** Of this end of the border: ends of two versions may not understand each other. */
export const VERSION: string =
  typeof MEMVOLLEY_VERSION === 'string' ? MEMVOLLEY_VERSION : 'not bundled';

/** `unwrap` takes off checksum and compression only; `decode` answers values. */
export type Job = 'ping' | 'encode' | 'unwrap' | 'decode';

export interface ShardTask {
  readonly job: Job;
  readonly arena?: SharedArrayBuffer;
  readonly rows: number;
  readonly freeFrom: number;
  /** Who serializes values, and decodes: the codec of that name, or without one the module. */
  readonly codec?: CodecName;
  /** Values to serialize in the pool, by row. */
  readonly values?: unknown[];
  /** Only where the codec asks for keys. */
  readonly keys?: Key[];
  /** Only where they may be others than the worker was started with. */
  readonly limits?: CompressionLimits;
}

export type ShardAnswer =
  | {
      readonly ok: true;
      readonly overflow?: SharedArrayBuffer;
      readonly values?: unknown[];
      /** To a ping. */
      readonly version?: string;
    }
  /** `overran`: the worker ran out of memory, over this shard or over another that it had. */
  | { readonly ok: false; readonly overran?: true };

/** What a worker is started with. */
export interface WorkerSettings {
  /** Without functions, which cannot. */
  readonly options: Omit<StandardOptions, 'codec' | 'compressor'> & {
    readonly compressor: CompressorName | 'none';
  };
  /** Path or URL of the user's codec module. */
  readonly module: string | undefined;
}
