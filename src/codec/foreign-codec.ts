import type { Key } from './checksum.ts';
import type { EncodedValue } from './codec.ts';
import { decodeError } from './codec-errors.ts';
import type { ResolvedCodecOptions } from './codec-options.ts';
import { dalliFormat } from './dalli-format.ts';
import type { ForeignFormatName, FormatName } from './formats.ts';
import { npmMemcachedFormat } from './npm-memcached-format.ts';
import { phpFormat } from './php-format.ts';
import { rawFormat } from './raw-format.ts';
import { spymemcachedFormat } from './spymemcached-format.ts';
import { type CompressionLimits, unreadable } from './standard-codec.ts';
import { swiftFormat } from './swift-format.ts';
import { coderOf, type ModuleCodec, type UserCodec } from './user-codec.ts';
import {
  type ForeignFormat,
  type ForeignItem,
  type Read,
  readBytes,
  readText,
  refuseMeaningless,
  refuseOther,
} from './value-format.ts';

/** What may be done with objects a format has no place for: `'json'` stores them as JSON text. */
type MakeFormat = (codec: 'json' | undefined) => ForeignFormat;

const FOREIGN: Readonly<Record<ForeignFormatName, MakeFormat>> = {
  raw: rawFormat,
  php: phpFormat,
  dalli: dalliFormat,
  swift: swiftFormat,
  spymemcached: spymemcachedFormat,
  memcached: npmMemcachedFormat,
};

/** What the codecs of one kind read an item as. */
const READERS = { string: readText, buffer: readBytes } as const;

/**
 * Values in the format of another client. Always inline: these formats are for fleets that other languages share,
 * and their compression is zlib at most.
 */
export class ForeignCodec {
  #options: ResolvedCodecOptions;
  readonly #format: ForeignFormat;
  readonly #compressionMask: number;
  /** With `'string'` and `'buffer'`: how every item is read. */
  readonly #reader: Read | undefined;

  constructor(format: ForeignFormatName, options: ResolvedCodecOptions) {
    this.#options = options;
    this.#reader = READERS[options.codec as keyof typeof READERS] as Read | undefined;
    this.#format = FOREIGN[format](options.codec === 'json' ? 'json' : undefined);
    this.#compressionMask = this.#format.compression?.mask ?? 0;
  }

  /** Compresses by these from now on. */
  retune({ compressFromBytes, minGain }: CompressionLimits): void {
    this.#options = { ...this.#options, compressFromBytes, minGain };
  }

  encode(value: unknown, _key: Key): EncodedValue {
    refuseMeaningless(value);
    refuseOther(this.#options.codec, value);
    const item = this.#format.write(value);
    const packed = this.#compress(item);
    return packed ?? { flags: item.flags, data: item.data };
  }

  // oxlint-disable-next-line max-params -- the same shape as StandardCodec
  decode(
    flags: number,
    bytes: Buffer,
    start: number,
    end: number,
    owned: boolean,
    _key: Key,
  ): unknown {
    const counted = flags & this.#format.mask;
    const told = this.#format.readers[counted & ~this.#compressionMask];
    if (told === undefined) throw unreadable();
    const read = this.#reader ?? told;
    const packing = counted & this.#compressionMask;
    if (packing === 0) return read(bytes, start, end, owned);
    const plain = this.#decompress(packing, bytes.subarray(start, end));
    return read(plain, 0, plain.length, true);
  }

  #compress({ flags, data, whole }: ForeignItem): EncodedValue | undefined {
    const { compression } = this.#format;
    const { compressor, compressFromBytes, minGain } = this.#options;
    if (compression === undefined || compressor !== 'zlib' || whole === true) return undefined;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (bytes.length === 0 || bytes.length < compressFromBytes) return undefined;
    const packed = compression.compress(bytes);
    if (packed.length > bytes.length * (1 - minGain)) return undefined;
    return { flags: flags | compression.flags, data: packed };
  }

  #decompress(packing: number, view: Buffer): Buffer {
    const { compression } = this.#format;
    if (compression?.flags !== packing) throw unreadable();
    try {
      return compression.decompress(view, this.#options.maxDecompressedBytes);
    } catch {
      throw decodeError('the stored item cannot be decompressed');
    }
  }
}

/** The user's own codec, else that of another client's format; undefined for this client's own and its variants. */
export function coderBeside(
  options: ResolvedCodecOptions,
): UserCodec | ModuleCodec | ForeignCodec | undefined {
  const { codec, format } = options;
  return coderOf(codec) ?? (isForeign(format) ? new ForeignCodec(format, options) : undefined);
}

function isForeign(format: FormatName): format is ForeignFormatName {
  return Object.hasOwn(FOREIGN, format);
}
