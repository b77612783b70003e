import type { MemcacheError } from '../errors.ts';
import { isAsLongAsItSays } from '../primitives/bytes.ts';
import { CHECKSUM_BYTES, checkSeal, type Key, seal } from './checksum.ts';
import type { EncodedValue } from './codec.ts';
import { cannotStore, decodeError } from './codec-errors.ts';
import type { CodecName } from './codec-name.ts';
import type { ResolvedCodecOptions } from './codec-options.ts';
import {
  compress,
  compressByOwn,
  compressionNamed,
  decompress,
  decompressByOwn,
} from './compressor.ts';
import {
  BYTES,
  CHECKSUM,
  type Compression,
  composeFlags,
  compressionOf,
  EMPTY,
  INTEGER,
  JSON_TEXT,
  type Kind,
  kindOf,
  LONG,
  MSGPACK,
  OWN,
  TEXT,
  V8,
} from './flags.ts';
import { json } from './json-text.ts';
import { copyBytes, decodePlain } from './plain.ts';
import { pack, prepareMsgpack } from './serializer.ts';
import { deserializeV8, serializeV8 } from './v8-format.ts';
import { refuseForeign, refuseMeaningless, refuseOther, wellFormed } from './value-format.ts';

/** A serialized value before compression and checksum: flags are its kind. */
export interface PlainItem extends EncodedValue {
  readonly flags: Kind;
}

/** What a worker can have as well: it knows no functions. */
export type StandardOptions = Pick<
  ResolvedCodecOptions,
  | 'format'
  | 'codec'
  | 'compressor'
  | 'compressFromBytes'
  | 'minGain'
  | 'maxDecompressedBytes'
  | 'checksum'
>;

/** What the server can count: beyond 2^53 a counter is a bigint. */
const LARGEST_COUNT = 2n ** 64n - 1n;

/** UTF-8 takes at most three bytes per code unit. */
const MOST_BYTES_PER_UNIT = 3;

/** What decides whether a value is compressed, and the result kept. */
export type CompressionLimits = Pick<StandardOptions, 'compressFromBytes' | 'minGain'>;

/**
 * The product's own format, pymemcache's or pylibmc's: value to item and back in two steps each, so that a worker can
 * do one.
 */
export class StandardCodec {
  #options: StandardOptions;
  readonly #codec: CodecName | undefined;
  readonly #compression: Compression;
  /** pylibmc calls every integer a long; all of these formats read both. */
  readonly #integer: typeof INTEGER | typeof LONG;
  /** The only kind that is written, and what every other is read as. */
  readonly #only: typeof TEXT | typeof BYTES | undefined;
  readonly #noBytes: typeof EMPTY | typeof BYTES;
  /** Nothing is done to values that are certainly smaller. */
  #plainBelow: number;

  constructor(options: StandardOptions) {
    const { codec, compressor, format, checksum } = options;
    this.#options = options;
    this.#codec = typeof codec === 'string' ? codec : undefined;
    this.#compression = compressionNamed(compressor);
    this.#integer = format === 'pylibmc' ? LONG : INTEGER;
    this.#only = codec === 'string' ? TEXT : codec === 'buffer' ? BYTES : undefined;
    // Under a checksum there are some.
    this.#noBytes = format === 'memvolley' && !checksum ? EMPTY : BYTES;
    this.#plainBelow = plainBelow(options);
  }

  /** Compresses by these from now on. */
  retune({ compressFromBytes, minGain }: CompressionLimits): void {
    this.#options = { ...this.#options, compressFromBytes, minGain };
    this.#plainBelow = plainBelow(this.#options);
  }

  /** Loads what objects are packed with. Throws ERR_MEMCACHE_UNSUPPORTED where that is not installed. */
  prepare(): void {
    const { format, codec } = this.#options;
    if (format === 'memvolley' && (codec === undefined || codec === 'msgpack')) prepareMsgpack();
  }

  encode(value: unknown, key: Key): EncodedValue {
    return this.finish(this.serialize(value), key);
  }

