import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  FetchOptions,
  InvalidateOptions,
  Key,
  Loaded,
  MemcacheClient,
} from '../../src/index.ts';

/* Checked by the compiler; the functions are never called. */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function is<Expected, Actual>(..._same: Same<Expected, Actual> extends true ? [] : [never]): void {}

interface User {
  readonly name: string;
}

type Answer<P> = P extends Promise<infer R> ? R : never;

function fetching(cache: MemcacheClient, load: (id: string) => Promise<User>): void {
  const user = cache.fetch('k', { ttl: 5 }, (key) => load(key));
  is<User, Answer<typeof user>>();
  const atOnce = cache.fetch('k', {}, () => 7);
  is<number, Answer<typeof atOnce>>();
  const maybe = cache.fetch(
    'k',
    { negativeTtl: 5 },
    async (): Promise<User | undefined> => undefined,
  );
  is<User | undefined, Answer<typeof maybe>>();
  const bytes = cache.fetch<User>(new Uint8Array(), {}, (key) => load(key.toString()));
  is<User, Answer<typeof bytes>>();
  const many = cache.fetchMany(
    ['a', 'b'],
    {},
    async (keys: readonly string[]) => new Map([[keys[0], 1]]),
  );
  is<Map<string, number>, Answer<typeof many>>();
  const named = cache.fetchMany(['a'], {}, () => ({ a: 'A' }));
  is<Map<string, string>, Answer<typeof named>>();
  const keys: Key[] = ['a', new Uint8Array()];
  const mixed = cache.fetchMany<User>(
    keys,
    {},
    (given) => new Map(given.map((key) => [key, { name: '' }])),
  );
  is<Map<Key, User>, Answer<typeof mixed>>();
  const had = cache.invalidate('k', { staleFor: 5 });
  is<boolean, Answer<typeof had>>();
  // @ts-expect-error -- without options
  void cache.fetch('k', () => 1);
  // @ts-expect-error -- no such wait
  void cache.fetch('k', { wait: 'forever' }, () => 1);
  cache.on('refresh', ({ error }) => is<unknown, typeof error>());
  is<number | undefined, FetchOptions['lock']>();
  is<number | undefined, InvalidateOptions['staleFor']>();
  const loaded: Loaded<number> = new Map<Key, number>();
  void loaded;
}

test('the types of fetch are what they are said to be', () => {
  assert.equal(typeof fetching, 'function');
});
