import type { FleetClient, Key } from '../../src/index.ts';

/** What is answered, or the code it is refused with; of several keys that failed, the code of each. */
export type Outcome = unknown;

export const UNSUPPORTED = 'ERR_MEMCACHE_UNSUPPORTED';
export const OUT_OF_MEMORY = 'ERR_MEMCACHE_SERVER';
const every = (code: string, times: number): string => [MANY, ...Array(times).fill(code)].join(' ');
const MANY = 'ERR_MEMCACHE_MANY';

type Call = (cache: FleetClient, key: string, given: never) => Promise<unknown>;

/** One verb, and what comes of it with each kind of server. */
export interface Row {
  /** The name of the verb, and what is particular about this call. */
  readonly verb: string;
  /** Puts there what the call needs; its answer is handed to the call. */
  readonly given?: (cache: FleetClient, key: string) => Promise<unknown>;
  readonly call: Call;
  /** Of a memcached 1.6.18 with room. */
  readonly real: Outcome;
  /** Where its memory is full and it forgets nothing; and what `get` finds afterwards. Default: as with room. */
  readonly full?: readonly [Outcome, left: unknown];
  /** Where only classic commands are spoken. Default: as with the meta commands. */
  readonly classic?: Outcome;
  /** Where a proxy takes only commands about keys. Default: as where only classic commands are spoken. */
  readonly proxy?: Outcome;
  /** It is about servers, not about a key. */
  readonly whole?: true;
}

const text = (cache: FleetClient, key: string): Promise<true> => cache.set(key, 'text');
const ten = (cache: FleetClient, key: string): Promise<true> => cache.set(key, 10);
const token = async (cache: FleetClient, key: string): Promise<string | undefined> => {
  await text(cache, key);
  return (await cache.gets(key))?.cas;
};
const bytes = (key: string): Key => Buffer.from(`${key} in base64`);
const inBase64 = (cache: FleetClient, key: string): Promise<unknown> =>
  // Where it is refused, so is what the row is about.
  cache.set(bytes(key), 'text').catch(() => {});

const of = <K, V>(answers: Map<K, V>): V[] => [...answers.values()];
const isToken = (cas: string | undefined): boolean => /^\d+$/.test(String(cas));
const load = (): string => 'loaded';
const loadMany = (keys: readonly Key[]): Map<Key, string> =>
  new Map(keys.map((key) => [key, 'loaded']));
const noreply = { noreply: true } as const;
const other = (key: string): string => `${key}:other`;

const READS: readonly Row[] = [
  { verb: 'get', given: text, call: (c, k) => c.get(k), real: 'text' },
  {
    verb: 'get in base64',
    given: inBase64,
    call: (c, k) => c.get(bytes(k)),
    real: 'text',
    classic: UNSUPPORTED,
  },
  {
    verb: 'gets',
    given: text,
    call: async (c, k) => {
      const found = await c.gets(k);
      return [found?.value, isToken(found?.cas)];
    },
    real: ['text', true],
  },
  {
    verb: 'getMany',
    given: text,
    call: async (c, k) => of(await c.getMany([k, other(k)])),
    real: ['text'],
  },
  {
    verb: 'getsMany',
    given: text,
    call: async (c, k) => of(await c.getsMany([k, other(k)])).map(({ value }) => value),
    real: ['text'],
  },
  {
    verb: 'getValues',
    given: text,
    call: (c, k) => c.getValues([k, other(k)]),
    real: ['text', undefined],
  },
  {
    verb: 'getAndTouch',
    given: text,
    call: (c, k) => c.getAndTouch(k, 100),
    real: 'text',
    proxy: UNSUPPORTED,
  },
  {
    verb: 'getAndTouchMany',
    given: text,
    call: async (c, k) => of(await c.getAndTouchMany([k, other(k)], 100)),
    real: ['text'],
    proxy: every(UNSUPPORTED, 2),
  },
  {
    verb: 'inspect',
    given: text,
    call: async (c, k) => {
      const { cas, lastAccess, ...found } = (await c.inspect(k, { value: true })) ?? {};
      return [found, isToken(cas), typeof lastAccess];
    },
    real: [
      {
        ...{ value: 'text', size: 4, flags: 16, ttl: undefined, hitBefore: false },
        ...{ won: false, lost: false, stale: false, unchanged: false },
      },
      true,
      'number',
    ],
    classic: UNSUPPORTED,
  },
  {
    verb: 'inspect with vivify',
    call: async (c, k) => (await c.inspect(k, { vivify: 100 }))?.won,
    real: true,
    full: [undefined, undefined],
    classic: UNSUPPORTED,
  },
  {
    verb: 'inspectMany',
    given: text,
    call: async (c, k) => of(await c.inspectMany([k, other(k)])).map(({ size }) => size),
    real: [4],
    classic: every(UNSUPPORTED, 2),
  },
];

/** A store that is refused for want of memory removes what it was to replace, if it was a `set`. */
const STORES: readonly Row[] = [
  {
    verb: 'set',
    given: text,
    call: (c, k) => c.set(k, 'new'),
    real: true,
    full: [OUT_OF_MEMORY, undefined],
  },
  {
    verb: 'set in base64',
    call: (c, k) => c.set(bytes(k), 'new'),
    real: true,
    full: [OUT_OF_MEMORY, undefined],
    classic: UNSUPPORTED,
  },
  {
    verb: 'add',
    call: (c, k) => c.add(k, 'new'),
    real: true,
    full: [OUT_OF_MEMORY, undefined],
  },
  // That there is an item already is not looked at where there is no memory.
  {
    verb: 'add to what is there',
    given: text,
    call: (c, k) => c.add(k, 'new'),
    real: false,
    full: [OUT_OF_MEMORY, 'text'],
  },
  {
    verb: 'replace',
    given: text,
    call: (c, k) => c.replace(k, 'new'),
    real: true,
    full: [OUT_OF_MEMORY, 'text'],
  },
  {
    verb: 'append',
    given: text,
    call: (c, k) => c.append(k, 'new'),
    real: true,
    full: [OUT_OF_MEMORY, 'text'],
  },
  {
    verb: 'prepend',
    given: text,
    call: (c, k) => c.prepend(k, 'new'),
    real: true,
    full: [OUT_OF_MEMORY, 'text'],
  },
  {
    verb: 'cas',
    given: token,
    call: (c, k, given) => c.cas(k, 'new', given),
    real: 'stored',
    full: [OUT_OF_MEMORY, 'text'],
  },
  {
    verb: 'setMany',
    call: (c, k) => c.setMany({ [k]: 'new', [other(k)]: 'new' }),
    real: true,
    full: [every(OUT_OF_MEMORY, 2), undefined],
  },
  {
    verb: 'set without an answer',
    given: text,
    call: (c, k) => c.set(k, 'new', noreply),
    real: undefined,
    full: [undefined, undefined],
  },
  {
    verb: 'setMany without an answer',
    given: text,
    call: (c, k) => c.setMany({ [k]: 'new', [other(k)]: 'new' }, noreply),
    real: undefined,
    full: [undefined, undefined],
  },
];

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
export const ROWS: readonly Row[] = [...READS, ...STORES, ...CHANGES, ...META, ...ADMINISTRATION];
