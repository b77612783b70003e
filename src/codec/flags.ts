/*
 * The item's 32-bit client flags. The low byte is pymemcache's, extended:
 *
 *   0 bytes | 1 pickle (refused) | 2 integer | 4 long (read only) | 8 zlib | 16 text | 32 msgpack
 *   64 lz4  | 128 checksum header
 *
 * The stored bytes mean nothing to a reader that knows only pymemcache's bits where they are JSON, v8, or under anything
 * but zlib. So those bits stay clear then, and higher ones tell what is inside: such a reader sees unknown bits and
 * answers the bytes, where it would otherwise decode rubbish.
 *
 *   bits 8-10   0 bytes, 1 text, 2 integer, 3 msgpack, 4 JSON, 5 v8 (only under 128), 6 bytes, and there are none
 *   bit  11     zlib
 *   bit  12     never set: alone it means something else, see placeholder.ts
 *   bits 13-15  1 gzip, 2 brotli, 3 zstd, 4 a compressor of the user's own
 */
export const BYTES = 0;
export const INTEGER = 2;
export const LONG = 4;
export const ZLIB = 8;
export const TEXT = 16;
export const MSGPACK = 32;
export const LZ4 = 64;
export const CHECKSUM = 128;
export const JSON_TEXT = 0x400;
export const V8 = 0x500;
/** Bytes of which there were none when they were stored: with flags 0 they would look like a placeholder. */
export const EMPTY = 0x600;
export const GZIP = 0x2000;
export const BROTLI = 0x4000;
export const ZSTD = 0x6000;
export const OWN = 0x8000;

const KIND_SHIFT = 8;
const INNER_ZLIB = 1 << 11;
const COMPRESSOR_BITS: number = 7 << 13;
const INNER_KINDS: readonly (Kind | undefined)[] = [BYTES, TEXT, INTEGER, MSGPACK, JSON_TEXT, V8];

/** Any of these bits: the stored bytes are compressed by something that a worker has, too. */
export const COMPRESSED: number = ZLIB | LZ4 | INNER_ZLIB | GZIP | BROTLI;
/** Any of these, and the item has to be parsed. */
export const STRUCTURED: number = MSGPACK | JSON_TEXT;

/** What is inside, once checksum and compression are taken off. */
export type Kind =
  | typeof BYTES
  | typeof TEXT
  | typeof INTEGER
  | typeof MSGPACK
  | typeof LONG
  | typeof JSON_TEXT
  | typeof V8
  | typeof EMPTY;
export type Compression =
  typeof ZLIB | typeof LZ4 | typeof GZIP | typeof BROTLI | typeof ZSTD | typeof OWN | 0;

export function composeFlags(kind: Kind, compression: Compression, checksum: boolean): number {
  const sealed = checksum || kind === V8;
  const plain = !sealed && (compression === 0 || compression === ZLIB);
  if (plain && kind < CHECKSUM) return kind | compression;
  const inner = INNER_KINDS.indexOf(kind) << KIND_SHIFT;
  return inner | (compression === ZLIB ? INNER_ZLIB : compression) | (sealed ? CHECKSUM : 0);
}

/** What these flags say is inside, or undefined when no writer of ours sets them so. */
export function kindOf(flags: number): Kind | undefined {
  const outer = flags & ~ZLIB;
  switch (outer) {
    case BYTES:
    case INTEGER:
    case LONG:
    case TEXT:
    case MSGPACK:
      return outer;
    default:
      return flags === EMPTY ? EMPTY : innerKind(flags);
  }
}

function innerKind(flags: number): Kind | undefined {
  const kind = INNER_KINDS[(flags >>> KIND_SHIFT) & 7];
  if (kind === undefined || (flags & COMPRESSOR_BITS) > OWN) return undefined;
  const told = composeFlags(kind, compressionOf(flags), (flags & CHECKSUM) !== 0);
  return told === flags >>> 0 ? kind : undefined;
}

export function compressionOf(flags: number): Compression {
  if ((flags & LZ4) !== 0) return LZ4;
  const numbered = flags & COMPRESSOR_BITS;
  if (numbered !== 0) return numbered as Compression;
  return (flags & (ZLIB | INNER_ZLIB)) === 0 ? 0 : ZLIB;
}
