import { CODEC_NAMES, type CodecName } from './codec-name.ts';
import { COMPRESSOR_NAMES, type CompressorName } from './compressor.ts';
import { BYTES, INTEGER, LONG } from './flags.ts';

/**
 * Value formats: what the flags of an item mean, and how its bytes are written. `memvolley` is this client's own; each
 * of the others is what the client of that name writes and reads, and `raw` is what clients do that know no flags
 * (libmemcached, gomemcache, memjs).
 */
export type FormatName =
  | 'memvolley'
  | 'pymemcache'
  | 'pylibmc'
  | 'raw'
  | 'php'
  | 'dalli'
  | 'swift'
  | 'spymemcached'
  | 'memcached';

/** The formats that are not variants of this client's own. */
export type ForeignFormatName = Exclude<FormatName, 'memvolley' | 'pymemcache' | 'pylibmc'>;

/** What a format brings with it besides the meaning of its flags. */
export interface FormatTraits {
  /** Flags of a number that the server counts: those with which the format's own client would read one. */
  readonly counterFlags: number;
  /** Compressors its readers understand, besides none. */
  readonly compressors: readonly CompressorName[];
  /** Codecs it has room for. */
  readonly codecs: readonly CodecName[];
  /** From what size the format's own client compresses, and how much it wants to gain, where it says so. */
  readonly defaults: {
    readonly codec?: undefined;
    readonly compressor?: 'none';
    readonly compressFromBytes?: number;
    readonly minGain?: number;
  };
}

const NO_CODEC = { codec: undefined, compressor: 'none' } as const;
const UNCOMPRESSED = { compressors: [], defaults: NO_CODEC } as const;
/** Text and bytes are stored as they are there, so that one can be read as the other. */
const PLAIN_CODECS = ['json', 'string', 'buffer'] as const;

/** By name. Nothing is compressed on the way out unless asked for: not every reader was built with zlib. */
export const FORMATS: Readonly<Record<FormatName, FormatTraits>> = {
  memvolley: {
    counterFlags: INTEGER,
    compressors: COMPRESSOR_NAMES,
    codecs: CODEC_NAMES,
    defaults: {},
  },
  // Its CompressedSerde compresses above 400 bytes and keeps what is not longer; plain serdes never do.
  pymemcache: {
    counterFlags: INTEGER,
    compressors: ['zlib'],
    codecs: PLAIN_CODECS,
    defaults: { ...NO_CODEC, compressFromBytes: 401, minGain: 0 },
  },
  // It compresses from a length given with each call; 400 and more is what its relatives take.
  pylibmc: {
    counterFlags: LONG,
    compressors: ['zlib'],
    codecs: PLAIN_CODECS,
    defaults: { ...NO_CODEC, compressFromBytes: 401, minGain: 0 },
  },
  raw: { counterFlags: BYTES, codecs: PLAIN_CODECS, ...UNCOMPRESSED },
  // memcached.compression_threshold 2000, and memcached.compression_factor 1.3: what stays above 1 / 1.3 is not kept.
  php: {
    counterFlags: 1,
    compressors: ['zlib'],
    codecs: PLAIN_CODECS,
    defaults: { ...NO_CODEC, compressFromBytes: 2000, minGain: 0.231 },
  },
  // Its option compression_min_size is 4 KiB.
  dalli: {
    counterFlags: 0,
    compressors: ['zlib'],
    codecs: PLAIN_CODECS,
    defaults: { ...NO_CODEC, compressFromBytes: 4096, minGain: 0 },
  },
  swift: { counterFlags: 0, codecs: ['json'], ...UNCOMPRESSED },
  // DEFAULT_COMPRESSION_THRESHOLD is 16 KiB, and larger values are compressed.
  spymemcached: {
    counterFlags: 0,
    compressors: ['zlib'],
    codecs: PLAIN_CODECS,
    defaults: { ...NO_CODEC, compressFromBytes: 16_385, minGain: 0 },
  },
  memcached: { counterFlags: 8, codecs: ['json'], ...UNCOMPRESSED },
};

export const FORMAT_NAMES: readonly FormatName[] = Object.keys(FORMATS) as FormatName[];

/**
 * Flags for a counter that `incr` or `decr` creates: its bytes are decimal digits in every format, and with these flags
 * the format's own client reads it as it reads its own counters (a number where its flags can say so, else text or
 * bytes of digits).
 */
export function counterFlags(format: FormatName): number {
  return FORMATS[format].counterFlags;
}
