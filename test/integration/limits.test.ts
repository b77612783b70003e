import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Backend, backend } from './backend.ts';

/** As the server counts: an item's header, key and flags are part of it. */
const largest = (itemSizeMax: number, key: string, flags: number): number =>
  itemSizeMax - 59 - Buffer.byteLength(key) - (flags === 0 ? 0 : 4);

function boundary(server: Backend, itemSizeMax: number): void {
  for (const key of ['k', 'a-longer-key', 'x'.repeat(250)]) {
    for (const flags of [0, 16]) {
      const what = flags === 0 ? 'bytes' : 'text';
      test(`${what} of the largest size for a key of ${key.length} bytes, and one byte more`, async () => {
        const cache = server.client({ compressor: 'none' });
        const size = largest(itemSizeMax, key, flags);
        const value = flags === 0 ? randomBytes(size) : 'v'.repeat(size);
        assert.equal(await cache.set(key, value), true);
        assert.deepEqual(await cache.get(key), value);
        const more = flags === 0 ? randomBytes(size + 1) : 'v'.repeat(size + 1);
        for (const store of [
          cache.set(key, more),
          cache.replace(key, more),
          cache.add(key, more),
        ]) {
          await assert.rejects(store, {
            name: 'IllegalInputError',
            code: 'ERR_MEMCACHE_TOO_LARGE',
            server: server.address,
            sent: 'no',
          });
        }
        assert.deepEqual(await cache.get(key), value, 'the old item is still there');
        assert.equal(cache.metrics().reconnects, 0);
      });
    }
  }
}

describe('a server as it comes', () => {
  boundary(backend(), 1_048_576);
});

describe('a server that takes larger items', () => {
  boundary(backend({ itemSizeMax: 4 * 1024 * 1024 }), 4 * 1024 * 1024);
});

describe('a server that takes smaller items', () => {
  boundary(backend({ itemSizeMax: 16_384, args: ['-o', 'slab_chunk_max=8192'] }), 16_384);
});

describe('maxValueBytes', () => {
  const server = backend();

  test('refuses what the server would take', async () => {
    const cache = server.client({ maxValueBytes: 1000, compressor: 'none' });
    assert.equal(await cache.set('max', Buffer.alloc(1000)), true);
    await assert.rejects(cache.set('max', Buffer.alloc(1001)), { code: 'ERR_MEMCACHE_TOO_LARGE' });
    assert.deepEqual(await cache.get('max'), Buffer.alloc(1000));
  });

  test('counts what is stored, after compression', async () => {
    const cache = server.client({ maxValueBytes: 5000 });
    assert.equal(await cache.set('max:text', 'x'.repeat(100_000)), true);
    assert.equal(await cache.get('max:text'), 'x'.repeat(100_000));
    await assert.rejects(cache.set('max:random', randomBytes(10_000)), {
      code: 'ERR_MEMCACHE_TOO_LARGE',
    });
  });

  test('of many values only the one that is too large fails', async () => {
    const cache = server.client({ maxValueBytes: 1000, compressor: 'none' });
    await cache.set('many:large', 'old');
    const outcome = cache.setMany({ 'many:large': Buffer.alloc(1001), 'many:small': 'x' });
    await assert.rejects(outcome, (error: { errors: Map<string, { code: string }> }) => {
      assert.deepEqual([...error.errors.keys()], ['many:large']);
      assert.equal(error.errors.get('many:large')?.code, 'ERR_MEMCACHE_TOO_LARGE');
      return true;
    });
    assert.deepEqual(await cache.getValues(['many:large', 'many:small']), ['old', 'x']);
  });
});
