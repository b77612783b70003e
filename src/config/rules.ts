import {
  boolean,
  bytes,
  callable,
  decimal,
  either,
  group,
  integer,
  list,
  notInText,
  object,
  oneOf,
  text,
} from './check.ts';
import type { Rule } from './check.ts';
import type { ClientOptions } from './options.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
/** A timer of Node's takes no longer. */
export const LONGEST_MS = 2_147_483_647;

const milliseconds = (min: number, zero?: string): Rule =>
  integer({ min, max: LONGEST_MS, unit: 'milliseconds', ...(zero === undefined ? {} : { zero }) });
const byteCount = (min: number, max?: number): Rule =>
  integer({ min, unit: 'bytes', ...(max === undefined ? {} : { max }) });

/** What every option may be; a list of servers is looked into by parseServers. */
export const RULES: Readonly<Record<keyof ClientOptions, Rule>> = {
  servers: notInText(either(text, list)),

  timeoutMs: milliseconds(1),
  ttl: integer({ min: 0, max: 2_147_483_647, unit: 'seconds' }),
  keyPrefix: either(text, bytes),
  retry: group({ attempts: integer({ min: 1, max: 10 }) }),
  onError: oneOf('throw', 'miss'),
  onUnreadable: oneOf('miss', 'error'),
  closeTimeoutMs: milliseconds(0),
  percentiles: boolean,

  connectTimeoutMs: milliseconds(1),
  stallTimeoutMs: milliseconds(1),
  keepAliveMs: milliseconds(1000, 'none'),
  idleProbeMs: milliseconds(1),
  readBufferBytes: byteCount(4 * KiB, 16 * MiB),
  tls: notInText(either(boolean, object)),
  unref: boolean,
  connect: callable,
  reconnect: group({ minMs: milliseconds(1), maxMs: milliseconds(1) }),

  connections: integer({ min: 1, max: 1024 }),
  volleyKeys: integer({ min: 1, max: 10_000, unit: 'keys' }),
  volleyBytes: byteCount(256, MiB),
  maxQueued: group({ operations: integer({ min: 1 }), bytes: byteCount(1) }),
  flush: oneOf('auto', 'tick', 'poll'),
  bulkBytes: byteCount(1, GiB),
  dialect: oneOf('auto', 'classic', 'meta'),
  maxValueBytes: byteCount(1, GiB),

  format: oneOf('memvolley', 'pymemcache'),
  codec: either(oneOf('json'), object),
  compressor: oneOf('lz4', 'zlib', 'none'),
  compressFromBytes: byteCount(0),
  minGain: decimal({ min: 0, max: 1 }),
  maxDecompressedBytes: byteCount(1),
  checksum: boolean,
  offload: oneOf('auto', 'never', 'always'),
  offloadFromBytes: byteCount(0),
  workers: integer({ min: 1, max: 1024 }),
  maxShardBytes: byteCount(4 * KiB),
  shardTimeoutMs: milliseconds(1),
};
