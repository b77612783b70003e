// Not by names, not even those of a namespace: bundlers ask Node.js for each, and an older one does not start then.
import zlib from 'node:zlib';
import { whole, windowBits } from './zlib-streams.ts';

type Unfold = Parameters<typeof whole>[0];

/** In Node.js since 22.15; unknown to the types of older ones. */
interface Zstd {
  readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer;
  readonly zstdDecompressSync?: Unfold;
  readonly constants: { readonly ZSTD_d_windowLogMax?: number };
}

const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as Zstd;

/** The Node.js release that brought it, for those who ask for it in vain. */
export const ZSTD_SINCE = '22.15';

export const hasZstd: boolean = zstdCompressSync !== undefined;

export function zstd(bytes: Uint8Array): Buffer {
  if (zstdCompressSync === undefined) throw new Error('no zstd');
  return zstdCompressSync(bytes);
}

const MAGIC = 0xfd2fb528;
const DESCRIPTOR_AT = 4;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
/** zstd takes no larger one for its limit. */
const MOST_WINDOW_BITS = 27;

/**
 * The frame's own content size is what makes sure of its end: Node.js 22 answers nothing, or as much as it found, for a
 * frame that is cut off.
 */
export function unzstd(view: Uint8Array, maxBytes: number): Buffer {
  if (zstdDecompressSync === undefined) throw new Error('no zstd');
  const declared = contentBytes(view);
  if (declared > maxBytes) throw new RangeError('declared size out of bounds');
  const bytes = whole(zstdDecompressSync, view, maxBytes, {
    [constants.ZSTD_d_windowLogMax as number]: Math.min(MOST_WINDOW_BITS, windowBits(maxBytes)),
  });
  if (bytes.length !== declared) throw new RangeError('declared size is not the real one');
  return bytes;
}

/**
 * The Frame_Content_Size of a frame (RFC 8878, 3.1.1.1): behind magic number, descriptor, window (unless it is a single
 * segment) and dictionary id, in 1, 2, 4 or 8 bytes. Our frames have it: they are written in one piece.
 */
function contentBytes(view: Uint8Array): number {
  const header = new DataView(view.buffer, view.byteOffset, view.length);
  if (header.getUint32(0, true) !== MAGIC) throw new RangeError('no zstd frame');
  const descriptor = header.getUint8(DESCRIPTOR_AT);
  const single = (descriptor & 0x20) !== 0;
  const at = DESCRIPTOR_AT + (single ? 1 : 2) + DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  switch (descriptor >> 6) {
    case 0:
      if (!single) throw new RangeError('no content size');
      return header.getUint8(at);
    case 1:
      return header.getUint16(at, true) + 256;
    case 2:
      return header.getUint32(at, true);
    default:
      return Number(header.getBigUint64(at, true));
  }
}
