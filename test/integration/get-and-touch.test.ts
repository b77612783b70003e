import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManyError } from '../../src/index.ts';
import { rejects } from '../support/fault-lab.ts';
import { overEveryTransport } from './backend.ts';

const BLANK = Buffer.from('gat blank\r\nkey');

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test(
    'getAndTouch reads as get does and gives what it finds a new ttl',
    { skip: keysOnly },
    async () => {
      const { cache } = backend;
      for (const key of ['gat:one', 'gät:text', BLANK]) {
        await cache.set(key, { name: 'Ada' }, { ttl: 1000 });
        assert.deepEqual(await cache.getAndTouch(key, 60), { name: 'Ada' });
        const left = (await cache.inspect(key))?.ttl ?? 0;
        assert.ok(left > 50 && left <= 60, `${left} seconds are left`);
        await cache.getAndTouch(key, 0);
        assert.equal((await cache.inspect(key))?.ttl, undefined);
      }
    },
  );

  test('a miss is undefined, and nothing is made', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['gat:none', Buffer.from('gat none')]) {
      assert.equal(await cache.getAndTouch(key, 60), undefined);
      assert.equal(await cache.get(key), undefined);
    }
  });

  test('a ttl that is over ends the item', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const [i, ttl] of [-1, new Date(0)].entries()) {
      await cache.set(`gat:over:${i}`, 'x');
      await cache.getAndTouch(`gat:over:${i}`, ttl);
      assert.equal(await cache.get(`gat:over:${i}`), undefined);
    }
  });

  test('a Date and a ttl of more than thirty days are moments', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const year = 365 * 86_400;
    for (const ttl of [year, new Date(Date.now() + year * 1000)]) {
      await cache.set('gat:year', 'x');
      assert.equal(await cache.getAndTouch('gat:year', ttl), 'x');
      const left = (await cache.inspect('gat:year'))?.ttl ?? 0;
      assert.ok(Math.abs(left - year) < 60, `${left} seconds are left`);
    }
  });

  test(
    'getAndTouchMany answers the hits in the order of the keys',
    { skip: keysOnly },
    async () => {
      const { cache } = backend;
      await cache.setMany([
        ['gat:b', 2],
        ['gat:a', 1],
        [BLANK, 3],
      ]);
      const keys = ['gat:a', 'gat:none', BLANK, 'gat:b', 'gat:a'];
      const hits = await cache.getAndTouchMany<number>(keys, 100);
      assert.deepEqual(
        [...hits],
        [
          ['gat:a', 1],
          [BLANK, 3],
          ['gat:b', 2],
        ],
      );
      for (const { ttl = 0 } of (await cache.inspectMany(keys)).values())
        assert.ok(ttl > 90 && ttl <= 100, `${ttl} seconds are left`);
      assert.deepEqual(await cache.getAndTouchMany([], 100), new Map());
    },
  );
});

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test('more keys than a line of the server may have', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const keys = Array.from({ length: 500 }, (_, i) => `gat:long:${String(i).padEnd(100, 'x')}`);
    await cache.setMany(keys.map((key, i) => [key, i] as const));
    const hits = await cache.getAndTouchMany(keys, 100);
    assert.deepEqual(
      [...hits.values()],
      keys.map((_, i) => i),
    );
  });

  test('reads of different ttls in one moment keep theirs', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const keys = Array.from({ length: 20 }, (_, i) => `gat:ttl:${i}`);
    await cache.setMany(keys.map((key) => [key, key] as const));
    const read = await Promise.all(
      keys.map((key, i) => cache.getAndTouch(key, 100 * (1 + (i % 5)))),
    );
    assert.deepEqual(read, keys);
    const hits = [...(await cache.inspectMany(keys)).values()];
    hits.forEach(({ ttl = 0 }, i) => {
      const given = 100 * (1 + (i % 5));
      assert.ok(ttl > given - 10 && ttl <= given, `${ttl} of ${given} seconds are left`);
    });
  });

  test('it comes after what was issued before it on its key', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const [, first, , second, , third] = await Promise.all([
      cache.set('gat:order', 1),
      cache.getAndTouch('gat:order', 60),
      cache.set('gat:order', 2),
      cache.getAndTouch('gat:order', 60),
      cache.delete('gat:order'),
      cache.getAndTouch('gat:order', 60),
    ]);
    assert.deepEqual([first, second, third], [1, 2, undefined]);
  });

  test('an illegal ttl is refused before anything is sent', async () => {
    for (const ttl of [1.5, Number.NaN, Infinity, 'soon', null, undefined]) {
      await rejects(backend.cache.getAndTouch('k', ttl as number), 'ERR_MEMCACHE_OPTION', 'no');
      await rejects(
        backend.cache.getAndTouchMany(['k'], ttl as number),
        'ERR_MEMCACHE_OPTION',
        'no',
      );
    }
  });

  test(
    'what knows no gat is not asked',
    { skip: !keysOnly && 'this server knows it' },
    async () => {
      const { cache } = backend;
      await cache.set('gat:kept', 'x');
      await rejects(cache.getAndTouch('gat:kept', 60), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
      const many = await cache.getAndTouchMany(['gat:kept'], 60).catch((error: unknown) => error);
      assert.ok(many instanceof ManyError);
      assert.deepEqual([many.sent, many.cause instanceof Error], ['no', true]);
      assert.equal(await cache.get('gat:kept'), 'x');
      assert.equal(cache.metrics().reconnects, 0);
    },
  );
});
