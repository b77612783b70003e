import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ClientMetaVerbs,
  createClient,
  type Inspection,
  type ItemDebug,
  type Key,
  type MemcacheClient,
  type MetaArithmeticAnswer,
  type MetaDeleteAnswer,
  type MetaFact,
  type MetaItem,
  type MetaSetAnswer,
  type MetaVerbs,
} from '../../src/index.ts';

/* What is checked here is checked by the compiler, as in verbs.test.ts. */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<Expected, Actual>(..._same: Same<Expected, Actual> extends true ? [] : [never]): void {}
type Answer<P> = P extends Promise<infer R> ? R : never;

interface User {
  readonly name: string;
}

function inspections(cache: MemcacheClient): void {
  const touched = cache.getAndTouch<User>('k', 60);
  is<User | undefined, Answer<typeof touched>>();
  const touchedMany = cache.getAndTouchMany<User>(['k'], new Date());
  is<Map<Key, User>, Answer<typeof touchedMany>>();
  const item = cache.inspect<User>('k', {
    value: true,
    touch: 5,
    vivify: 5,
    recache: 5,
    bump: true,
  });
  is<Inspection<User> | undefined, Answer<typeof item>>();
  const items = cache.inspectMany<User>(['k'], { unlessCas: '5', newCas: 5n, onError: 'miss' });
  is<Map<Key, Inspection<User>>, Answer<typeof items>>();
  is<User | undefined, Inspection<User>['value']>();
  is<number | undefined, Inspection['ttl']>();
  is<boolean, Inspection['won']>();
  // @ts-expect-error -- a flag is no option
  void cache.inspect('k', { N: 5 });
  // @ts-expect-error -- the value is always read unless `facts` leaves it out
  void cache.meta.get('k', { value: true });
  // @ts-expect-error -- there is no command without a token to compare with
  void cache.delete('k', { cas: 5 });
  void cache.delete('k', { cas: '5' });
}

function metas(meta: MetaVerbs): void {
  const facts: MetaFact[] = ['value', 'ttl'];
  const got = meta.get<User>('k', { facts, opaque: 'o', proxy: { P: 'p' } });
  is<MetaItem<User> | undefined, Answer<typeof got>>();
  is<number | undefined, MetaItem['size']>();
  const set = meta.set('k', 1, { mode: 'append', cas: '5', newCas: '5', ttl: 5, flags: 5 });
  is<MetaSetAnswer, Answer<typeof set>>();
  const gone = meta.delete('k', { invalidate: true, keepItem: true, ttl: 5 });
  is<'deleted' | 'missing' | 'exists', Answer<typeof gone>>();
  is<MetaDeleteAnswer, Answer<typeof gone>>();
  const counted = meta.arithmetic('k', { mode: 'decr', delta: 5n, initial: 5, vivify: 0 });
  is<MetaArithmeticAnswer, Answer<typeof counted>>();
  is<bigint | undefined, MetaArithmeticAnswer['value']>();
  const debug = meta.debug(new Uint8Array());
  is<ItemDebug | undefined, Answer<typeof debug>>();
  // @ts-expect-error -- nobody would hear of it
  void meta.set('k', 1, { noreply: true });
  // @ts-expect-error -- no such mode
  void meta.set('k', 1, { mode: 'cas' });
}

function servers(meta: ClientMetaVerbs): void {
  const answered = meta.noop({ server: 'h:1', timeoutMs: 5 });
  is<Map<string, true>, Answer<typeof answered>>();
}

test('the types compile, and the verbs are where they say', async (t) => {
  assert.ok([inspections, metas, servers].every((checked) => typeof checked === 'function'));
  const cache = createClient('127.0.0.1:1');
  t.after(() => cache.close({ timeoutMs: 0 }));
  is<ClientMetaVerbs, typeof cache.meta>();
  assert.equal(cache.meta, cache.meta);
  const view = cache.namespace('n');
  is<MetaVerbs, typeof view.meta>();
  await assert.rejects(cache.meta.get('a b'), { code: 'ERR_MEMCACHE_KEY' });
});