  /** A string with a lone surrogate is refused: no UTF-8 brings it back. */
  serialize(value: unknown): PlainItem {
    if (this.#only !== undefined) refuseOther(this.#codec, value);
    if (typeof value === 'string') {
      return { flags: TEXT, data: wellFormed(value) };
    }
    if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
      return { flags: this.#integer, data: String(value) };
    }
    if (value instanceof Uint8Array) {
      if (!isAsLongAsItSays(value)) throw cannotStore('bytes that tell a false length');
      return { flags: value.length === 0 ? this.#noBytes : BYTES, data: value };
    }
    if (typeof value === 'bigint' && this.#isDigits(value))
      return { flags: this.#integer, data: String(value) };
    return this.#serializeObject(value);
  }

  /** In this client's own format they are what the server can count; v8 keeps every bigint as it is. */
  #isDigits(value: bigint): boolean {
    if (this.#options.format !== 'memvolley') return true;
    return this.#codec !== 'v8' && value >= 0n && value <= LARGEST_COUNT;
  }

  #serializeObject(value: unknown): PlainItem {
    const { format, maxDecompressedBytes } = this.#options;
    refuseMeaningless(value);
    if (format !== 'memvolley') {
      if (this.#codec === 'json') return { flags: TEXT, data: json(value) };
      return refuseForeign(format, 'bytes, text and integers', value);
    }
    if (this.#codec === 'json') return { flags: JSON_TEXT, data: json(value) };
    if (this.#codec === 'v8') return { flags: V8, data: serializeV8(value, maxDecompressedBytes) };
    return { flags: MSGPACK, data: pack(value) };
  }

  /** Whether `finish` has compressing to do. */
  compresses(plain: PlainItem): boolean {
    const { data } = plain;
    const least = this.#options.compressFromBytes;
    if (this.#compression === 0 || plain.flags === INTEGER || plain.flags === LONG) return false;
    if (data.length === 0) return false;
    if (typeof data !== 'string' || data.length >= least) return data.length >= least;
    return data.length * MOST_BYTES_PER_UNIT >= least && Buffer.byteLength(data) >= least;
  }

  finish(plain: PlainItem, key: Key): EncodedValue {
    if (plain.data.length * MOST_BYTES_PER_UNIT < this.#plainBelow) return plain;
    const compressed = this.compresses(plain) ? this.#compress(plain.data) : undefined;
    const unsealed = !this.#options.checksum || plain.flags === INTEGER;
    if (unsealed && plain.flags !== V8) {
      return compressed === undefined
        ? plain
        : { flags: composeFlags(plain.flags, this.#compression, false), data: compressed };
    }
    const flags = composeFlags(plain.flags, compressed === undefined ? 0 : this.#compression, true);
    return { flags, data: seal(compressed ?? plain.data, key) };
  }

  #compress(data: string | Uint8Array): Uint8Array | undefined {
    const { compressor, minGain } = this.#options;
    if (this.#compression === 0) return undefined;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const compressed =
      typeof compressor === 'object'
        ? compressByOwn(compressor, bytes)
        : compress(this.#compression as Exclude<Compression, 0 | typeof OWN>, bytes);
    return compressed.length <= bytes.length * (1 - minGain) ? compressed : undefined;
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
    const kind = this.#kindIn(flags);
    const compression = compressionOf(flags);
    if (kind !== V8 && compression === 0 && (flags & CHECKSUM) === 0)
      return decodePlain(kind, bytes, start, end, owned);
    const plain = this.unwrap(flags, bytes.subarray(start, end), key);
    return this.#decodeWhole(kind, plain, owned || compression !== 0);
  }

  /** What an item is to be read as. */
  #kindIn(flags: number): Kind {
    const kind = kindOf(flags);
    if (kind === undefined) throw unreadable();
    return this.#only ?? kind;
  }

  #decodeWhole(kind: Kind, plain: Buffer, owned: boolean): unknown {
    if (kind === V8) return deserializeV8(plain, this.#options.maxDecompressedBytes);
    return decodePlain(kind, plain, 0, plain.length, owned);
  }

  /** Takes checksum and compression off; the result is a view of the item when it was not compressed. */
  unwrap(flags: number, item: Buffer, key: Key): Buffer {
    const sealed = (flags & CHECKSUM) !== 0;
    if (sealed) checkSeal(item, key);
    const stored = sealed ? item.subarray(CHECKSUM_BYTES) : item;
    const compression = compressionOf(flags);
    return compression === 0 ? stored : this.#decompress(compression, stored);
  }

  #decompress(compression: Exclude<Compression, 0>, stored: Buffer): Buffer {
    const { compressor, maxDecompressedBytes } = this.#options;
    if (compression !== OWN) return decompress(compression, stored, maxDecompressedBytes);
    if (typeof compressor === 'object')
      return decompressByOwn(compressor, stored, maxDecompressedBytes);
    throw decodeError('the stored item is compressed by a compressor that is not configured here');
  }

  /** What a worker has unwrapped, to a value that does not alias it. msgpackr reads strings only from own buffers. */
  revive(flags: number, plain: Buffer): unknown {
    const kind = this.#kindIn(flags);
    const bytes = kind === MSGPACK ? copyBytes(plain, 0, plain.length) : plain;
    return this.#decodeWhole(kind, bytes, false);
  }
}

/** What the flags announce is no format of ours: another client's pickle, Marshal, or a later version. */
export function unreadable(): MemcacheError {
  return decodeError('the stored item has flags of an unknown or refused format');
}

const plainBelow = ({ checksum, codec, compressFromBytes }: StandardOptions): number =>
  checksum || codec === 'v8' ? 0 : compressFromBytes;
