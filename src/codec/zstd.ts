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
const CONTENT_SIZE_BYTES = [1, 2, 4, 8] as const;
const BLOCK_HEADER_BYTES = 3;
const RUN_OF_ONE_BYTE = 1;
const CHECKSUM_BYTES = 4;
/** zstd takes no larger one for its limit. */
const MOST_WINDOW_BITS = 27;

/**
 * The frame's own sizes are what makes sure of its end: Node.js 22 answers nothing, or as much as it found, for a frame
 * that is cut off, and 24 takes what begins as a second frame behind the first for a part of it.
 */
export function unzstd(view: Uint8Array, maxBytes: number): Buffer {
  if (zstdDecompressSync === undefined) throw new Error('no zstd');
  const { contentBytes, end } = frameOf(view);
  if (contentBytes > maxBytes) throw new RangeError('declared size out of bounds');
  if (end !== view.length) throw new RangeError('bytes behind the frame');
  const bytes = whole(zstdDecompressSync, view, maxBytes, {
    [constants.ZSTD_d_windowLogMax as number]: Math.min(MOST_WINDOW_BITS, windowBits(maxBytes)),
  });
  if (bytes.length !== contentBytes) throw new RangeError('declared size is not the real one');
  return bytes;
}

/**
 * A frame's sizes (RFC 8878, 3.1.1). Its header is magic number, descriptor, window (unless it is a single segment),
 * dictionary id and the size of its content, in 1, 2, 4 or 8 bytes: our frames have that, they are written in one piece.
 */
function frameOf(view: Uint8Array): { contentBytes: number; end: number } {
  const data = new DataView(view.buffer, view.byteOffset, view.length);
  if (data.getUint32(0, true) !== MAGIC) throw new RangeError('no zstd frame');
  const descriptor = data.getUint8(DESCRIPTOR_AT);
  const single = (descriptor & 0x20) !== 0;
  const sizeFlag = (descriptor >> 6) as 0 | 1 | 2 | 3;
  if (sizeFlag === 0 && !single) throw new RangeError('no content size');
  const at = DESCRIPTOR_AT + (single ? 1 : 2) + DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  const hasChecksum = (descriptor & 4) !== 0;
  return {
    contentBytes: contentBytesAt(data, at, sizeFlag),
    end: blocksEnd(data, at + CONTENT_SIZE_BYTES[sizeFlag]) + (hasChecksum ? CHECKSUM_BYTES : 0),
  };
}

function contentBytesAt(data: DataView, at: number, sizeFlag: 0 | 1 | 2 | 3): number {
  switch (sizeFlag) {
    case 0:
      return data.getUint8(at);
    case 1:
      return data.getUint16(at, true) + 256;
    case 2:
      return data.getUint32(at, true);
    default:
      return Number(data.getBigUint64(at, true));
  }
}

/** Behind the last block (3.1.1.2). A block's header is whether it is the last, its type, and its size, 1, 2 and 21 bits. */
function blocksEnd(data: DataView, start: number): number {
  let at = start;
  for (let isLast = false; !isLast;) {
    const header = data.getUint16(at, true) | (data.getUint8(at + 2) << 16);
    isLast = (header & 1) !== 0;
    at += BLOCK_HEADER_BYTES + (((header >> 1) & 3) === RUN_OF_ONE_BYTE ? 1 : header >> 3);
  }
  return at;
}
