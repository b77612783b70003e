import { isUtf8 } from 'node:buffer';
import { firstIllegal, type WireKey } from './key.ts';

/** What a server tells of an item it lists. */
export interface ListedItem {
  /** The key's bytes, one character each. */
  readonly bytes: string;
  /** Seconds since 1970; -1 for an item that does not expire. */
  readonly expires: number;
  /** Seconds since 1970. */
  readonly lastAccess: number;
  readonly cas: string;
  readonly fetched: boolean;
  readonly slabClass: number;
  /** Bytes of the item with its key and header. */
  readonly size: number;
}

/** Later releases say more behind it, such as `flags=`. */
const METADUMP =
  /^key=([^ ]+) exp=(-?\d+) la=(\d+) cas=(\d+) fetch=(yes|no) cls=(\d+) size=(\d+)(?: |$)/;

const MGDUMP = /^mg ([^ ]+)( b)? ?$/;

/**
 * Reads a line of `lru_crawler metadump`, undefined for what is none:
 * `key=<key> exp=<seconds> la=<seconds> cas=<number> fetch=yes|no cls=<number> size=<bytes>`. Bytes of the key that are
 * no letters, digits, `-`, `_`, `.` or `~` are written as `%` and two hex digits.
 */
export function metadumpItem(line: string): ListedItem | undefined {
  const found = METADUMP.exec(line);
  if (found === null) return undefined;
  const bytes = percentDecoded(found[1]);
  if (bytes === undefined) return undefined;
  return {
    bytes,
    expires: Number(found[2]),
    lastAccess: Number(found[3]),
    cas: found[4],
    fetched: found[5] === 'yes',
    slabClass: Number(found[6]),
    size: Number(found[7]),
  };
}

/** Reads a line of `lru_crawler mgdump`, `mg <key>` or `mg <base64> b`: the key's bytes, undefined for what is none. */
export function mgdumpKey(line: string): string | undefined {
  const found = MGDUMP.exec(line);
  if (found === null) return undefined;
  const [, key, base64] = found as readonly (string | undefined)[];
  return base64 === undefined ? key : Buffer.from(key ?? '', 'base64').toString('latin1');
}

/** Undefined where a `%` is not followed by two hex digits. */
function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const PLAIN = /^[\x21-\x7e]+$/;

/**
 * The key under which a caller finds an item: without the prefix, as text where the bytes are text that may be a key,
 * else as bytes. Undefined for a key without that prefix, or with nothing behind it.
 */
export function listedKey(bytes: string, prefix: WireKey): string | Buffer | undefined {
  if (bytes.length <= prefix.length || !bytes.startsWith(prefix)) return undefined;
  const own = bytes.slice(prefix.length);
  if (PLAIN.test(own)) return own;
  const buffer = Buffer.from(own, 'latin1');
  return firstIllegal(own) === -1 && isUtf8(buffer) ? buffer.toString('utf8') : buffer;
}
