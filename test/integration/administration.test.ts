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

  test('stats by server and group', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('stats', 'x');
    const general = only(await cache.stats());
    assert.equal(general.get('pid'), String(backend.server.pid));
    assert.equal(general.get('version'), backend.server.version);
    assert.equal(only(await cache.stats('settings')).get('item_size_max'), '1048576');
    assert.ok(
      [...only(await cache.stats('items')).keys()].every((name) => name.startsWith('items:')),
    );
    assert.ok(only(await cache.stats('slabs')).has('active_slabs'));
    assert.ok(only(await cache.stats('conns')).size > 0);
    assert.deepEqual(only(await cache.stats('reset')), new Map());
    assert.equal(await cache.get('stats'), 'x');
  });

  test(
    'a group the server does not know rejects, and the client goes on',
    { skip: backend.keysOnly },
    async () => {
      await assert.rejects(backend.cache.stats('nonsense'), {
        name: 'UnknownCommandError',
        code: 'ERR_MEMCACHE_UNKNOWN_COMMAND',
        command: 'stats',
        sent: 'yes',
      });
      assert.equal(only(await backend.cache.version()), backend.server.version);
    },
  );

  test('a group of stats is a word', async () => {
    for (const group of ['two words', 'x\r\nflush_all', 'Ö', '1']) {
      await assert.rejects(backend.cache.stats(group), { code: 'ERR_MEMCACHE_OPTION', sent: 'no' });
    }
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
    assert.equal(cache.config.retry.attempts, 3);
    assert.equal(cache.config.retry.maybeSent, 'reads');
    assert.equal(cache.config.volleyKeys, 100);
    assert.ok(Object.isFrozen(cache.config));
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
