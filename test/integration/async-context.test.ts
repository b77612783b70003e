import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, before, test } from 'node:test';
import { type Codec, createClient, type FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';

const CALLERS = 1000;
const store = new AsyncLocalStorage<number>();

/** So many callers at once, each with a store of its own, which each is to find after every step. */
async function callers(work: (caller: number) => Promise<unknown>): Promise<void> {
  const one = async (caller: number): Promise<void> => {
    await work(caller);
    assert.equal(store.getStore(), caller, 'after the operation');
  };
  await Promise.all(
    Array.from({ length: CALLERS }, (_, caller) => store.run(caller, () => one(caller))),
  );
}

let memcached: RunningMemcached;

before(async () => {
  memcached = await startMemcached();
});

after(() => memcached.stop());

const clientOf = (options: object = {}): FleetClient =>
  createClient({ servers: [memcached.address], timeoutMs: 10_000, ...options });

test('callers who share a volley keep their stores', async () => {
  await using cache = clientOf();
  await callers(async (caller) => {
    await cache.set(`volley:${caller % 50}`, caller);
    assert.equal(store.getStore(), caller);
    await cache.get(`volley:${caller % 50}`);
    assert.equal(store.getStore(), caller);
    await cache.getMany(['volley:1', `volley:${caller}`]);
  });
  assert.ok(cache.metrics().keysPerVolley > 5);
});

test('callers whose values shared a shard keep their stores', async () => {
  await using cache = clientOf({ offload: 'always', compressFromBytes: 100, workers: 1 });
  const value = { text: 'x'.repeat(2000) };
  await callers(async (caller) => {
    await cache.set(`shard:${caller}`, value);
    assert.equal(store.getStore(), caller);
    await cache.get(`shard:${caller}`);
  });
  for (let round = 0; cache.metrics().codec.shards === 0 && round < 100; round++)
    await callers((caller) => cache.set(`shard:${caller}`, value));
  assert.ok(cache.metrics().codec.shards > 0);
});

test('the loader of a fetch finds the store of the caller it loads for', async () => {
  await using cache = clientOf();
  const loaders: number[] = [];
  await callers(async (caller) => {
    const key = `fetch:${caller % 100}`;
    const value = await cache.fetch(key, { ttl: 60 }, async () => {
      const found = store.getStore();
      assert.equal(found, caller, 'in the loader');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(store.getStore(), caller, 'in the loader, later');
      loaders.push(caller);
      return found;
    });
    assert.equal(value % 100, caller % 100);
  });
  assert.equal(loaders.length, 100);
});

test('so does the loader of fetchMany, and one that renews behind an answer', async () => {
  await using cache = clientOf();
  await callers(async (caller) => {
    await cache.fetchMany([`many:${caller}`, `many:x${caller}`], { ttl: 60 }, async (keys) => {
      assert.equal(store.getStore(), caller);
      return Object.fromEntries(keys.map((key) => [key, caller]));
    });
  });
  await cache.set('behind', 1);
  await cache.invalidate('behind', { staleFor: 60 });
  const options = { ttl: 60, staleFor: 60, wait: 'never' } as const;
  const found = await store.run(
    7,
    () =>
      new Promise((resolve) => {
        void cache.fetch('behind', options, () => {
          resolve(store.getStore());
          return 2;
        });
      }),
  );
  assert.equal(found, 7);
});

test('a codec of the user’s own is called where its caller is', async () => {
  const seen: unknown[] = [];
  const codec: Codec = {
    encode: (value) => {
      assert.equal(store.getStore(), value);
      return { bytes: Buffer.from(String(value)), flags: 0 };
    },
    decode: (bytes) => {
      seen.push(store.getStore());
      return Number(Buffer.from(bytes).toString());
    },
  };
  await using cache = clientOf({ codec });
  await callers(async (caller) => {
    await cache.set(`codec:${caller}`, caller);
    assert.equal(await cache.get(`codec:${caller}`), caller);
  });
  assert.deepEqual(new Set(seen), new Set(Array.from({ length: CALLERS }, (_, caller) => caller)));
});

test('callers keep their stores through a failure, a retry and another server', async () => {
  const second = await startMemcached();
  await using cache = createClient({
    servers: [memcached.address, second.address],
    failover: 'next',
    timeoutMs: 5000,
    retry: { attempts: 3 },
  });
  await cache.connect();
  const calls = callers(async (caller) => {
    for (let round = 0; round < 5; round++) {
      await cache.get(`failover:${caller}`).catch(() => {});
      assert.equal(store.getStore(), caller);
    }
  });
  await second.stop();
  await calls;
});

test('listeners find the store they were added with, and no caller’s, whoever made the client dial', async () => {
  await using cache = clientOf();
  const found = store.run(
    1,
    () =>
      new Promise((resolve) => {
        cache.on('server', () => resolve(store.getStore()));
      }),
  );
  await store.run(2, () => cache.get('listener'));
  assert.equal(await found, 1);
});

test('a stream of the caller’s own belongs to the client', async () => {
  const { connect } = await import('node:net');
  let found: unknown = 'none';
  await using cache = store.run(3, () =>
    clientOf({
      connect: () => {
        found = store.getStore();
        return connect({ host: '127.0.0.1', port: memcached.port });
      },
    }),
  );
  await store.run(4, () => cache.get('stream'));
  assert.equal(found, 3);
});

test('the loop over keys has the store of the one who loops', async () => {
  await using cache = clientOf();
  await cache.set('loop', 1);
  let keys = 0;
  await store.run(5, async () => {
    for await (const { key } of cache.keys()) {
      assert.equal(typeof key, 'string');
      assert.equal(store.getStore(), 5);
      keys++;
    }
  });
  assert.ok(keys > 0);
});

test('a signal that is aborted leaves each caller its store', async () => {
  await using cache = clientOf();
  const controller = new AbortController();
  const { signal } = controller;
  const calls = callers((caller) =>
    cache.get(`abort:${caller}`, { signal }).catch(() => {
      assert.equal(store.getStore(), caller);
    }),
  );
  store.run(-1, () => controller.abort());
  await calls;
});
