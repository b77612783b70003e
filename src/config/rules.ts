import { CODEC_NAMES } from '../codec/codec-name.ts';
import { COMPRESSOR_NAMES } from '../codec/compressor.ts';
import { FORMAT_NAMES } from '../codec/formats.ts';
import {
  boolean,
  bytes,
  callable,
  decimal,
  either,
  group,
  integer,
  notInText,
  object,
  oneOf,
  text,
  words,
} from './check.ts';
import { KEY_RULES } from '../protocol/key-rules.ts';
import { HASH_NAMES } from '../routing/hashers.ts';
import type { Rule } from './check.ts';
import type { ClientOptions } from './options.ts';
import { PROFILE_NAMES } from './profiles.ts';
import { codecObject, credentials, functions, hashSettings, serverList } from './shapes.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
/** A timer of Node's takes no longer. */
export const LONGEST_MS = 2_147_483_647;

const milliseconds = (min: number, zero?: string): Rule =>
  integer({ min, max: LONGEST_MS, unit: 'milliseconds', ...(zero === undefined ? {} : { zero }) });
const byteCount = (min: number, max?: number): Rule =>
  integer({ min, unit: 'bytes', ...(max === undefined ? {} : { max }) });

/** So many operations, and bytes of their keys and values. */
const bound: Rule = group({ operations: integer({ min: 1 }), bytes: byteCount(1) });

/** A lifetime is stretched by up to a tenth, and a timer of Node's takes no more. */
const poolMilliseconds: Rule = integer({ min: 0, max: 1_900_000_000, unit: 'milliseconds' });

/** Only the form that is two characters can be given as text. */
const hashTag: Rule = {
  allowed: "two characters such as '{}' or { stop } with the text where the tag ends",
  accepts: (value) =>
    typeof value === 'string' ? /^[\x21-\x7e]{2}$/.test(value) : isStopMark(value),
  fromText: (given) => given,
  schema: {
    anyOf: [
      { type: 'string', pattern: '^[\\x21-\\x7e]{2}$' },
      {
        type: 'object',
        properties: { stop: { type: 'string', minLength: 1 } },
        required: ['stop'],
        additionalProperties: false,
      },
    ],
  },
};

function isStopMark(value: unknown): boolean {
  if (!object.accepts(value)) return false;
  const { stop, ...others } = value as { stop?: unknown };
  return typeof stop === 'string' && stop !== '' && Object.keys(others).length === 0;
}

/** What every option may be; a list of servers is looked into by parseServers. */
export const RULES: Readonly<Record<keyof ClientOptions, Rule>> = {
  servers: either(text, serverList),

  timeoutMs: milliseconds(1),
  ttl: integer({ min: 0, max: 2_147_483_647, unit: 'seconds' }),
  ttlJitter: decimal({ min: 0, max: 1 }),
  maxTtl: integer({ min: 1, max: 2_147_483_647, unit: 'seconds' }),
  keyPrefix: either(text, bytes),
  retry: group({
    attempts: integer({ min: 1, max: 10 }),
    delayMs: milliseconds(0),
    maxDelayMs: milliseconds(0),
    maybeSent: oneOf('none', 'reads', 'idempotent', 'sets'),
    budget: decimal({ min: 0, max: 1 }),
  }),
  onError: oneOf('throw', 'miss'),
  onUnreadable: oneOf('miss', 'error'),
  closeTimeoutMs: milliseconds(0),
  maxPending: bound,
  percentiles: boolean,

  profile: oneOf(...PROFILE_NAMES),
  hash: either(oneOf(...HASH_NAMES), notInText(callable), hashSettings),
  hashTag,
  hashedPart: oneOf('key', 'prefixed', 'wire'),
  keyRule: oneOf(...Object.keys(KEY_RULES)),
  failover: oneOf('next', 'gutter', 'error', 'miss'),
  failoverOn: oneOf('down', 'failure'),
  failoverPerSecond: integer({ min: 0 }),
  gutter: group({
    servers: either(text, serverList),
    ttl: integer({ min: 1, max: 2_592_000, unit: 'seconds' }),
  }),
  movedGraceMs: milliseconds(0),
  discovery: either(text, notInText(callable), functions),
  discoveryLimits: group({
    maxServers: integer({ min: 1 }),
    maxShrink: decimal({ min: 0, max: 1 }),
    allow: words,
    allowLocal: boolean,
  }),

  connectTimeoutMs: milliseconds(1),
  stallTimeoutMs: milliseconds(1),
  keepAliveMs: milliseconds(1000, 'none'),
  idleProbeMs: milliseconds(1),
  readBufferBytes: byteCount(4 * KiB, 16 * MiB),
  maxInFlight: bound,
  maxQueueMs: milliseconds(0),
  window: group({ adaptive: boolean, min: integer({ min: 1 }), max: integer({ min: 1 }) }),
  tls: either(boolean, object, callable),
  auth: notInText(either(credentials, callable)),
  unref: boolean,
  connect: callable,
  reconnect: group({ minMs: milliseconds(1), maxMs: milliseconds(1) }),

  connections: integer({ min: 1, max: 1024 }),
  idleTimeoutMs: poolMilliseconds,
  lifetimeMs: poolMilliseconds,
  volleyKeys: integer({ min: 1, max: 10_000, unit: 'keys' }),
  volleyBytes: byteCount(256, MiB),
  maxQueued: bound,
  whenFull: oneOf('reject', 'wait', 'shed-oldest'),
  flush: oneOf('auto', 'tick', 'poll'),
  bulkBytes: byteCount(1, GiB),
  dialect: oneOf('auto', 'classic', 'meta'),
  opaque: boolean,
  maxValueBytes: byteCount(1, GiB),
  warnValueBytes: byteCount(0),
  health: group({
    retryAttempts: integer({ min: 0, max: 1000 }),
    retryTimeoutMs: milliseconds(1),
    errorLimit: integer({ min: 0, max: 10_000 }),
    errorWindowMs: milliseconds(1),
    probeMs: milliseconds(1),
    deadTimeoutMs: milliseconds(1),
    flushOnReturn: boolean,
  }),

  format: oneOf(...FORMAT_NAMES),
  codec: either(oneOf(...CODEC_NAMES), codecObject),
  compressor: either(oneOf(...COMPRESSOR_NAMES, 'none'), functions),
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
