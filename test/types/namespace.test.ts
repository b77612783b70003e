import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  InvalidateNamespaceOptions,
  Key,
  MemcacheClient,
  Namespace,
  NamespaceOptions,
} from '../../src/index.ts';

/* As in verbs.test.ts: checked by the compiler, never called. */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where `Actual` is exactly `Expected`. */
function is<Expected, Actual>(..._same: Same<Expected, Actual> extends true ? [] : [never]): void {}

type Answer<P> = P extends Promise<infer R> ? R : never;

function views(cache: MemcacheClient): void {
  const options: NamespaceOptions = { versionCacheMs: 5, ttl: new Date(), codec: 'json' };
  const view = cache.namespace('user', options);
  is<Namespace, typeof view>();
  is<string, typeof view.name>();
  const left: NamespaceOptions = { versionCacheMs: undefined, ttl: undefined, codec: undefined };
  void cache.namespace('user', left);
  const gone = view.invalidateNamespace({ timeoutMs: 5, signal: AbortSignal.timeout(5) });
  is<void, Answer<typeof gone>>();
  const none: InvalidateNamespaceOptions = {};
  void view.invalidateNamespace(none);
}

function verbs(view: Namespace): void {
  const value = view.get<Date>('k');
  is<Date | undefined, Answer<typeof value>>();
  const many = view.getMany<Date>(['k']);
  is<Map<Key, Date>, Answer<typeof many>>();
  const set = view.set('k', 1, { ttl: 5 });
  is<true, Answer<typeof set>>();
  const quiet = view.set('k', 1, { noreply: true });
  is<undefined, Answer<typeof quiet>>();
  const count = view.incr('k', 1n);
  is<bigint | undefined, Answer<typeof count>>();
  const fetched = view.fetch('k', { ttl: 5 }, () => 'loaded');
  is<string, Answer<typeof fetched>>();
}

function refused(cache: MemcacheClient, view: Namespace): void {
  // @ts-expect-error -- a view has a name
  void cache.namespace();
  // @ts-expect-error -- of text
  void cache.namespace(new Uint8Array());
  // @ts-expect-error -- no such option
  void cache.namespace('user', { timeoutMs: 5 });
  // @ts-expect-error -- no such codec
  void cache.namespace('user', { codec: 'xml' });
  // @ts-expect-error -- a version has its own place
  void view.invalidateNamespace({ routeBy: 'k' });
  // @ts-expect-error -- a view lives as long as its client
  void view.close();
  // @ts-expect-error -- nor does it speak of whole servers
  void view.flushAll();
  // @ts-expect-error -- in any way
  void view.meta.noop();
  // @ts-expect-error -- nor of keys that are not its own
  void view.keys();
  // @ts-expect-error -- it has no parts
  void view.namespace('part');
}

test('the types are as the compiler found them', () => {
  for (const checked of [views, verbs, refused]) assert.equal(typeof checked, 'function');
});
