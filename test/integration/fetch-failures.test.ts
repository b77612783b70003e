import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type FetchOptions, ManyError } from '../../src/index.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { until } from '../support/fault-lab.ts';
import { backend } from './backend.ts';
import { eventually, failed, fails, Loader, name, notCalled, stored, two } from './fetches.ts';

describe('fetch of what cannot be read', () => {
  const server = backend();

  for (const lease of ['auto', 'add'] as const) {
    test(`lease '${lease}': it is renewed, once`, async () => {
      const { here, elsewhere } = two(server);
      const key = name('unreadable');
      const pickle = {
        encode: () => ({ bytes: Buffer.from('pickled'), flags: 1 }),
        decode: () => 0,
      };
      await here.set(key, 0, { codec: pickle });
      const loader = new Loader('readable', true);
      const callers = [here, here, elsewhere].map((cache) =>
        cache.fetch(key, { ttl: 60, lease }, loader.load),
      );
      await until(() => loader.calls > 0);
      await sleep(20);
      loader.letGo();
      assert.deepEqual(await Promise.all(callers), ['readable', 'readable', 'readable']);
      assert.equal(loader.calls, 1);
      await stored(here, key);
    });
  }

  const unread = {
    encode: () => ({ bytes: Buffer.from('pickled'), flags: 1 }),
    decode: () => 0,
  };

  for (const onUnreadable of ['miss', 'error'] as const) {
    for (const ofMany of [false, true]) {
      const verb = ofMany ? 'fetchMany' : 'fetch';
      test(`onUnreadable '${onUnreadable}': ${verb} renews it in a namespace, too`, async () => {
        const here = server.client({ onUnreadable });
        const codes: string[] = [];
        here.on('guard', ({ error }) => codes.push(error.code));
        for (const view of [here, here.namespace('unreadable')]) {
          const key = name('unreadable');
          await view.set(key, 0, { codec: unread });
          const fetched = async (options: FetchOptions, load: () => string): Promise<unknown> => {
            if (!ofMany) return view.fetch(key, options, load);
            return (await view.fetchMany([key], options, () => ({ [key]: load() }))).get(key);
          };
          if (onUnreadable === 'error')
            await assert.rejects(fetched({ onError: 'throw' }, notCalled));
          assert.equal(await fetched({ ttl: 60 }, () => 'readable'), 'readable');
          await eventually(async () => (await view.get(key).catch(() => 0)) === 'readable');
          assert.equal(await fetched({ ttl: 60 }, notCalled), 'readable');
        }
        const each = onUnreadable === 'error' ? ['ERR_MEMCACHE_DECODE'] : [];
        assert.deepEqual(codes, [...each, ...each]);
      });
    }
  }

  test("an item that looks like a placeholder, but is nobody's, is renewed", async () => {
    const { here } = two(server);
    const key = name('empty');
    const empty = { encode: () => ({ bytes: Buffer.alloc(0), flags: 0 }), decode: () => 0 };
    await here.set(key, 0, { codec: empty });
    assert.equal(await here.fetch(key, { ttl: 60 }, () => 'loaded'), 'loaded');
    await stored(here, key);
    assert.equal(await here.fetch(key, { ttl: 60 }, notCalled), 'loaded');
  });

  test("onUnreadable 'error' is a failure of the cache: an event, or a rejection", async () => {
    const here = server.client({ onUnreadable: 'error' });
    const key = name('unreadable');
    const pickle = { encode: () => ({ bytes: Buffer.from('pickled'), flags: 1 }), decode: () => 0 };
    await here.set(key, 0, { codec: pickle });
    const codes: string[] = [];
    here.on('guard', ({ error }) => codes.push(error.code));
    const code = 'ERR_MEMCACHE_DECODE';
    await assert.rejects(here.fetch(key, { onError: 'throw' }, notCalled), { code });
    assert.equal(await here.fetch(key, { ttl: 60 }, () => 'readable'), 'readable');
    assert.deepEqual(codes, [code]);
    assert.equal(await here.fetch(key, {}, notCalled), 'readable');
  });
});

describe('fetch after an invalidation', () => {
  const server = backend();

  for (const lease of ['auto', 'add'] as const) {
    for (const wait of ['stale', 'never'] as const) {
      test(`lease '${lease}', wait '${wait}': no load is shared that began before`, async () => {
        const { here, elsewhere } = two(server);
        const key = name('invalidated');
        const [winner, before, next] = ['w', 'old', 'new'].map((value) => new Loader(value, true));
        const options = { ttl: 60, lease, wait };
        const calls: Promise<unknown>[] = [];
        if (wait === 'never') {
          calls.push(elsewhere.fetch(key, options, winner.load));
          await until(() => winner.calls === 1);
        }
        calls.push(here.fetch(key, options, before.load));
        await until(() => before.calls === 1);
        await here.invalidate(key, { lease });
        calls.push(elsewhere.fetch(key, options, next.load));
        await until(() => next.calls === 1);
        const after = here.fetch(key, options, () => 'new');
        await sleep(20);
        before.letGo();
        await sleep(20);
        next.letGo();
        winner.letGo();
        assert.equal(await after, 'new');
        await Promise.all(calls);
      });
    }
  }
});

