import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';

const LARGEST = 2n ** 64n - 1n;

overEveryTransport((backend) => {
  test('a counter is a number that was stored', async () => {
    const { cache } = backend;
    await cache.set('count', 5);
    assert.equal(await cache.incr('count'), 6);
    assert.equal(await cache.incr('count', 10), 16);
    assert.equal(await cache.decr('count', 4), 12);
    assert.equal(await cache.decr('count'), 11);
    assert.equal(await cache.get('count'), 11);
  });

  test('what is missing stays missing without initial', async () => {
    const { cache } = backend;
    assert.equal(await cache.incr('count:none'), undefined);
    assert.equal(await cache.decr('count:none', 2n), undefined);
    assert.equal(await cache.get('count:none'), undefined);
  });

  test('initial is what a missing counter starts with', async () => {
    const { cache } = backend;
    assert.equal(await cache.incr('count:up', 3, { initial: 10 }), 13);
    assert.equal(await cache.incr('count:up', 3, { initial: 10 }), 16);
    assert.equal(await cache.get('count:up'), 16);
    assert.equal(await cache.decr('count:down', 3, { initial: 10 }), 7);
    assert.equal(await cache.decr('count:floor', 3, { initial: 2 }), 0);
    assert.equal(await cache.incr('count:zero', 0, { initial: 0 }), 0);
    assert.equal(await cache.get('count:zero'), 0);
    assert.equal(await cache.incr('count:big', 2n, { initial: 2n ** 60n }), 2n ** 60n + 2n);
    assert.equal(await cache.get('count:big'), 2n ** 60n + 2n);
    assert.equal(await cache.incr('count:wrapped', 2n, { initial: LARGEST }), 1n);
  });

  test('many callers that start one counter all count', async () => {
    const { cache } = backend;
    const other = backend.client();
    const counts = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 === 0 ? cache : other).incr('count:race', 1, { initial: 100 }),
      ),
    );
    const sorted = counts.map(Number).toSorted((a, b) => a - b);
    assert.deepEqual(
      sorted,
      Array.from({ length: 40 }, (_, i) => 101 + i),
    );
  });

  test('a bigint delta is answered with a bigint', async () => {
    const { cache } = backend;
    await cache.set('count:bigint', 1);
    assert.equal(await cache.incr('count:bigint', 2n), 3n);
    assert.equal(await cache.decr('count:bigint', 1n), 2n);
    assert.equal(await cache.incr('count:bigint', 1), 3);
  });

  test('up it wraps at 2^64, down it stops at 0', async () => {
    const { cache } = backend;
    await cache.set('count:wrap', LARGEST);
    assert.equal(await cache.incr('count:wrap', 3n), 2n);
    assert.equal(await cache.decr('count:wrap', 10), 0);
    assert.equal(await cache.decr('count:wrap', LARGEST), 0n);
    assert.equal(await cache.incr('count:wrap', LARGEST), LARGEST);
  });

  test('past 2^53 a number is refused with the exact value as its cause', async () => {
    const { cache } = backend;
    await cache.set('count:past', Number.MAX_SAFE_INTEGER - 1);
    assert.equal(await cache.incr('count:past', 1), Number.MAX_SAFE_INTEGER);
    const expected = { code: 'ERR_MEMCACHE_VALUE', sent: 'yes', cause: 2n ** 53n };
    await assert.rejects(cache.incr('count:past', 1), { ...expected, command: 'incr' });
    assert.equal(await cache.incr('count:past', 0n), 2n ** 53n);
    await cache.incr('count:past', 5n);
    await assert.rejects(cache.decr('count:past', 1), {
      code: 'ERR_MEMCACHE_VALUE',
      command: 'decr',
      cause: 2n ** 53n + 4n,
    });
  });

  test('a counter that got shorter is still read as a number', async () => {
    const { cache } = backend;
    await cache.set('count:shorter', 1000);
    assert.equal(await cache.decr('count:shorter', 1), 999);
    assert.equal(await cache.get('count:shorter'), 999);
  });

  test('what holds no number is no counter, and the connection lives on', async () => {
    const { cache } = backend;
    await cache.set('count:text', 'text');
    await assert.rejects(cache.incr('count:text'), {
      name: 'MemcacheClientError',
      code: 'ERR_MEMCACHE_CLIENT',
      command: 'incr',
      sent: 'yes',
    });
    assert.equal(await cache.get('count:text'), 'text');
  });

  test('deltas and initials are whole numbers from 0 to 2^64 - 1', async () => {
    const { cache } = backend;
    const refused = { code: 'ERR_MEMCACHE_VALUE', sent: 'no' };
    for (const delta of [-1, 1.5, Number.NaN, Infinity, 2 ** 53, -1n, LARGEST + 1n, '1', null]) {
      await assert.rejects(cache.incr('count', delta as number), refused);
    }
    await assert.rejects(cache.incr('count', 1, { initial: -1 }), refused);
    await assert.rejects(cache.incr('count', 1, { initial: LARGEST + 1n }), refused);
    const odd = { initial: '1' as unknown as number };
    await assert.rejects(cache.incr('count', 1, odd), { sent: 'no' });
  });
});
