import { type FleetClient, type Key, ManyError, type MemcacheError } from '../../src/index.ts';

/** What is answered, or the code it is refused with; of several keys that failed, the code of each. */
export type Outcome = unknown;

export const UNSUPPORTED = 'ERR_MEMCACHE_UNSUPPORTED';
export const OUT_OF_MEMORY = 'ERR_MEMCACHE_SERVER';
const every = (code: string, times: number): string => [MANY, ...Array(times).fill(code)].join(' ');
const MANY = 'ERR_MEMCACHE_MANY';

type Call = (cache: FleetClient, key: string, given: never) => Promise<unknown>;

/** The answer, or the code; of several keys, that of each. */
export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    return await call;
  } catch (error) {
    const { code } = error as MemcacheError;
    if (!(error instanceof ManyError)) return code;
    return [code, ...[...error.errors.values()].map((each) => each.code)].join(' ');
  }
}

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

export const text = (cache: FleetClient, key: string): Promise<true> => cache.set(key, 'text');
export const ten = (cache: FleetClient, key: string): Promise<true> => cache.set(key, 10);
export const token = async (cache: FleetClient, key: string): Promise<string | undefined> => {
  await text(cache, key);
  return (await cache.gets(key))?.cas;
};
const bytes = (key: string): Key => Buffer.from(`${key} in base64`);
const inBase64 = (cache: FleetClient, key: string): Promise<unknown> =>
  // Where it is refused, so is what the row is about.
  cache.set(bytes(key), 'text').catch(() => {});

export const of = <K, V>(answers: Map<K, V>): V[] => [...answers.values()];
const isToken = (cas: string | undefined): boolean => /^\d+$/.test(String(cas));
const noreply = { noreply: true } as const;
export const other = (key: string): string => `${key}:other`;

export const READS: readonly Row[] = [
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
export const STORES: readonly Row[] = [
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
