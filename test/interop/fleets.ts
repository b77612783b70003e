import type { ClientOptions } from '../../src/index.ts';
import type { ForeignFleet } from './foreign-fleet.ts';
import {
  anyKey,
  anyValue,
  bytesKey,
  jsonValue,
  longKey,
  type MakeKey,
  type MakeValue,
  plainValue,
  textKey,
} from './items.ts';

/** One way in which another client and this one share a fleet. */
export interface SharedFleet {
  readonly name: string;
  readonly program: ForeignFleet['program'];
  /** Of the other client, as its file in programs/ takes them. */
  readonly options: object;
  /** Of this one. */
  readonly client: Partial<ClientOptions>;
  /** Shares of the four servers. Default: equal ones. */
  readonly weights?: readonly number[];
  readonly key: MakeKey;
  readonly value: MakeValue;
  /** What is read of a value that was stored, where the types of one side do not reach the other. */
  readonly asRead?: {
    readonly here?: (value: unknown) => unknown;
    readonly there?: (value: unknown) => unknown;
  };
  /** The flag of compressed items; absent where nothing is compressed. */
  readonly compressed?: number;
  /** Places all keys of a call. */
  readonly routeBy?: string;
}

/** Without flags there is one type: bytes. */
const asBytes = (value: unknown): unknown =>
  value instanceof Uint8Array ? value : Buffer.from(String(value));

/** Ruby has no type for bytes alone, and what is not flagged as JSON is not parsed. */
const unlessObject = (value: unknown): unknown => (isPlain(value) ? asBytes(value) : value);

const isPlain = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || value instanceof Uint8Array;

/** Swift's set_multi has no bytes beside JSON. */
const withoutBytes: MakeValue = (i) => (anyValue(i) instanceof Uint8Array ? i : anyValue(i));

export const SHARED_FLEETS: readonly SharedFleet[] = [
  {
    name: 'pymemcache with PickleSerde',
    program: 'pymemcache',
    options: { serde: 'pickle' },
    client: { profile: 'pymemcache' },
    key: textKey,
    value: plainValue,
  },
  {
    name: 'pymemcache with keys of bytes',
    program: 'pymemcache',
    options: { serde: 'pickle' },
    client: { profile: 'pymemcache' },
    key: bytesKey,
    value: plainValue,
  },
  {
    name: 'pymemcache with CompressedSerde and a prefix',
    program: 'pymemcache',
    options: { serde: 'compressed', prefix: 'app:' },
    client: { profile: 'pymemcache', compressor: 'zlib', keyPrefix: 'app:' },
    key: textKey,
    value: plainValue,
    compressed: 8,
  },
  {
    name: 'pylibmc as it comes',
    program: 'pylibmc',
    options: { behaviors: {} },
    client: { profile: 'pylibmc' },
    key: textKey,
    value: plainValue,
  },
  {
    name: 'pylibmc with a namespace and compression',
    program: 'pylibmc',
    options: { behaviors: {}, namespace: 'app:', compressFrom: 401 },
    client: { profile: 'pylibmc', keyPrefix: 'app:', compressor: 'zlib' },
    key: textKey,
    value: plainValue,
    compressed: 8,
  },
  {
    name: 'pylibmc with keys of bytes, placed by md5',
    program: 'pylibmc',
    options: { behaviors: { hash: 'md5' } },
    client: { profile: 'pylibmc', hash: { name: 'modula', hash: 'md5' } },
    key: bytesKey,
    value: plainValue,
  },
  {
    name: 'pylibmc with ketama',
    program: 'pylibmc',
    options: { behaviors: { ketama: true } },
    client: { profile: 'pylibmc', hash: { name: 'ketama', distribution: 'consistent' } },
    key: textKey,
    value: plainValue,
  },
  {
    name: 'pylibmc with ketama_weighted',
    program: 'pylibmc',
    options: { behaviors: { ketama_weighted: true } },
    client: { profile: 'pylibmc', hash: { name: 'ketama', distribution: 'weighted' } },
    key: textKey,
    value: plainValue,
  },
  {
    name: 'pylibmc with ketama_weighted and weights',
    program: 'pylibmc',
    options: { behaviors: { ketama_weighted: true } },
    client: { profile: 'pylibmc', hash: { name: 'ketama', distribution: 'weighted' } },
    weights: [1, 2, 3, 4],
    key: textKey,
    value: plainValue,
  },
  {
    name: 'dalli with raw: true',
    program: 'dalli',
    options: {},
    client: { profile: 'dalli' },
    key: longKey,
    value: plainValue,
    asRead: { here: asBytes, there: asBytes },
  },
  {
    name: 'dalli with a namespace, compression and weights',
    program: 'dalli',
    options: { namespace: 'app', compress: true },
    client: {
      profile: 'dalli',
      keyPrefix: 'app:',
      compressor: 'zlib',
      compressFromBytes: 400,
    },
    weights: [1, 2, 3, 4],
    key: longKey,
    value: plainValue,
    asRead: { here: asBytes, there: asBytes },
    compressed: 2,
  },
  {
    name: 'dalli with JSON as its serializer',
    program: 'dalli',
    options: { serializer: 'JSON', compress: true },
    client: { profile: 'dalli', codec: 'json', compressor: 'zlib', compressFromBytes: 400 },
    key: longKey,
    value: jsonValue,
    asRead: { there: unlessObject },
    compressed: 2,
  },
  {
    name: 'Swift',
    program: 'swift',
    options: {},
    client: { profile: 'swift' },
    key: anyKey,
    value: anyValue,
  },
  {
    name: 'Swift with a server_key',
    program: 'swift',
    options: { serverKey: 'the server of all' },
    client: { profile: 'swift' },
    key: anyKey,
    value: withoutBytes,
    routeBy: 'the server of all',
  },
];
