import { availableParallelism } from 'node:os';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { Codec } from './codec.ts';
import { FORMAT_NAMES, type FormatName, FORMATS } from './formats.ts';

/** A pair of functions that knows no flags, as pymemcache's LegacyWrappingSerde: what it writes has flags 0. */
export interface SerializerPair {
  serialize?: (value: unknown) => string | Uint8Array;
  deserialize?: (bytes: Uint8Array) => unknown;
}

/** A module that exports `encode` and `decode` as `Codec` has them; the worker pool loads it. */
export interface CodecModule {
  module: string | URL;
}

export interface CodecOptions {
  /**
   * Which readers must understand what is stored: this client, or another one without any setting of its own. Formats
   * beside `'memvolley'`, `'pymemcache'` and `'pylibmc'` use no worker.
   */
  format?: FormatName;
  /**
   * `'json'` stores objects as JSON text. It is read back as text, to be parsed by who knows what it is, except where
   * the format's flags say that it is JSON (`'php'`, `'dalli'`, `'swift'`, `'memcached'`).
   */
  codec?: 'json' | Codec | SerializerPair | CodecModule | undefined;
  compressor?: 'lz4' | 'zlib' | 'none';
  /** Smaller values are stored as they are: compressing them costs more than the bytes it saves. */
  compressFromBytes?: number;
  /** The part of a value's size compression must save to be kept, 0 to 1. */
  minGain?: number;
  /** No stored item may unfold to more than this, whatever it claims. */
  maxDecompressedBytes?: number;
  /** Puts a crc32 of bytes and key in front of the bytes. Integers go without, or the server could not count. */
  checksum?: boolean;
  /**
   * `'auto'` hands bursts to the worker pool when that measures cheaper for the main thread; `'never'` starts no
   * worker; `'always'` serializes in the pool too: objects cross as structured clones, so prototypes are lost before
   * `toJSON` is asked for, and bytes inside objects come back as Uint8Array.
   */
  offload?: 'auto' | 'never' | 'always';
  /** Smaller values and stored items are not collected for the pool. */
  offloadFromBytes?: number;
  workers?: number;
  /** A shard is closed when its values reach this size; stored items a quarter of it, as they unfold. */
  maxShardBytes?: number;
  /** A worker that takes longer than this for one shard is given up. */
  shardTimeoutMs?: number;
}

export type ResolvedCodecOptions = Required<CodecOptions>;

export const CODEC_DEFAULTS: ResolvedCodecOptions = {
  format: 'memvolley',
  codec: undefined,
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
  compressor: ['lz4', 'zlib', 'none'],
  offload: ['auto', 'never', 'always'],
  checksum: [true, false],
};

function refuse(sentence: string): never {
  throw new IllegalInputError('ERR_MEMCACHE_OPTION', sentence);
}

export function resolveCodecOptions(options: CodecOptions): ResolvedCodecOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
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
  checkTogether(resolved);
  return resolved;
}

function checkTogether({ format, compressor, checksum, codec }: ResolvedCodecOptions): void {
  const { compressors } = FORMATS[format];
  if (compressor !== 'none' && !compressors.includes(compressor)) {
    const allowed = [...compressors, 'none'].map((name) => `'${name}'`).join(' or ');
    refuse(`option 'compressor' must be ${allowed} with format '${format}'`);
  }
  if (checksum && format !== 'memvolley') {
    refuse(`option 'checksum' must be false with format '${format}': its readers know none`);
  }
  const known =
    codec === undefined || codec === 'json' || (typeof codec === 'object' && isCustomCodec(codec));
  if (known) return;
  const allowed = "'json', { encode, decode }, { serialize, deserialize } or { module }";
  refuse(`option 'codec' must be ${allowed}; got ${kindOf(codec)}`);
}

function isCustomCodec(codec: object | null): boolean {
  if (codec === null) return false;
  if ('module' in codec) return typeof codec.module === 'string' || codec.module instanceof URL;
  if ('encode' in codec && 'decode' in codec) {
    return typeof codec.encode === 'function' && typeof codec.decode === 'function';
  }
  const { serialize, deserialize } = codec as Partial<Record<keyof SerializerPair, unknown>>;
  const given = [serialize, deserialize].filter((part) => part !== undefined);
  return given.length > 0 && given.every((part) => typeof part === 'function');
}
