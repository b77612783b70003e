import { asBuffer } from '../primitives/bytes.ts';
import { asMemcacheError, decodeError, encodeError } from './codec-errors.ts';
import { BROTLI, type Compression, GZIP, LZ4, OWN, ZLIB, ZSTD } from './flags.ts';
import { latePackage } from './late-package.ts';
import { brotli, deflate, gunzip, gzip, inflate, unbrotli } from './zlib-streams.ts';
import { hasZstd, unzstd, zstd, ZSTD_SINCE } from './zstd.ts';

/** A compressor of the user's own. Both functions are synchronous and may throw; neither may change what it is given. */
export interface Compressor {
  /** The compressed bytes, in memory of their own. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * What `compress` was given, or an error: so, too, where that is more than `maxBytes`. `bytes` are valid only during
   * the call.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

type BuiltIn = Exclude<Compression, 0 | typeof OWN>;

/** The compressors there are; `'zstd'` from Node.js 22.15. */
export type CompressorName = 'lz4' | 'zlib' | 'gzip' | 'brotli' | 'zstd';

const BUILT_IN: Readonly<Record<CompressorName, BuiltIn>> = {
  lz4: LZ4,
  zlib: ZLIB,
  gzip: GZIP,
  brotli: BROTLI,
  zstd: ZSTD,
};

export const COMPRESSOR_NAMES: readonly CompressorName[] = Object.keys(
  BUILT_IN,
) as CompressorName[];

/** The flags of the option `compressor`. */
export function compressionNamed(compressor: CompressorName | 'none' | Compressor): Compression {
  if (typeof compressor === 'object') return OWN;
  return compressor === 'none' ? 0 : BUILT_IN[compressor];
}

type Lz4 = Pick<typeof import('lz4-napi'), 'compressSync' | 'uncompressSync'>;

let lz4: Lz4 | undefined;

/** Loaded at the first large value: the addon costs a quarter of what importing this package may. */
function loadLz4(): Lz4 {
  lz4 ??= latePackage('lz4-napi') as Lz4;
  return lz4;
}

const COMPRESS: Readonly<Record<BuiltIn, (bytes: Uint8Array) => Uint8Array>> = {
  [LZ4]: (bytes) => loadLz4().compressSync(asBuffer(bytes)),
  [ZLIB]: deflate,
  [GZIP]: gzip,
  [BROTLI]: brotli,
  [ZSTD]: zstd,
};

const DECOMPRESS: Readonly<Record<BuiltIn, (view: Uint8Array, maxBytes: number) => Buffer>> = {
  [LZ4]: uncompressLz4,
  [ZLIB]: inflate,
  [GZIP]: gunzip,
  [BROTLI]: unbrotli,
  [ZSTD]: unzstd,
};

export function compress(compression: BuiltIn, bytes: Uint8Array): Uint8Array {
  return COMPRESS[compression](bytes);
}

/** Takes the compression off a view. The result is an own buffer of at most `maxBytes`. */
export function decompress(compression: BuiltIn, view: Uint8Array, maxBytes: number): Buffer {
  if (compression === ZSTD && !hasZstd) {
    throw decodeError(`reading the stored item takes zstd, which Node.js has since ${ZSTD_SINCE}`);
  }
  try {
    return DECOMPRESS[compression](view, maxBytes);
  } catch (error) {
    throw asMemcacheError(error, () => decodeError('the stored item cannot be decompressed'));
  }
}

export function compressByOwn(own: Compressor, bytes: Uint8Array): Uint8Array {
  let packed: unknown;
  try {
    packed = own.compress(bytes);
  } catch {
    packed = undefined;
  }
  if (packed instanceof Uint8Array) return packed;
  throw encodeError('the configured compressor failed to compress the value');
}

/** As `decompress`. What it answers may be a view of what it was given, or of memory it uses again. */
export function decompressByOwn(own: Compressor, view: Uint8Array, maxBytes: number): Buffer {
  let plain: unknown;
  try {
    plain = own.decompress(view, maxBytes);
  } catch {
    plain = undefined;
  }
  if (plain instanceof Uint8Array && plain.length <= maxBytes) return Buffer.from(plain);
  throw decodeError('the configured compressor failed to decompress the item');
}

/** Block form: uncompressed size as u32 LE, then one lz4 block. */
const LZ4_PREFIX_BYTES = 4;
/** lz4 cannot expand further, so a larger claim is a lie and nothing is allocated for it. */
const LZ4_MAX_RATIO = 255;
const LZ4_RATIO_SLACK_BYTES = 64;

/** A block ends with its bytes, so what was put behind it would have to unfold to more than was declared. */
function uncompressLz4(view: Uint8Array, maxBytes: number): Buffer {
  if (view.length <= LZ4_PREFIX_BYTES) throw new RangeError('no lz4 block');
  const declared = declaredLz4Bytes(view);
  const possible = view.length * LZ4_MAX_RATIO + LZ4_RATIO_SLACK_BYTES;
  if (declared > Math.min(maxBytes, possible)) throw new RangeError('declared size out of bounds');
  const bytes = loadLz4().uncompressSync(view);
  if (bytes.length !== declared) throw new RangeError('declared size is not the real one');
  return bytes;
}

function declaredLz4Bytes(view: Uint8Array): number {
  return (view[0] | (view[1] << 8) | (view[2] << 16) | (view[3] << 24)) >>> 0;
}
