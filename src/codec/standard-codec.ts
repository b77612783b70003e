import type { MemcacheError } from '../errors.ts';
import { CHECKSUM_BYTES, checkSeal, type Key, seal } from './checksum.ts';
import type { EncodedValue } from './codec.ts';
import { decodeError } from './codec-errors.ts';
import type { ResolvedCodecOptions } from './codec-options.ts';
import { compress, decompress } from './compressor.ts';
import {
  BYTES,
  CHECKSUM,
  type Compression,
  composeFlags,
  compressionOf,
  INTEGER,
  type Kind,
  kindOf,
  LONG,
  LZ4,
  MSGPACK,
  TEXT,
  ZLIB,
} from './flags.ts';
import { copyBytes, decodePlain } from './plain.ts';
import { pack } from './serializer.ts';
import { json, refuseForeign, refuseMeaningless, wellFormed } from './value-format.ts';

/** A serialized value before compression and checksum: flags are its kind. */
export interface PlainItem extends EncodedValue {
  readonly flags: Kind;
}

/** What the server can count: beyond 2^53 a counter is a bigint. */
const LARGEST_COUNT = 2n ** 64n - 1n;

/** UTF-8 takes at most three bytes per code unit. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * The product's own format, pymemcache's or pylibmc's: value to item and back in two steps each, so that a worker can
 * do one.
 */
export class StandardCodec {
  readonly #options: ResolvedCodecOptions;
  readonly #compression: Compression;
  /** pylibmc calls every integer a long; all of these formats read both. */
  readonly #integer: typeof INTEGER | typeof LONG;

  constructor(options: ResolvedCodecOptions) {
    this.#options = options;
    this.#compression =
      options.compressor === 'none' ? 0 : options.compressor === 'zlib' ? ZLIB : LZ4;
    this.#integer = options.format === 'pylibmc' ? LONG : INTEGER;
  }

  encode(value: unknown, key: Key): EncodedValue {
    return this.finish(this.serialize(value), key);
  }

  /** A string with a lone surrogate is refused: no UTF-8 brings it back. */
  serialize(value: unknown): PlainItem {
    if (typeof value === 'string') {
      return { flags: TEXT, data: wellFormed(value) };
    }
    if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
      return { flags: this.#integer, data: String(value) };
    }
    if (value instanceof Uint8Array) return { flags: BYTES, data: value };
    if (typeof value === 'bigint' && value >= 0n && value <= LARGEST_COUNT)
      return { flags: this.#integer, data: String(value) };
    return this.#serializeObject(value);
  }

  #serializeObject(value: unknown): PlainItem {
    const { codec, format } = this.#options;
    refuseMeaningless(value);
    if (typeof value === 'bigint' && format !== 'memvolley')
      return { flags: this.#integer, data: String(value) };
    if (codec === 'json') return { flags: TEXT, data: json(value) };
    if (format === 'memvolley') return { flags: MSGPACK, data: pack(value) };
    return refuseForeign(format, 'bytes, text and integers', value);
  }

  /** Whether `finish` has compressing to do. */
  compresses(plain: PlainItem): boolean {
    const { data } = plain;
    const least = this.#options.compressFromBytes;
    if (this.#compression === 0 || plain.flags === INTEGER || plain.flags === LONG) return false;
    if (typeof data !== 'string' || data.length >= least) return data.length >= least;
    return data.length * MOST_BYTES_PER_UNIT >= least && Buffer.byteLength(data) >= least;
  }

  finish(plain: PlainItem, key: Key): EncodedValue {
    const { compressFromBytes } = this.#options;
    const unchanged = !this.#options.checksum || plain.flags === INTEGER;
    if (unchanged && plain.data.length * MOST_BYTES_PER_UNIT < compressFromBytes) return plain;
    const compressed = this.compresses(plain) ? this.#compress(plain.data) : undefined;
    if (unchanged) {
      return compressed === undefined
        ? plain
        : { flags: composeFlags(plain.flags, this.#compression, false), data: compressed };
    }
    const flags = composeFlags(plain.flags, compressed === undefined ? 0 : this.#compression, true);
    return { flags, data: seal(compressed ?? plain.data, key) };
  }

  #compress(data: string | Uint8Array): Uint8Array | undefined {
    if (this.#compression === 0) return undefined;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const compressed = compress(this.#compression, bytes);
    return compressed.length <= bytes.length * (1 - this.#options.minGain) ? compressed : undefined;
  }

  // oxlint-disable-next-line max-params -- the hot path: an object for the view would be garbage per value
  decode(
    flags: number,
    bytes: Buffer,
    start: number,
    end: number,
    owned: boolean,
    key: Key,
  ): unknown {
    const kind = kindOf(flags);
    if (kind === undefined) throw unreadable();
    const compression = compressionOf(flags);
    if (compression === 0 && (flags & CHECKSUM) === 0)
      return decodePlain(kind, bytes, start, end, owned);
    const plain = this.unwrap(flags, bytes.subarray(start, end), key);
    return decodePlain(kind, plain, 0, plain.length, owned || compression !== 0);
  }

  /** Takes checksum and compression off; the result is a view of the item when it was not compressed. */
  unwrap(flags: number, item: Buffer, key: Key): Buffer {
    const sealed = (flags & CHECKSUM) !== 0;
    if (sealed) checkSeal(item, key);
    const stored = sealed ? item.subarray(CHECKSUM_BYTES) : item;
    const compression = compressionOf(flags);
    return compression === 0
      ? stored
      : decompress(compression, stored, this.#options.maxDecompressedBytes);
  }

  /** What a worker has unwrapped, to a value that does not alias it. msgpackr reads strings only from own buffers. */
  revive(flags: number, plain: Buffer): unknown {
    const kind = kindOf(flags);
    if (kind === undefined) throw unreadable();
    const bytes = kind === MSGPACK ? copyBytes(plain, 0, plain.length) : plain;
    return decodePlain(kind, bytes, 0, bytes.length, false);
  }
}

/** What the flags announce is no format of ours: another client's pickle, Marshal, or a later version. */
export function unreadable(): MemcacheError {
  return decodeError('the stored item has flags of an unknown or refused format');
}
