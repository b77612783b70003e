import type { FleetClient, Key } from '../../src/index.ts';
import {
  of,
  other,
  OUT_OF_MEMORY,
  READS,
  type Row,
  STORES,
  ten,
  text,
  token,
  UNSUPPORTED,
} from './server-kinds-rows.ts';

const load = (): string => 'loaded';
const loadMany = (keys: readonly Key[]): Map<Key, string> =>
  new Map(keys.map((key) => [key, 'loaded']));

const CHANGES: readonly Row[] = [
  { verb: 'delete', given: text, call: (c, k) => c.delete(k), real: true },
  {
    verb: 'delete with cas',
    given: token,
    call: (c, k, cas) => c.delete(k, { cas }),
    real: true,
    classic: UNSUPPORTED,
  },
  {
    verb: 'deleteMany',
    given: text,
    call: async (c, k) => of(await c.deleteMany([k, other(k)])),
    real: [true, false],
  },
  { verb: 'touch', given: text, call: (c, k) => c.touch(k, 100), real: true },
  // A counter is changed where it lies, unless it grows.
  { verb: 'incr', given: ten, call: (c, k) => c.incr(k, 7), real: 17, full: [17, 17] },
  {
    verb: 'incr past its digits',
    given: ten,
    call: (c, k) => c.incr(k, 90n),
    real: 100n,
    full: [OUT_OF_MEMORY, 10],
  },
  {
    verb: 'incr with an initial',
    call: (c, k) => c.incr(k, 1, { initial: 5 }),
    real: 6,
    full: [OUT_OF_MEMORY, undefined],
  },
  { verb: 'decr', given: ten, call: (c, k) => c.decr(k, 3), real: 7, full: [7, 7] },
  {
    verb: 'decr, signed',
    given: ten,
    call: (c, k) => c.decr(k, -5, { signed: true }),
    real: 15,
    full: [15, 15],
  },
  // What is loaded is answered, whether or not it can be stored.
  {
    verb: 'fetch',
    call: (c, k) => c.fetch(k, { ttl: 100 }, load),
    real: 'loaded',
    full: ['loaded', undefined],
  },
  {
    verb: 'fetch what is there',
    given: text,
    call: (c, k) => c.fetch(k, { ttl: 100 }, load),
    real: 'text',
  },
  {
    verb: 'fetchMany',
    given: text,
    call: async (c, k) => of(await c.fetchMany([k, other(k)], { ttl: 100 }, loadMany)),
    real: ['text', 'loaded'],
  },
  { verb: 'invalidate', given: text, call: (c, k) => c.invalidate(k), real: true },
  {
    verb: 'invalidate to stale',
    given: text,
    call: async (c, k) => [await c.invalidate(k, { staleFor: 100 }), await c.get(k)],
    real: [true, 'text'],
    classic: [true, undefined],
  },
  {
    verb: 'namespace',
    given: (c, k) => c.namespace('part').set(k, 'text'),
    call: (c, k) => c.namespace('part').get(k),
    real: 'text',
  },
  {
    verb: 'invalidateNamespace',
    given: (c, k) => c.namespace('other').set(k, 'text'),
    call: async (c, k) => {
      await c.namespace('other').invalidateNamespace();
      return c.namespace('other').get(k);
    },
    real: undefined,
    full: [OUT_OF_MEMORY, undefined],
  },
];

const META: readonly Row[] = [
  {
    verb: 'meta.get',
    given: text,
    call: async (c, k) => (await c.meta.get(k, { opaque: 'mark' }))?.value,
    real: 'text',
    classic: UNSUPPORTED,
  },
  {
    verb: 'meta.set',
    given: text,
    call: async (c, k) => (await c.meta.set(k, 'new')).status,
    real: 'stored',
    full: [OUT_OF_MEMORY, undefined],
    classic: UNSUPPORTED,
  },
  {
    verb: 'meta.delete',
    given: text,
    call: (c, k) => c.meta.delete(k),
    real: 'deleted',
    classic: UNSUPPORTED,
  },
  {
    verb: 'meta.arithmetic',
    given: ten,
    call: async (c, k) => (await c.meta.arithmetic(k, { delta: 7 })).value,
    real: 17n,
    full: [17n, 17],
    classic: UNSUPPORTED,
  },
  {
    verb: 'meta.arithmetic with vivify',
    call: async (c, k) => (await c.meta.arithmetic(k, { vivify: 100, initial: 5 })).value,
    real: 5n,
    full: [OUT_OF_MEMORY, undefined],
    classic: UNSUPPORTED,
  },
  {
    verb: 'meta.debug',
    given: text,
    call: async (c, k) => (await c.meta.debug(k))?.fetched,
    real: false,
    classic: UNSUPPORTED,
  },
  {
    verb: 'meta.noop',
    call: async (c) => of(await c.meta.noop()),
    real: [true],
    classic: UNSUPPORTED,
    whole: true,
  },
];

const firstKey = async (cache: FleetClient): Promise<string> => {
  for await (const { key } of cache.keys()) return typeof key;
  return 'none';
};

const ADMINISTRATION: readonly Row[] = (
  [
    { verb: 'connect', call: (c) => c.connect(), real: undefined },
    {
      verb: 'version',
      call: async (c) => of(await c.version()).map((v) => /^\d+\.\d+\.\d+/.test(v)),
      real: [true],
    },
    {
      verb: 'stats',
      call: async (c) => of(await c.stats('settings')).map((stats) => stats.get('cas_enabled')),
      real: [true],
      proxy: UNSUPPORTED,
    },
    { verb: 'keys', call: firstKey, real: 'string', proxy: UNSUPPORTED },
    {
      verb: 'raw',
      call: async (c) => String(await c.raw('verbosity 0')),
      real: 'OK',
      proxy: UNSUPPORTED,
    },
    {
      verb: 'verbosity',
      call: async (c) => of(await c.verbosity(0)),
      real: [true],
      proxy: UNSUPPORTED,
    },
    {
      verb: 'shutdown',
      call: (c) => c.shutdown(),
      real: 'ERR_MEMCACHE_UNKNOWN_COMMAND',
      proxy: UNSUPPORTED,
    },
    {
      verb: 'flushAll',
      call: async (c) => of(await c.flushAll(1000)),
      real: [true],
      proxy: UNSUPPORTED,
    },
    {
      verb: 'cacheMemlimit',
      call: async (c) => of(await c.cacheMemlimit(64)),
      real: [true],
      proxy: UNSUPPORTED,
    },
  ] satisfies Row[]
).map((row) => ({ ...row, whole: true }));

/** Every verb. */
export const ALL_ROWS: readonly Row[] = [
  ...READS,
  ...STORES,
  ...CHANGES,
  ...META,
  ...ADMINISTRATION,
];