describe('fetch without a cache', () => {
  /** Nobody listens there. */
  const NOWHERE = '127.0.0.1:1';
  const code = 'ERR_MEMCACHE_CONNECT';

  for (const onError of ['throw', 'miss'] as const) {
    test(`a client with onError '${onError}': the loader takes its place, once, with an event`, async () => {
      await using cache = createClient({ servers: NOWHERE, onError });
      const codes: string[] = [];
      cache.on('guard', ({ error }) => codes.push(error.code));
      const loader = new Loader('loaded', true);
      const callers = [1, 2, 3].map(() => cache.fetch('k', { ttl: 60 }, loader.load));
      await until(() => loader.calls > 0);
      await sleep(20);
      loader.letGo();
      assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded', 'loaded']);
      assert.equal(loader.calls, 1);
      assert.deepEqual(codes, [code, code, code]);
      await assert.rejects(cache.fetch('k', {}, fails), failed);
      const many = await cache.fetchMany(
        ['a', 'b'],
        {},
        (keys) => new Map(keys.map((key) => [key, key])),
      );
      assert.deepEqual([...many.keys()], ['a', 'b']);
    });
  }

  test("a call with onError 'throw' rejects, and loads nothing", async () => {
    await using cache = createClient({
      servers: NOWHERE,
      onError: 'miss',
      reconnect: { minMs: 10_000 },
    });
    await assert.rejects(cache.fetch('k', { onError: 'throw' }, notCalled), { code });
    await assert.rejects(
      cache.fetchMany(['a', 'b'], { onError: 'throw' }, notCalled),
      (error: unknown) => {
        assert.ok(error instanceof ManyError);
        assert.deepEqual([...error.errors.keys()], ['a', 'b']);
        return true;
      },
    );
    await assert.rejects(cache.invalidate('k'), { code: 'ERR_MEMCACHE_UNAVAILABLE' });
  });

  test('a client that is closed rejects', async () => {
    const cache = createClient(NOWHERE);
    await cache.close();
    const closed = { code: 'ERR_MEMCACHE_CLOSED' };
    await assert.rejects(cache.fetch('k', {}, notCalled), closed);
    await assert.rejects(cache.fetchMany(['k'], {}, notCalled), closed);
    await assert.rejects(cache.invalidate('k'), closed);
  });

  test('one of two servers: its keys are loaded, the others come from the cache', async (t) => {
    const server = await startMemcached();
    t.after(() => server.stop());
    await using cache = createClient({ servers: [server.address, NOWHERE], failover: 'error' });
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    const there = keys.filter((key) => cache.serverFor(key) === server.address);
    await cache.setMany(there.map((key) => [key, 'cached'] as const));
    const load = (missing: readonly string[]): Map<string, string> =>
      new Map(missing.map((key) => [key, 'loaded']));
    const values = await cache.fetchMany(keys, {}, load);
    for (const key of keys)
      assert.equal(values.get(key), there.includes(key) ? 'cached' : 'loaded', key);
    await assert.rejects(
      cache.fetchMany(keys, { onError: 'throw' }, notCalled),
      (error: unknown) => {
        assert.ok(error instanceof ManyError);
        assert.deepEqual([...error.values.keys()], there);
        return true;
      },
    );
  });
});

test('what is wrong with a call rejects it before anything is sent', async () => {
  await using cache = createClient('127.0.0.1:1');
  const option = { code: 'ERR_MEMCACHE_OPTION', sent: 'no' };
  await assert.rejects(cache.fetch('k', { staleFor: -1 }, notCalled), option);
  await assert.rejects(cache.fetchMany(['k'], { lock: 0 }, notCalled), option);
  await assert.rejects(cache.fetch('k', undefined as never, notCalled), option);
  await assert.rejects(cache.invalidate('k', { staleFor: 0.5 }), option);
  await assert.rejects(cache.invalidate('k', { ttl: 5 } as never), option);
  const value = {
    code: 'ERR_MEMCACHE_VALUE',
    message: /^the loader of fetch(Many)? must be a function, not undefined/,
  };
  await assert.rejects(cache.fetch('k', {}, undefined as never), value);
  await assert.rejects(cache.fetchMany(['k'], {}, undefined as never), value);
  const key = { code: 'ERR_MEMCACHE_KEY', sent: 'no' };
  await assert.rejects(cache.fetch('', {}, notCalled), key);
  await assert.rejects(cache.fetchMany(['k', 'a b'], {}, notCalled), key);
  await assert.rejects(cache.fetchMany('k', {}, notCalled), key);
  await assert.rejects(cache.invalidate('a b'), key);
  assert.equal(cache.metrics().connects, 0);
});
