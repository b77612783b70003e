import { availableParallelism } from 'node:os';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { Codec } from './codec.ts';
import { CODEC_NAMES, type CodecName } from './codec-name.ts';
import type { Compressor, CompressorName } from './compressor.ts';
import { FORMAT_NAMES, type FormatName, FORMATS } from './formats.ts';
import { knowsV8 } from './v8-format.ts';
import { hasZstd, ZSTD_SINCE } from './zstd.ts';

/** A pair of functions that knows no flags, as pymemcache's LegacyWrappingSerde: what it writes has flags 0. */
export interface SerializerPair {
  /** Text, stored as UTF-8, or bytes. Default: text and bytes as they are. */
  serialize?: (value: unknown) => string | Uint8Array;
  /** The value of bytes, which it may keep. Default: the bytes. */
  deserialize?: (bytes: Uint8Array) => unknown;
}

/** A module that exports `encode` and `decode` as `Codec` has them; the worker pool loads it. */
export interface CodecModule {
  /** A path, relative to the working directory, a URL, or the name of a package. */
  module: string | URL;
}

/** A codec by name, or one of the user's own. */
export type CodecOption = CodecName | Codec | SerializerPair | CodecModule;

export interface CodecOptions {
  /**
   * Which readers must understand what is stored: this client, or another one without any setting
   * of its own. Default `'memvolley'`.
   *
   * Formats beside `'memvolley'`, `'pymemcache'` and `'pylibmc'` use no worker.
   */
  format?: FormatName;
  /**
   * How values are written: `'msgpack'`, `'json'`, `'v8'`, `'string'`, `'buffer'`, `{ encode,
   * decode }`, `{ serialize, deserialize }` or `{ module }`. Other `format`s have no `'msgpack'`
   * and `'v8'`, and none unless it is given. Default `'msgpack'`.
   *
   * Where a format's flags cannot say that it is JSON (`'pymemcache'`, `'pylibmc'`,
   * `'spymemcached'`, `'raw'`), what `'json'` writes is read back as text, or bytes in `'raw'`, to
   * be parsed by who knows what it is.
   */
  codec?: CodecOption | undefined;
  /**
   * What large values are compressed with: `'lz4'`, `'zlib'`, `'gzip'`, `'brotli'`, `'zstd'`
   * (Node.js 22.15 and newer), `'none'` or `{ compress, decompress }`. In other `format`s `'none'`
   * unless it is given, and `'zlib'` at most. Default `'lz4'`.
   *
   * What another built-in one has written is read as well; the user's own run on the main thread.
   */
  compressor?: CompressorName | 'none' | Compressor;
  /**
   * Bytes below which values are not compressed; 401 with format `'pymemcache'`, and what others
   * take with theirs. Default 4096.
   *
   * Compressing smaller ones costs more than the bytes it saves.
   */
  compressFromBytes?: number;
  /**
   * Part of a value's size that compression must save to be kept, 0 to 1; 0 with format
   * `'pymemcache'`, and what others ask with theirs. Default 0.1.
   */
  minGain?: number;
  /** Bytes no stored item may unfold beyond, whatever it claims. Default 64 MiB, from 1. */
  maxDecompressedBytes?: number;
  /**
   * Stores a crc32 of key and bytes with every value but integers; a mismatch always rejects.
   * Default false.
   *
   * The crc32 stands in front of the bytes. Integers go without, or the server could not count.
   */
  checksum?: boolean;
  /**
   * `'auto'` hands bursts to worker threads when that measures cheaper for the main thread, on one
   * core never; `'never'` starts none; `'always'` serializes there, too. Default `'auto'`.
   *
   * With `'always'` objects cross as structured clones, so prototypes are lost before `toJSON` is
   * asked for, and bytes inside objects come back as Uint8Array.
   */
  offload?: 'auto' | 'never' | 'always';
  /** Bytes below which values and stored items are not collected for the workers. Default 1024. */
  offloadFromBytes?: number;
  /**
   * Worker threads, started at the first shard. Default one less than there are cores, 1 or 2; from
   * 1.
   */
  workers?: number;
  /**
   * Bytes of values that are handed to a worker at once; of stored items a quarter of it, as they
   * unfold. Default 1 MiB, from 4096.
   */
  maxShardBytes?: number;
  /**
   * Milliseconds after which a worker that has not answered for a shard is given up. Default 1000,
   * from 1.
   */
  shardTimeoutMs?: number;
}

export type ResolvedCodecOptions = Required<CodecOptions>;

/** What may change while a codec is in use: nothing that decides what a stored item means. */
export type CodecLimits = Pick<
  ResolvedCodecOptions,
  'compressFromBytes' | 'minGain' | 'offload' | 'offloadFromBytes'
>;

