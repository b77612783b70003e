import { createRequire } from 'node:module';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { decodeError } from './codec-errors.ts';
import { type Compression, LZ4, ZLIB } from './flags.ts';

type Lz4 = Pick<typeof import('lz4-napi'), 'compressSync' | 'uncompressSync'>;

const require = createRequire(import.meta.url);
let lz4: Lz4 | undefined;

/** Loaded at the first large value: the addon costs a quarter of what importing this package may. */
function loadLz4(): Lz4 {
  lz4 ??= require('lz4-napi') as Lz4;
  return lz4;
}

/** Block form: uncompressed size as u32 LE, then one lz4 block. */
const LZ4_PREFIX_BYTES = 4;
/** lz4 cannot expand further, so a larger claim is a lie and nothing is allocated for it. */
const LZ4_MAX_RATIO = 255;
const LZ4_RATIO_SLACK_BYTES = 64;

export function compress(compression: typeof LZ4 | typeof ZLIB, bytes: Uint8Array): Uint8Array {
  return compression === LZ4 ? loadLz4().compressSync(asBuffer(bytes)) : deflate(bytes);
}

export const deflate = (bytes: Uint8Array): Buffer => deflateSync(bytes);
export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes);

/** Throws for what is no zlib stream, is cut off, or unfolds to more than `maxBytes`; `gunzip` the same for gzip. */
export const inflate = (view: Uint8Array, maxBytes: number): Buffer =>
  inflateSync(view, { maxOutputLength: maxBytes });
export const gunzip = (view: Uint8Array, maxBytes: number): Buffer =>
  gunzipSync(view, { maxOutputLength: maxBytes });

/** Takes the compression off a view. The result is an own buffer of at most `maxBytes`. */
export function decompress(compression: Compression, view: Uint8Array, maxBytes: number): Buffer {
  try {
    return compression === ZLIB ? inflate(view, maxBytes) : uncompressLz4(view, maxBytes);
  } catch {
    throw decodeError('the stored item cannot be decompressed');
  }
}

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

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
