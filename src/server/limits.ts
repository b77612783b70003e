import type { Version } from '../protocol/version.ts';

/** Bytes the server keeps for itself beside an item's key and value. */
const ITEM_OVERHEAD_BYTES = 59;
const FLAGS_BYTES = 4;

/** What memcached is started with unless told otherwise. */
const DEFAULT_ITEM_SIZE_MAX = 1_048_576;

/** memcached's own upper bound for its item size. */
const LARGEST_ITEM_SIZE_MAX = 1_073_741_824;

/** What is known about how much a server takes. */
export interface SizeLimits {
  /** Bytes, from the option `maxValueBytes`. */
  readonly configured: number | undefined;
  /** Bytes, from the server's own settings. */
  readonly itemSizeMax: number | undefined;
}

/** What a server takes, as far as it is known. */
export interface ServerLimits extends SizeLimits {
  /** It knows the meta commands, and with them keys in base64. */
  readonly speaksMeta: boolean;
  /** What has a meta command is sent as one, with a mark that its answer repeats. */
  readonly marks: boolean;
  /** It takes the commands about a whole server, `stats` and `flush_all`. A proxy in front of several may not. */
  readonly administration: boolean;
  /** What it calls itself, once it has been asked; undefined where that names no release. */
  readonly version: Version | undefined;
}

/** What a command knows of the server it goes to. */
export interface ServerPort {
  readonly name: string;
  /** Looked at when a command leaves: by then the server has been asked. */
  readonly limits: ServerLimits;
  /** Somebody had an answer in time. */
  served(): void;
}

/** Bytes of the longest value to be sent for a key. A server deletes the old item when it refuses a longer one. */
export function longestValue(limits: SizeLimits, key: string, flags: number): number {
  const { configured, itemSizeMax } = limits;
  if (configured !== undefined && itemSizeMax === undefined) return configured;
  const fits =
    (itemSizeMax ?? DEFAULT_ITEM_SIZE_MAX) -
    ITEM_OVERHEAD_BYTES -
    key.length -
    (flags === 0 ? 0 : FLAGS_BYTES);
  return configured === undefined ? fits : Math.min(configured, fits);
}

/** Bytes of the longest value that can be an honest answer. */
export const longestReply = (itemSizeMax: number | undefined): number =>
  itemSizeMax ?? LARGEST_ITEM_SIZE_MAX;