export const CODEC_DEFAULTS: ResolvedCodecOptions = {
  format: 'memvolley',
  codec: 'msgpack',
  compressor: 'lz4',
  compressFromBytes: 4096,
  minGain: 0.1,
  maxDecompressedBytes: 64 * 1024 * 1024,
  checksum: false,
  offload: 'auto',
  // What is compressed at all is worth collecting; a smaller stored item unfolds in a microsecond.
  offloadFromBytes: 1024,
  // One core is the main thread's. Two workers already keep up with what one main thread can feed them.
  workers: Math.max(1, Math.min(2, availableParallelism() - 1)),
  // 64 values of 10 KB in one shard cost this thread a third of what they cost in four.
  maxShardBytes: 1024 * 1024,
  shardTimeoutMs: 1000,
};

const LEAST: Record<string, number> = {
  compressFromBytes: 0,
  maxDecompressedBytes: 1,
  offloadFromBytes: 0,
  workers: 1,
  maxShardBytes: 4096,
  shardTimeoutMs: 1,
};

const CHOICES: Record<string, readonly unknown[]> = {
  format: FORMAT_NAMES,
  offload: ['auto', 'never', 'always'],
  checksum: [true, false],
};

function refuse(sentence: string): never {
  throw new IllegalInputError('ERR_MEMCACHE_OPTION', sentence);
}

/** What is not an option of a codec is left out: this crosses to workers, who can have no functions. */
export function resolveCodecOptions(options: CodecOptions): ResolvedCodecOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => value !== undefined && Object.hasOwn(CODEC_DEFAULTS, name),
    ),
  );
  const { format = CODEC_DEFAULTS.format } = options;
  const ofFormat = Object.hasOwn(FORMATS, format) ? FORMATS[format].defaults : {};
  const resolved: ResolvedCodecOptions = { ...CODEC_DEFAULTS, ...ofFormat, ...given };
  const named = resolved as unknown as Record<string, unknown>;
  for (const [name, choices] of Object.entries(CHOICES)) {
    if (!choices.includes(named[name])) {
      refuse(`option '${name}' must be one of ${choices.join(', ')}`);
    }
  }
  for (const [name, least] of Object.entries(LEAST)) {
    if (!(Number.isSafeInteger(named[name]) && (named[name] as number) >= least)) {
      refuse(`option '${name}' must be a whole number of at least ${least}`);
    }
  }
  if (!(resolved.minGain >= 0 && resolved.minGain <= 1)) {
    refuse("option 'minGain' must be between 0 and 1");
  }
  checkCompressor(resolved);
  checkCodec(resolved);
  if (resolved.checksum && format !== 'memvolley') {
    refuse(`option 'checksum' must be false with format '${format}': its readers know none`);
  }
  return resolved;
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' or ');

function checkCompressor({ compressor, format }: ResolvedCodecOptions): void {
  const { compressors } = FORMATS[format];
  const own = format === 'memvolley';
  const fits =
    typeof compressor === 'object'
      ? own && isCompressor(compressor)
      : compressor === 'none' || compressors.includes(compressor);
  if (!fits) {
    const allowed = `${quoted([...compressors, 'none'])}${own ? ' or { compress, decompress }' : ''}`;
    const problem = `must be ${allowed} with format '${format}'; got ${kindOf(compressor)}`;
    refuse(`option 'compressor' ${problem}`);
  }
  if (compressor === 'zstd' && !hasZstd) {
    refuse(
      `option 'compressor' cannot be 'zstd': Node.js has it since ${ZSTD_SINCE}, and this is ${process.versions.node}`,
    );
  }
}

function isCompressor(given: Compressor | null): boolean {
  return typeof given?.compress === 'function' && typeof given.decompress === 'function';
}

const OWN_CODECS = '{ encode, decode } or { serialize, deserialize } or { module }';

/** As it reads after "must be". */
export const CODEC_FORMS: string = `${quoted(CODEC_NAMES)} or ${OWN_CODECS}`;

function checkCodec({ codec, format }: ResolvedCodecOptions): void {
  if (codec === undefined) return;
  const { codecs } = FORMATS[format];
  if (typeof codec === 'string' ? !codecs.includes(codec) : !isCodecOption(codec)) {
    const allowed = `${quoted(codecs)} or ${OWN_CODECS} with format '${format}'`;
    refuse(`option 'codec' must be ${allowed}; got ${kindOf(codec)}`);
  }
  if (codec === 'v8' && !knowsV8()) {
    refuse("option 'codec' cannot be 'v8': how this Node.js serializes is not known here yet");
  }
}

/** Whether a value is a codec in any of its forms; what the format has is another question. */
export function isCodecOption(codec: unknown): codec is CodecOption {
  if (typeof codec === 'string') return CODEC_NAMES.includes(codec as CodecName);
  if (typeof codec !== 'object' || codec === null) return false;
  if ('module' in codec) return typeof codec.module === 'string' || codec.module instanceof URL;
  if ('encode' in codec && 'decode' in codec) {
    return typeof codec.encode === 'function' && typeof codec.decode === 'function';
  }
  const { serialize, deserialize } = codec as Partial<Record<keyof SerializerPair, unknown>>;
  const given = [serialize, deserialize].filter((part) => part !== undefined);
  return given.length > 0 && given.every((part) => typeof part === 'function');
}
