import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../src/index.ts';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  const only = <V>(map: Map<string, V>): V => {
    assert.deepEqual([...map.keys()], [backend.address]);
    return map.values().next().value as V;
  };

  test('version by server', async () => {
    assert.equal(only(await backend.cache.version()), backend.server.version);
  });

  test('stats by server and group', async () => {
    const { cache } = backend;
    await cache.set('stats', 'x');
    const general = only(await cache.stats());
    assert.equal(general.get('pid'), String(backend.server.pid));
    assert.equal(general.get('version'), backend.server.version);
    assert.equal(only(await cache.stats('settings')).get('item_size_max'), '1048576');
    assert.ok([...only(await cache.stats('items')).keys()].every((name) => /^items:/.test(name)));
    assert.ok(only(await cache.stats('slabs')).has('active_slabs'));
    assert.ok(only(await cache.stats('conns')).size > 0);
    assert.deepEqual(only(await cache.stats('reset')), new Map());
    assert.equal(await cache.get('stats'), 'x');
  });

  test('a group of stats is a word', async () => {
    for (const group of ['two words', 'x\r\nflush_all', 'Ö', '1']) {
      await assert.rejects(backend.cache.stats(group), { code: 'ERR_MEMCACHE_OPTION', sent: 'no' });
    }
  });

  test('connect connects, once', async () => {
    const cache = backend.client();
    assert.equal(cache.metrics().connects, 0);
    await cache.connect();
    await cache.connect();
    await cache.get('connect');
    assert.equal(cache.metrics().connects, 1);
  });

  test('close waits for what is under way and refuses what comes later', async () => {
    const cache = backend.client();
    await cache.set('close', 'x');
    const underWay = [cache.get('close'), cache.set('close:2', 'y'), cache.get('close:2')];
    const closing = cache.close();
    assert.equal(cache.close(), closing);
    await closing;
    assert.deepEqual(await Promise.all(underWay), ['x', true, 'y']);
    const refused = { code: 'ERR_MEMCACHE_CLOSED', sent: 'no' };
    await assert.rejects(cache.get('close'), refused);
    await assert.rejects(cache.set('close', 1), refused);
    await assert.rejects(cache.version(), refused);
    await assert.rejects(cache.incr('close'), refused);
    await assert.rejects(cache.getMany(['close']), { code: 'ERR_MEMCACHE_MANY' });
  });

  test('a client that was never used closes', async () => {
    await backend.client().close();
  });

  test('a client is closed at the end of its scope', async () => {
    let outside;
    {
      await using cache = backend.client();
      await cache.set('dispose', 1);
      outside = cache;
    }
    await assert.rejects(outside.get('dispose'), { code: 'ERR_MEMCACHE_CLOSED' });
  });

  test('the server event tells of connections, until the listener is taken off', async () => {
    const cache = backend.client();
    const states: string[] = [];
    const listener = (event: { server: string; state: string }): void => {
      states.push(event.state);
      assert.equal(event.server, backend.address);
    };
    assert.equal(cache.on('server', listener), cache);
    await cache.connect();
    assert.deepEqual(states, ['ready']);
    assert.equal(cache.off('server', listener), cache);
    await cache.close();
    assert.deepEqual(states, ['ready']);
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
    assert.equal(cache.config.ttl, 60);
    assert.deepEqual(cache.config.retry, { attempts: 3 });
    assert.equal(cache.config.volleyKeys, 100);
    assert.ok(Object.isFrozen(cache.config));
  });

  // Last: it empties the server.
  test('flushAll forgets everything, now or later', async () => {
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

test('connect rejects with what failed', async () => {
  await using cache = createClient('127.0.0.1:1');
  await assert.rejects(cache.connect(), {
    name: 'MemcacheConnectionError',
    code: 'ERR_MEMCACHE_CONNECT',
    server: '127.0.0.1:1',
    sent: 'no',
    retryable: true,
  });
});
