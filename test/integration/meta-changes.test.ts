import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejects } from '../support/fault-lab.ts';
import { overEveryTransport } from './backend.ts';
import { has } from './releases.ts';

const BLANK = Buffer.from('meta other\r\n blank');

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test('delete removes, one with another token not', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:delete', BLANK]) {
      await cache.delete(key);
      assert.equal(await cache.meta.delete(key), 'missing');
      assert.equal(await cache.meta.delete(key, { cas: '5' }), 'missing');
      assert.equal(await cache.delete(key, { cas: '5' }), false);
      await cache.set(key, 'x');
      const cas = (await cache.gets(key))?.cas ?? '';
      assert.equal(await cache.meta.delete(key, { cas: `1${cas}` }), 'exists');
      assert.equal(await cache.delete(key, { cas: `1${cas}` }), false);
      assert.equal(await cache.get(key), 'x');
      assert.equal(await cache.meta.delete(key, { cas }), 'deleted');
      await cache.set(key, 'x');
      assert.equal(await cache.delete(key, { cas: (await cache.gets(key))?.cas }), true);
      assert.equal(await cache.get(key), undefined);
    }
  });

  test(
    'delete may leave the item as stale, with a new ttl or its own',
    { skip: keysOnly },
    async () => {
      const { cache } = backend;
      for (const key of ['meta:stale', BLANK]) {
        assert.equal(
          await cache.meta.delete(`${String(key)}:none`.replaceAll(/\s/g, ''), {
            invalidate: true,
          }),
          'missing',
        );
        for (const ttl of [undefined, 50]) {
          await cache.set(key, 'old', { ttl: 1000 });
          const before = await cache.inspect(key);
          assert.equal(
            await cache.meta.delete(key, { invalidate: true, ttl, cas: before?.cas }),
            'deleted',
          );
          const item = await cache.meta.get(key);
          assert.deepEqual([item?.value, item?.stale, item?.won], ['old', true, true]);
          assert.notEqual(item?.cas, before?.cas);
          assert.ok(
            Math.abs((item?.ttl ?? 0) - (ttl ?? 1000)) < 10,
            `${item?.ttl} seconds are left`,
          );
        }
      }
    },
  );

  test('delete may leave the item without its value', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:tombstone', BLANK]) {
      await cache.set(key, 'old', { ttl: 1000 });
      const entomb = (): Promise<string> =>
        cache.meta.delete(key, { keepItem: true, invalidate: true, ttl: 60 });
      if (!(await has(cache, [1, 6, 27], entomb))) continue;
      assert.equal(await entomb(), 'deleted');
      const item = await cache.meta.get(key);
      assert.deepEqual(
        [item?.value, item?.size, item?.flags, item?.stale],
        [undefined, 0, 0, true],
      );
      assert.ok((item?.ttl ?? 0) > 50 && (item?.ttl ?? 0) <= 60);
      assert.equal(await cache.get(key), undefined);
      await cache.set(key, 'old');
      assert.equal(await cache.meta.delete(key, { keepItem: true }), 'deleted');
      assert.equal((await cache.inspect(key))?.ttl, undefined);
    }
  });
});

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test(
    'arithmetic steps a counter, and makes it where it is told to',
    { skip: keysOnly },
    async () => {
      const { cache } = backend;
      const missing = { status: 'missing', value: undefined, cas: undefined, ttl: undefined };
      for (const key of ['meta:count', BLANK]) {
        await cache.delete(key);
        assert.deepEqual(await cache.meta.arithmetic(key), missing);
        const made = await cache.meta.arithmetic(key, {
          vivify: 100,
          initial: 10,
          ttl: 900,
          delta: 5,
        });
        assert.deepEqual([made.status, made.value], ['stored', 10n]);
        assert.ok((made.ttl ?? 0) > 90 && (made.ttl ?? 0) <= 100);
        const up = await cache.meta.arithmetic(key, {
          vivify: 100,
          initial: 10,
          ttl: 900,
          delta: 5n,
        });
        assert.equal(up.value, 15n);
        assert.ok((up.ttl ?? 0) > 890, `${up.ttl} seconds are left`);
        assert.equal(up.cas, (await cache.gets(key))?.cas);
        assert.equal((await cache.meta.arithmetic(key, { mode: 'decr', delta: 20 })).value, 0n);
        const all = { delta: 2n ** 64n - 1n } as const;
        assert.equal((await cache.meta.arithmetic(key, all)).value, 2n ** 64n - 1n);
        assert.equal((await cache.meta.arithmetic(key, { delta: 2 })).value, 1n);
        assert.deepEqual(await cache.meta.arithmetic(key, { cas: '1' }), {
          ...missing,
          status: 'exists',
        });
        const { cas } = await cache.meta.arithmetic(key);
        assert.equal((await cache.meta.arithmetic(key, { cas })).value, 3n);
        await cache.set(key, 'text');
        await rejects(cache.meta.arithmetic(key), 'ERR_MEMCACHE_CLIENT', 'yes');
        assert.equal(await cache.get(key), 'text');
      }
    },
  );

  test('debug tells what the server keeps of an item', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['meta:debug', 'meta:dëbug', Buffer.from('meta debug')]) {
      await cache.delete(key);
      assert.equal(await cache.meta.debug(key), undefined);
      await cache.set(key, 'hello', { ttl: 100 });
      const {
        ttl,
        lastAccess,
        cas,
        fetched,
        size,
        class: at,
      } = (await cache.meta.debug(key)) ?? {};
      assert.ok(
        ttl !== undefined && ttl > 90 && ttl <= 100 && (lastAccess ?? -1) >= 0 && (at ?? 0) > 0,
      );
      assert.deepEqual([cas, fetched], [(await cache.gets(key))?.cas, false]);
      assert.ok(size !== undefined && size > 50);
      assert.equal((await cache.meta.debug(key))?.fetched, true);
      await cache.meta.set(key, 5);
      await cache.meta.arithmetic(key, { delta: 100 });
      assert.equal(
        (await cache.meta.debug(key))?.ttl,
        undefined,
        'of an item the server has made anew',
      );
    }
    await rejects(cache.meta.debug(BLANK), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
  });

  test('noop is answered by each server', { skip: keysOnly }, async () => {
    const { cache, address } = backend;
    const all = await cache.meta.noop();
    assert.deepEqual([...all.values()], [true]);
    assert.deepEqual(await cache.meta.noop({ server: address }), all);
  });
});
