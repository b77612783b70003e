/*
 * The item's 32-bit client flags. The low byte is pymemcache's, extended:
 *
 *   0 bytes | 1 pickle (refused) | 2 integer | 4 long (read only) | 8 zlib | 16 text | 32 msgpack
 *   64 lz4  | 128 checksum header
 *
 * Under 64 or 128 the stored bytes mean nothing to a reader that knows only pymemcache's bits. So those bits stay
 * clear then and bits 8-11 tell what is inside: such a reader sees unknown bits and answers the bytes, where it
 * would otherwise decode rubbish.
 *
 *   bits 8-9  0 bytes, 1 text, 2 integer, 3 msgpack
 *   bit  11   zlib (only under 128)
 */
export const BYTES = 0;
export const INTEGER = 2;
export const LONG = 4;
export const ZLIB = 8;
export const TEXT = 16;
export const MSGPACK = 32;
export const LZ4 = 64;
export const CHECKSUM = 128;

const INNER_SHIFT = 8;
const INNER_ZLIB = 1 << 11;
const INNER_KINDS: readonly Kind[] = [BYTES, TEXT, INTEGER, MSGPACK];

/** Any of these bits: the stored bytes are compressed. */
export const COMPRESSED: number = ZLIB | LZ4 | INNER_ZLIB;

/** What is inside, once checksum and compression are taken off. */
export type Kind = typeof BYTES | typeof TEXT | typeof INTEGER | typeof MSGPACK | typeof LONG;
export type Compression = typeof ZLIB | typeof LZ4 | 0;

export function composeFlags(kind: Kind, compression: Compression, checksum: boolean): number {
  if (!checksum && compression !== LZ4) return kind | compression;
  const zlib = compression === ZLIB ? INNER_ZLIB : 0;
  const inner = INNER_KINDS.indexOf(kind) << INNER_SHIFT;
  return inner | zlib | (compression & LZ4) | (checksum ? CHECKSUM : 0);
}

/** What these flags say is inside, or undefined when no writer of ours sets them so. */
export function kindOf(flags: number): Kind | undefined {
  const covered = (flags & (LZ4 | CHECKSUM)) !== 0;
  return covered ? innerKind(flags) : outerKind(flags & ~ZLIB);
}

function outerKind(flags: number): Kind | undefined {
  switch (flags) {
    case BYTES:
    case INTEGER:
    case LONG:
    case TEXT:
    case MSGPACK:
      return flags;
    default:
      return undefined;
  }
}

function innerKind(flags: number): Kind | undefined {
  const kind = INNER_KINDS[(flags >>> INNER_SHIFT) & 3];
  const compression = compressionOf(flags);
  return composeFlags(kind, compression, (flags & CHECKSUM) !== 0) === flags >>> 0
    ? kind
    : undefined;
}

export function compressionOf(flags: number): Compression {
  if ((flags & LZ4) !== 0) return LZ4;
  if ((flags & CHECKSUM) !== 0) return (flags & INNER_ZLIB) === 0 ? 0 : ZLIB;
  return (flags & ZLIB) === 0 ? 0 : ZLIB;
}
