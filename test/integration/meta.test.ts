import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetaSetOptions } from '../../src/index.ts';
import { rejects } from '../support/fault-lab.ts';
import { overEveryTransport } from './backend.ts';
import { has } from './releases.ts';

const BLANK = Buffer.from('meta\r\n blank');
const STORED = { status: 'stored', cas: undefined, size: undefined };

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test(
    'set stores what get reads, and get says all that is known',
    { skip: keysOnly },
    async () => {
      const { cache } = backend;
      for (const key of ['meta:set', 'meta:sët', BLANK]) {
        for (const value of [
          'text',
          { a: [1, 2] },
          7,
          Buffer.from([0, 1]),
          'large '.repeat(30_000),
        ]) {
          assert.deepEqual(await cache.meta.set(key, value, { ttl: 1000 }), STORED);
          assert.deepEqual(await cache.get(key), value);
          const item = await cache.meta.get(key);
          assert.deepEqual(item?.value, value);
          assert.deepEqual(
            [item?.won, item?.stale, item?.lost, item?.unchanged],
            [false, false, false, false],
          );
          assert.ok(item?.ttl !== undefined && item.ttl > 990 && item.ttl <= 1000);
          assert.equal(item?.cas, (await cache.gets(key))?.cas);
        }
      }
      assert.equal(await cache.meta.get('meta:none'), undefined);
    },
  );

  test('get answers the facts that were asked for', { skip: keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('meta:facts', 'hello', { ttl: 100 });
    const item = await cache.meta.get('meta:facts', { facts: ['size', 'flags'] });
    const nothing = { value: undefined, cas: undefined, ttl: undefined, lastAccess: undefined };
    const marks = { won: false, lost: false, stale: false, unchanged: false };
    assert.deepEqual(item, { size: 5, flags: 16, hitBefore: undefined, ...nothing, ...marks });
    const none = await cache.meta.get('meta:facts', { facts: [] });
    assert.deepEqual(none, { ...item, size: undefined, flags: undefined });
    assert.equal((await cache.meta.get('meta:facts', { facts: ['hitBefore'] }))?.hitBefore, true);
  });

  test('get counts as a use unless it is told not to', { skip: keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('meta:bump', 'x');
    await cache.meta.get('meta:bump', { bump: false });
    assert.equal((await cache.inspect('meta:bump'))?.hitBefore, false);
    await cache.meta.get('meta:bump');
    assert.equal((await cache.inspect('meta:bump'))?.hitBefore, true);
  });

  test('each mode stores under its own condition', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:mode', BLANK]) {
      await cache.delete(key);
      const status = async (mode: MetaSetOptions['mode'], value: string): Promise<string> =>
        (await cache.meta.set(key, value, { mode })).status;
      assert.equal(await status('replace', 'x'), 'not stored');
      assert.equal(await status('append', 'x'), 'not stored');
      assert.equal(await status('prepend', 'x'), 'not stored');
      assert.equal(await status('add', 'b'), 'stored');
      assert.equal(await status('add', 'x'), 'not stored');
      assert.equal(await status('append', 'c'), 'stored');
      assert.equal(await status('prepend', 'a'), 'stored');
      assert.equal(await cache.get(key), 'abc');
      assert.equal(await status('replace', 'r'), 'stored');
      assert.equal(await cache.get(key), 'r');
      assert.equal(await status('set', 's'), 'stored');
      assert.equal(await cache.get(key), 's');
    }
  });

  test('set compares tokens, in every mode that can', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:cas', BLANK]) {
      await cache.delete(key);
      for (const mode of ['set', 'replace'] as const)
        assert.equal((await cache.meta.set(key, 'x', { mode, cas: '1' })).status, 'missing');
      await cache.set(key, 'a');
      for (const mode of ['set', 'replace', 'append', 'prepend'] as const) {
        const cas = (await cache.gets(key))?.cas ?? '';
        assert.equal((await cache.meta.set(key, 'x', { mode, cas: `1${cas}` })).status, 'exists');
        assert.equal((await cache.meta.set(key, 'b', { mode, cas })).status, 'stored');
        assert.equal((await cache.meta.set(key, 'x', { mode, cas })).status, 'exists');
      }
      assert.equal(await cache.get(key), 'bbb');
    }
  });
});

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test('set answers the new token and the size', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const { status, cas } = await cache.meta.set('meta:token', 'x', { returnCas: true });
    assert.deepEqual([status, cas], ['stored', (await cache.gets('meta:token'))?.cas]);
    const failed = await cache.meta.set('meta:token', 'x', { returnCas: true, mode: 'add' });
    assert.deepEqual(failed, { status: 'not stored', cas: undefined, size: undefined });
    const sized = (): Promise<unknown> =>
      cache.meta.set('meta:token', 'yz', { returnSize: true, mode: 'append' });
    if (await has(cache, [1, 6, 21], sized))
      assert.deepEqual(await sized(), { ...STORED, size: 3 });
  });

  test('with invalidate an older token stores the value as stale', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:older', BLANK]) {
      await cache.set(key, 'first');
      const old = (await cache.gets(key))?.cas ?? '';
      await cache.set(key, 'second');
      assert.equal((await cache.meta.set(key, 'late', { cas: old })).status, 'exists');
      assert.equal(
        (await cache.meta.set(key, 'late', { cas: old, invalidate: true })).status,
        'stored',
      );
      const item = await cache.meta.get(key);
      assert.deepEqual([item?.value, item?.stale, item?.won], ['late', true, true]);
      const newer = String(BigInt(item?.cas ?? 0) + 1000n);
      assert.equal(
        (await cache.meta.set(key, 'x', { cas: newer, invalidate: true })).status,
        'exists',
      );
    }
  });

  test('client flags may be the caller’s own', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const flags of [0, 1, 65_536, 4_294_967_295]) {
      await cache.meta.set('meta:flags', 'x', { flags });
      assert.equal((await cache.inspect('meta:flags'))?.flags, flags);
    }
  });

  test('opaques and hints for proxies are passed on', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const marks = { opaque: '!~'.padEnd(31, 'o') };
    for (const key of ['meta:marks', BLANK]) {
      await cache.meta.set(key, 1, marks);
      assert.equal((await cache.meta.get(key, marks))?.value, 1);
      assert.equal((await cache.meta.arithmetic(key, marks)).value, 2n);
      assert.equal(await cache.meta.delete(key, marks), 'deleted');
      assert.equal(await cache.meta.delete(key, marks), 'missing');
      assert.equal((await cache.meta.arithmetic(key, marks)).status, 'missing');
      assert.equal(await cache.meta.get(key, marks), undefined);
    }
    const hints = { proxy: { P: 'path/', L: 'x'.repeat(200) }, opaque: 'q' };
    const set = (): Promise<unknown> => cache.meta.set('meta:hints', 1, hints);
    if (!(await has(cache, [1, 6, 14], set))) return;
    assert.deepEqual(await set(), STORED);
    assert.equal((await cache.meta.get('meta:hints', hints))?.value, 1);
    assert.equal(await cache.meta.delete('meta:hints', hints), 'deleted');
  });
});

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test('tokens may be the caller’s own', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const set = (): Promise<unknown> =>
      cache.meta.set('meta:version', 'v5', { newCas: 5n, returnCas: true });
    if (!(await has(cache, [1, 6, 27], set))) return;
    assert.deepEqual(await set(), { ...STORED, cas: '5' });
    assert.equal(
      (await cache.meta.set('meta:version', 'v7', { cas: '5', newCas: '7' })).status,
      'stored',
    );
    assert.equal(
      (await cache.meta.set('meta:version', 'v6', { cas: '6', newCas: '6' })).status,
      'exists',
    );
    assert.equal((await cache.gets('meta:version'))?.cas, '7');
    assert.equal(
      await cache.meta.delete('meta:version', { invalidate: true, newCas: 2n ** 64n - 1n }),
      'deleted',
    );
    assert.equal((await cache.gets('meta:version'))?.cas, String(2n ** 64n - 1n));
    await cache.delete('meta:version');
    assert.equal((await cache.inspect('meta:version', { vivify: 30, newCas: 9n }))?.cas, '9');
    await cache.set('meta:version', 50);
    assert.equal((await cache.meta.arithmetic('meta:version', { newCas: 11n })).cas, '11');
    assert.equal((await cache.gets('meta:version'))?.cas, '11');
  });

  test('append and prepend may make what is missing', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:made', BLANK]) {
      await cache.delete(key);
      const append = (): Promise<unknown> =>
        cache.meta.set(key, 'x', { mode: 'append', vivify: 100, flags: 16 });
      if (!(await has(cache, [1, 6, 20], append))) continue;
      assert.deepEqual(await append(), STORED);
      assert.deepEqual(await cache.meta.set(key, 'y', { mode: 'prepend', vivify: 100 }), STORED);
      assert.equal(await cache.get(key), 'yx');
      const { ttl = 0 } = (await cache.inspect(key)) ?? {};
      assert.ok(ttl > 90 && ttl <= 100);
    }
  });

  test('the value is read unless it is the one that is known', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:unless', BLANK]) {
      await cache.set(key, { a: 1 });
      const cas = (await cache.gets(key))?.cas ?? '';
      const known = () => cache.inspect(key, { value: true, unlessCas: cas });
      if (!(await has(cache, [1, 6, 40], known))) continue;
      const same = await known();
      assert.deepEqual([same?.value, same?.unchanged, same?.cas], [undefined, true, cas]);
      await cache.set(key, { a: 2 });
      const changed = await known();
      assert.deepEqual([changed?.value, changed?.unchanged], [{ a: 2 }, false]);
      assert.equal((await cache.meta.get(key, { unlessCas: changed?.cas }))?.unchanged, true);
      await cache.delete(key);
      assert.equal(await known(), undefined);
    }
  });

  test(
    'commands on one key take effect in the order they were issued',
    { skip: keysOnly },
    async () => {
      const cache = backend.client({ connections: 4 });
      const large = 'x'.repeat(300_000);
      for (const key of ['meta:order', BLANK]) {
        const [, first, , second, , third, , fourth] = await Promise.all([
          cache.meta.set(key, { first: large }),
          cache.meta.get<{ first: string }>(key),
          cache.meta.set(key, 7),
          cache.meta.arithmetic(key, { delta: 3 }),
          cache.meta.delete(key, { invalidate: true }),
          cache.inspect(key, { value: true }),
          cache.delete(key),
          cache.meta.get(key),
        ]);
        assert.equal(first?.value?.first.length, large.length);
        assert.deepEqual(
          [second.value, third?.value, third?.stale, fourth],
          [10n, 10, true, undefined],
        );
      }
    },
  );

  test(
    'what knows no meta commands is not asked',
    { skip: !keysOnly && 'this server knows them' },
    async () => {
      const { cache } = backend;
      await cache.set('meta:kept', 'x');
      const { meta } = cache;
      for (const call of [
        meta.get('k'),
        meta.set('meta:kept', 'y'),
        meta.delete('meta:kept'),
        meta.arithmetic('k', { vivify: 0 }),
        meta.debug('k'),
        meta.noop(),
      ])
        await rejects(call, 'ERR_MEMCACHE_UNSUPPORTED', 'no');
      assert.equal(await cache.get('meta:kept'), 'x');
      assert.equal(cache.metrics().reconnects, 0);
    },
  );
});
