import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  const only = <V>(map: Map<string, V>): V => {
    assert.deepEqual([...map.keys()], [backend.address]);
    return map.values().next().value as V;
  };

  test('version by server', async () => {
    assert.equal(only(await backend.cache.version()), backend.server.version);
  });

  test('cacheMemlimit by server', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    assert.equal(only(await cache.cacheMemlimit(128)), true);
    assert.equal(only(await cache.stats('settings')).get('maxbytes'), 128 * 2 ** 20);
    assert.equal(only(await cache.cacheMemlimit(64)), true);
    const { bytesRead } = cache.metrics();
    for (const [megabytes, message] of [
      [5, /answered cache_memlimit with: MEMLIMIT_TOO_SMALL/],
      [Number.MAX_SAFE_INTEGER, /MEMLIMIT_ADJUST_FAILED/],
    ] as const) {
      await assert.rejects(cache.cacheMemlimit(megabytes), {
        name: 'MemcacheClientError',
        code: 'ERR_MEMCACHE_CLIENT',
        message,
        sent: 'yes',
      });
    }
    assert.ok(cache.metrics().bytesRead > bytesRead);
    for (const illegal of [0, -1, 1.5, Number.NaN, '64', 64n]) {
      await assert.rejects(cache.cacheMemlimit(illegal as number), {
        code: 'ERR_MEMCACHE_OPTION',
        sent: 'no',
      });
    }
  });

  test('verbosity by server', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    for (const level of [2, 0]) {
      assert.equal(only(await cache.verbosity(level)), true);
      assert.equal(only(await cache.stats('settings')).get('verbosity'), level);
    }
    for (const illegal of [-1, 1.5, 2 ** 32, Number.NaN, '1']) {
      await assert.rejects(cache.verbosity(illegal as number), {
        code: 'ERR_MEMCACHE_OPTION',
        sent: 'no',
      });
    }
  });

  test('a proxy that takes none of it is not asked', { skip: !backend.keysOnly }, async () => {
    const cache = backend.client();
    await cache.set('proxied', 'x');
    const { bytesWritten } = cache.metrics();
    for (const call of [
      cache.cacheMemlimit(64),
      cache.verbosity(1),
      cache.shutdown(),
      cache.stats('detail on'),
      cache.raw('lru mode flat'),
    ])
      await assert.rejects(call, { code: 'ERR_MEMCACHE_UNSUPPORTED', sent: 'no' });
    assert.equal(cache.metrics().bytesWritten, bytesWritten);
    assert.equal(await cache.get('proxied'), 'x');
  });

  test('metrics count what was asked and what came', async () => {
    const cache = backend.client();
    await cache.set('metrics:there', 'x');
    await cache.getMany(['metrics:there', 'metrics:none', 'metrics:there']);
    await cache.delete('metrics:there');
    await cache.touch('metrics:there', 1);
    const { bytesWritten, bytesRead, flushes, ...rest } = cache.metrics();
    assert.ok(bytesWritten > 0 && bytesRead > 0 && flushes > 0);
    const { gets, hits, misses, stores, deletes, otherCommands, volleys, volleyKeys, sharedKeys } =
      rest;
    assert.deepEqual({ gets, hits, misses }, { gets: 3, hits: 2, misses: 1 });
    assert.deepEqual(
      { stores, deletes, otherCommands },
      { stores: 1, deletes: 1, otherCommands: 1 },
    );
    assert.deepEqual(
      { volleys, volleyKeys, sharedKeys },
      { volleys: 1, volleyKeys: 2, sharedKeys: 1 },
    );
    assert.equal(rest.keysPerVolley, 2);
    assert.ok(Math.abs(rest.hitRate - 2 / 3) < 1e-9);
    assert.equal(rest.latency, undefined);
    assert.equal(rest.codec.encodedInline, 1);
    assert.equal(rest.codec.decodedInline, 2);
  });

  test('serverFor, servers and config', async () => {
    const cache = backend.client({ ttl: 60, retry: { attempts: 3 } });
    assert.equal(cache.serverFor('any'), backend.address);
    assert.throws(() => cache.serverFor(''), { code: 'ERR_MEMCACHE_KEY' });
    assert.deepEqual(cache.servers, [backend.address]);
    const config = cache.config();
    assert.deepEqual(config.ttl, { value: 60, source: 'options' });
    assert.deepEqual(config['retry.attempts'], { value: 3, source: 'options' });
    assert.deepEqual(config['retry.maybeSent'], { value: 'reads', source: 'default' });
    assert.deepEqual(config.volleyKeys, { value: 100, source: 'default' });
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.ttl));
  });

  // Last: it empties the server.
  test('flushAll forgets everything, now or later', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('flush', 1);
    assert.equal(only(await cache.flushAll()), true);
    assert.equal(await cache.get('flush'), undefined);
    // Items of the same second as a flush may go with it.
    await sleep(1100);
    await cache.set('flush', 2);
    assert.equal(only(await cache.flushAll(2)), true);
    assert.equal(await cache.get('flush'), 2);
    await sleep(3100);
    assert.equal(await cache.get('flush'), undefined);
    for (const delay of [-1, 0.5, Number.NaN, '1']) {
      await assert.rejects(cache.flushAll(delay as number), { code: 'ERR_MEMCACHE_OPTION' });
    }
  });
});
