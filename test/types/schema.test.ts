import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createClient,
  type FleetClient,
  type Inspection,
  type TypedClient,
  type WithCas,
} from '../../src/index.ts';

/*
 * What is checked here is checked by the compiler: `npm run typecheck` fails when a type is another one, or when what
 * must not compile does. The functions are never called.
 */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where `Actual` is exactly `Expected`. */
function is<Expected, Actual>(..._same: Same<Expected, Actual> extends true ? [] : [never]): void {}

type Answer<P> = P extends Promise<infer R> ? R : never;

interface User {
  readonly name: string;
}

interface Schema {
  [key: `user:${string}`]: User;
  visits: number;
  note: string;
}

function reads(cache: TypedClient<Schema>, ids: `user:${string}`[]): void {
  const user = cache.get('user:1');
  is<User | undefined, Answer<typeof user>>();
  const visits = cache.get('visits');
  is<number | undefined, Answer<typeof visits>>();
  const gets = cache.gets('note');
  is<WithCas<string> | undefined, Answer<typeof gets>>();
  const many = cache.getMany(ids);
  is<Map<`user:${string}`, User>, Answer<typeof many>>();
  const mixed = cache.getValues(['visits', 'note']);
  is<(number | string | undefined)[], Answer<typeof mixed>>();
  const touched = cache.getAndTouch('user:1', 60);
  is<User | undefined, Answer<typeof touched>>();
  const seen = cache.inspect('note');
  is<Inspection<string> | undefined, Answer<typeof seen>>();
  const fetched = cache.fetch('user:1', { ttl: 60 }, () => ({ name: 'Ada' }));
  is<{ name: string }, Answer<typeof fetched>>();
  // @ts-expect-error -- no such key
  void cache.get('nope');
  // @ts-expect-error -- no such keys
  void cache.getMany(['user:1', 'nope']);
  // @ts-expect-error -- another value
  void cache.fetch('visits', { ttl: 60 }, () => 'many');
}

function writes(cache: TypedClient<Schema>): void {
  const stored = cache.set('user:1', { name: 'Ada' });
  is<true, Answer<typeof stored>>();
  void cache.setMany({ 'user:1': { name: 'Ada' }, visits: 3 });
  void cache.setMany([
    ['user:1', { name: 'Ada' }],
    ['visits', 3],
  ]);
  const visits = cache.incr('visits');
  is<number | undefined, Answer<typeof visits>>();
  void cache.append('note', 'more');
  // @ts-expect-error -- another value
  void cache.set('user:1', 3);
  // @ts-expect-error -- another value
  void cache.setMany([['visits', 'three']]);
  // @ts-expect-error -- no counter
  void cache.incr('note');
  // @ts-expect-error -- no text
  void cache.append('visits', '1');
}

function others(cache: TypedClient<Schema>): void {
  is<readonly string[], (typeof cache)['servers']>();
  const part = cache.namespace<{ hits: number }>('part').get('hits');
  is<number | undefined, Answer<typeof part>>();
  const untyped = cache.namespace('part').get('any');
  is<unknown, Answer<typeof untyped>>();
}

test('a schema is a matter of types alone', async () => {
  assert.ok([reads, writes, others].every((checked) => typeof checked === 'function'));
  const cache = createClient<Schema>('127.0.0.1:1');
  is<TypedClient<Schema>, typeof cache>();
  const plain = createClient('127.0.0.1:1');
  is<FleetClient, typeof plain>();
  assert.equal(cache.constructor, plain.constructor);
  await Promise.all([cache.close(), plain.close()]);
});
