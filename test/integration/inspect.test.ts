import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspection } from '../../src/index.ts';
import { rejects } from '../support/fault-lab.ts';
import { backend as own, overEveryTransport } from './backend.ts';

const BLANK = Buffer.from('inspect\r\n blank');
const KEYS = ['inspect:plain', 'inspect:tëxt', BLANK];

/** The marks of an answer, in the letters of the protocol. */
const marks = (item: Inspection | undefined): string =>
  item === undefined
    ? 'miss'
    : `${item.won ? 'W' : ''}${item.stale ? 'X' : ''}${item.lost ? 'Z' : ''}`;

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test('an item is described, and not changed by it', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of KEYS) {
      await cache.set(key, 'hello', { ttl: 1000 });
      const cas = (await cache.gets(key))?.cas;
      const first = await cache.inspect(key);
      const { size, flags, stale, won, lost, unchanged, value } = first ?? {};
      assert.deepEqual(
        { size, flags, stale, won, lost, unchanged, value, cas: first?.cas },
        {
          size: 5,
          flags: 16,
          stale: false,
          won: false,
          lost: false,
          unchanged: false,
          value: undefined,
          cas,
        },
      );
      assert.ok(
        first !== undefined && first.ttl !== undefined && first.ttl > 990 && first.ttl <= 1000,
      );
    }
  });

  test('whether it was read before, and when', { skip: keysOnly }, async () => {
    const { cache } = backend;
    for (const key of ['inspect:hit', BLANK]) {
      await cache.set(key, 'x');
      for (let i = 0; i < 2; i++) assert.equal((await cache.inspect(key))?.hitBefore, false);
      await cache.inspect(key, { bump: true });
      assert.equal((await cache.inspect(key))?.hitBefore, true);
      await cache.set(key, 'y');
      assert.equal((await cache.inspect(key))?.hitBefore, false);
      await cache.get(key);
      const { hitBefore, lastAccess } = (await cache.inspect(key)) ?? {};
      assert.equal(hitBefore, true);
      assert.ok(lastAccess !== undefined && lastAccess < 60);
    }
  });

  test('with its value, whatever that is', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const large = 'large '.repeat(30_000);
    for (const value of ['', 'x', 0, { a: [1] }, Buffer.alloc(0), Buffer.from([1, 2]), large]) {
      for (const key of ['inspect:value', BLANK]) {
        await cache.set(key, value);
        assert.deepEqual((await cache.inspect(key, { value: true }))?.value, value);
      }
    }
  });

  test('a miss is undefined', { skip: keysOnly }, async () => {
    for (const key of ['inspect:none', Buffer.from('inspect none')])
      assert.equal(await backend.cache.inspect(key), undefined);
  });
});

