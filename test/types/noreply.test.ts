import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Answered,
  ChangeOptions,
  CountOptions,
  FallbackClient,
  FleetClient,
  Key,
  MemcacheClient,
  StoreOptions,
} from '../../src/index.ts';

/*
 * Checked by the compiler, as in verbs.test.ts: what a change is answered with follows from `noreply` in its options.
 */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where the answer is exactly the expected one. */
function is<Expected, Actual>(
  _call: Promise<Actual>,
  ..._same: Same<Expected, Actual> extends true ? [] : [never]
): void {}

function answered(cache: MemcacheClient): void {
  is<true, true>(cache.set('k', 1));
  is<true, true>(cache.set('k', 1, {}));
  is<true, true>(cache.set('k', 1, { ttl: 5 }));
  is<true, true>(cache.set('k', 1, { ttl: 5, noreply: false }));
  is<true, true>(cache.setMany({ k: 1 }, { ttl: 5 }));
  is<boolean, boolean>(cache.append('k', 'text'));
  is<boolean, boolean>(cache.prepend('k', new Uint8Array(), { routeBy: 'r' }));
  is<number | undefined, number | undefined>(cache.incr('k', -1, { signed: true, initial: 0 }));
  is<bigint | undefined, bigint | undefined>(cache.incr<bigint>('k', 1n));
}

function quiet(cache: MemcacheClient): void {
  is<undefined, undefined>(cache.set('k', 1, { noreply: true }));
  is<undefined, undefined>(cache.set('k', 1, { ttl: 5, noreply: true }));
  is<undefined, undefined>(cache.setMany({ k: 1 }, { noreply: true }));
  is<undefined, undefined>(cache.add('k', 1, { noreply: true }));
  is<undefined, undefined>(cache.replace('k', 1, { noreply: true }));
  is<undefined, undefined>(cache.append('k', 'text', { noreply: true }));
  is<undefined, undefined>(cache.prepend('k', 'text', { noreply: true }));
  is<undefined, undefined>(cache.delete('k', { noreply: true }));
  is<undefined, undefined>(cache.deleteMany(['k'], { noreply: true }));
  is<undefined, undefined>(cache.touch('k', 5, { noreply: true }));
  is<undefined, undefined>(cache.incr('k', 5, { noreply: true }));
  is<undefined, undefined>(cache.decr('k', 5n, { noreply: true, initial: 1 }));
}

function unsaid(cache: FleetClient, noreply: boolean): void {
  const store: StoreOptions = { noreply: true };
  const change: ChangeOptions = {};
  const count: CountOptions = {};
  is<true | undefined, true | undefined>(cache.set('k', 1, store));
  is<true | undefined, true | undefined>(cache.set('k', 1, { noreply }));
  is<true | undefined, true | undefined>(cache.set('k', 1, { noreply: undefined }));
  is<boolean | undefined, boolean | undefined>(cache.delete('k', change));
  is<Map<Key, boolean> | undefined, Map<Key, boolean> | undefined>(cache.deleteMany([], change));
  is<number | undefined, number | undefined>(cache.incr('k', 1, count));
  const said: StoreOptions<false> = { ttl: 5 };
  is<true, true>(cache.set('k', 1, said));
  const quietly: StoreOptions<true> = { noreply: true };
  is<undefined, undefined>(cache.set('k', 1, quietly));
  const either = cache.set('k', 1, store) as Promise<Answered<boolean, true>>;
  is<true | undefined, true | undefined>(either);
}

function refused(cache: MemcacheClient, both: FallbackClient): void {
  // @ts-expect-error -- true or false
  void cache.set('k', 1, { noreply: 'yes' });
  // @ts-expect-error -- no such option
  void cache.set('k', 1, { ttl: 5, noReply: true });
  // @ts-expect-error -- a read has an answer
  void cache.get('k', { noreply: true });
  // @ts-expect-error -- so has cas
  void cache.cas('k', 1, '7', { noreply: true });
  // @ts-expect-error -- and flushAll
  void cache.flushAll(0, { noreply: true });
  // @ts-expect-error -- only text and bytes are appended
  void cache.append('k', 5);
  // @ts-expect-error -- the item keeps its ttl
  void cache.append('k', 'text', { ttl: 5 });
  // @ts-expect-error -- only a counter has a sign
  void cache.set('k', 1, { signed: true });
  // @ts-expect-error -- a fallback has to know
  void both.set('k', 1, { noreply: true });
  // @ts-expect-error -- of every client
  void both.delete('k', { noreply: true });
  const one: Promise<true> = both.set('k', 1, { noreply: false });
  void one;
}

test('the types are as the compiler found them', () => {
  for (const checked of [answered, quiet, unsaid, refused])
    assert.equal(typeof checked, 'function');
});