overEveryTransport((backend) => {
  const { keysOnly } = backend;

  test('many at once, the hits in the order of the keys', { skip: keysOnly }, async () => {
    const { cache } = backend;
    await cache.setMany([
      ['inspect:2', 'two'],
      [BLANK, 'blank'],
      ['inspect:1', 'one!!'],
    ]);
    const keys = ['inspect:1', 'inspect:none', BLANK, 'inspect:2', 'inspect:1'];
    const sizes = [...(await cache.inspectMany(keys))].map(([key, { size }]) => [key, size]);
    assert.deepEqual(sizes, [
      ['inspect:1', 5],
      [BLANK, 5],
      ['inspect:2', 3],
    ]);
    const values = [...(await cache.inspectMany(keys, { value: true })).values()];
    assert.deepEqual(
      values.map(({ value }) => value),
      ['one!!', 'blank', 'two'],
    );
  });

  test('touch gives it a new ttl, and the answer tells it', { skip: keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('inspect:touch', 'x', { ttl: 1000 });
    const { ttl = 0 } = (await cache.inspect('inspect:touch', { touch: 50 })) ?? {};
    assert.ok(ttl > 45 && ttl <= 50, `${ttl} seconds are left`);
    assert.equal((await cache.inspect('inspect:touch', { touch: 0 }))?.ttl, undefined);
  });

  test('of those who ask for what is missing, one has won', { skip: keysOnly }, async () => {
    const { cache } = backend;
    const other = backend.client();
    for (const key of ['inspect:vivify', Buffer.from('inspect\r\nvivify')]) {
      const askers = Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? cache : other).inspect(key, { vivify: 30, value: true }),
      );
      const items = await Promise.all(askers);
      assert.deepEqual(items.map(marks).toSorted(), [
        'W',
        ...Array.from({ length: 19 }, () => 'Z'),
      ]);
      for (const item of items) {
        assert.deepEqual([item?.value, item?.size], [undefined, 0]);
        assert.ok((item?.ttl ?? 0) > 20);
      }
      assert.equal(await cache.get(key), undefined, 'an empty placeholder is a miss');
      const cas = items.find((item) => item?.won === true)?.cas ?? '';
      assert.equal(await other.cas(key, 'made', cas), 'stored');
      assert.deepEqual(marks(await cache.inspect(key, { vivify: 30 })), '');
      assert.equal(await cache.get(key), 'made');
    }
  });

  test('of those who ask for what ends soon, one has won', { skip: keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('inspect:recache', 'x', { ttl: 20 });
    const asked = async (seconds: number) =>
      marks(await cache.inspect('inspect:recache', { recache: seconds }));
    assert.deepEqual([await asked(5), await asked(30), await asked(30)], ['', 'W', 'Z']);
    await cache.set('inspect:recache', 'x');
    assert.equal(await asked(30), '', 'what has no end does not end soon');
  });

  test(
    'of those who ask for what is stale, one has won, a mere look among them',
    { skip: keysOnly },
    async () => {
      const { cache } = backend;
      for (const key of ['inspect:stale', BLANK]) {
        await cache.set(key, 'old');
        assert.equal(await cache.meta.delete(key, { invalidate: true, ttl: 30 }), 'deleted');
        assert.equal(marks(await cache.inspect(key)), 'WX');
        const later = await cache.inspect(key, { value: true });
        assert.deepEqual([marks(later), later?.value], ['XZ', 'old']);
        await cache.set(key, 'new');
        assert.equal(marks(await cache.inspect(key)), '');
      }
    },
  );

  test('several callers of one key in one moment ask once', { skip: keysOnly }, async () => {
    const cache = backend.client();
    await cache.set('inspect:shared', 'x');
    const before = cache.metrics();
    const items = await Promise.all(
      Array.from({ length: 50 }, () => cache.inspect('inspect:shared')),
    );
    assert.equal(new Set(items.map((item) => item?.cas)).size, 1);
    const { volleys, volleyKeys, sharedKeys } = cache.metrics();
    assert.deepEqual(
      [volleys - before.volleys, volleyKeys - before.volleyKeys, sharedKeys - before.sharedKeys],
      [1, 1, 49],
    );
  });

  test(
    'what knows no meta commands is not asked',
    { skip: !keysOnly && 'this server knows them' },
    async () => {
      const { cache } = backend;
      await rejects(cache.inspect('k'), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
      await rejects(cache.inspectMany(['k']), 'ERR_MEMCACHE_MANY', 'no');
      await rejects(cache.delete('k', { cas: '1' }), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
      assert.equal(cache.metrics().reconnects, 0);
    },
  );

  test('onError and routeBy are those of every read', async () => {
    const { cache } = backend;
    if (keysOnly) assert.equal(await cache.inspect('k', { onError: 'miss' }), undefined);
    else {
      await cache.set('inspect:by', 'x', { routeBy: 'other' });
      assert.equal((await cache.inspect('inspect:by', { routeBy: 'other' }))?.size, 1);
    }
  });
});

const server = own();

/** Raw commands, as another client would send them. */
async function said(...lines: string[]): Promise<void> {
  const cache = server.client();
  for (const line of lines) await cache.raw(line, { unsafe: true });
}

test('an item that was stored under the same bytes in base64 is found by the text', async () => {
  const { cache } = server;
  await said(`ms ${Buffer.from('naïve').toString('base64')} 1 b\r\nx`);
  assert.equal((await cache.inspect('naïve'))?.size, 1);
  assert.deepEqual((await cache.meta.get('naïve'))?.value, Buffer.from('x'));
  assert.equal(cache.metrics().reconnects, 0);
});

test('a key in base64 is read however the server has come by its item', async () => {
  const { cache } = server;
  const counter = Buffer.from('count\r\nblank');
  await cache.incr(counter, 9, { initial: 0 });
  // Now the item has more digits: the server makes it anew.
  assert.equal(await cache.incr(counter, 1), 10);
  assert.equal(await cache.get(counter), 10);
  assert.equal((await cache.inspect(counter))?.size, 2);
  const text = Buffer.from('text\r\nblank');
  await cache.set(text, 'a');
  await cache.meta.set(text, 'b', { mode: 'append' });
  assert.equal(await cache.get(text), 'ab');
  const made = Buffer.from('made\r\nblank');
  await cache.meta.arithmetic(made, { vivify: 0, initial: 5 });
  assert.equal((await cache.inspect(made))?.size, 1);
  assert.deepEqual(
    [...(await cache.getMany([counter, text, made])).values()],
    [10, 'ab', Buffer.from('5')],
  );
  assert.equal(cache.metrics().reconnects, 0);
});

test('a lease that is not used ends', async () => {
  const { cache } = server;
  assert.equal(marks(await cache.inspect('lease', { vivify: 1 })), 'W');
  assert.equal(marks(await cache.inspect('lease', { vivify: 1 })), 'Z');
  const giveUp = performance.now() + 10_000;
  let seen = 'Z';
  while (seen === 'Z' && performance.now() < giveUp) {
    await sleep(100);
    seen = marks(await cache.inspect('lease', { vivify: 1 }));
  }
  assert.equal(seen, 'W');
});

test('another format than the product’s own takes no placeholder for a value', async () => {
  const cache = server.client({ format: 'pymemcache' });
  const stub = await cache.inspect('foreign', { vivify: 30, value: true });
  assert.deepEqual([marks(stub), stub?.value, stub?.size], ['W', undefined, 0]);
});
