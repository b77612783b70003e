import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  const only = <V>(map: Map<string, V>): V => {
    assert.deepEqual([...map.keys()], [backend.address]);
    return map.values().next().value as V;
  };

  test('stats by server and group', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    await cache.set('stats', 'x');
    const general = only(await cache.stats());
    assert.equal(general.get('pid'), backend.server.pid);
    assert.equal(general.get('version'), backend.server.version);
    assert.equal(general.get('accepting_conns'), true);
    assert.equal(general.get('hash_is_expanding'), false);
    assert.ok(typeof general.get('rusage_user') === 'number');
    const settings = only(await cache.stats('settings'));
    assert.equal(settings.get('item_size_max'), 1_048_576);
    assert.equal(settings.get('growth_factor'), 1.25);
    assert.equal(settings.get('umask'), 0o700);
    assert.equal(settings.get('cas_enabled'), true);
    assert.equal(settings.get('auth_enabled_sasl'), false);
    assert.equal(settings.get('stat_key_prefix'), ':');
    assert.equal(settings.get('verbosity'), 0);
    const items = only(await cache.stats('items'));
    assert.ok(items.size > 0);
    for (const [name, value] of items) {
      assert.ok(name.startsWith('items:'));
      assert.ok(typeof value === 'number');
    }
    assert.ok(Number(only(await cache.stats('slabs')).get('active_slabs')) > 0);
    const conns = only(await cache.stats('conns'));
    const states = [...conns].filter(([name]) => name.endsWith(':state'));
    assert.ok(states.length > 1 && states.every(([, state]) => String(state).startsWith('conn_')));
    assert.deepEqual(only(await cache.stats('reset')), new Map());
    assert.equal(await cache.get('stats'), 'x');
  });

  test('stats of single keys and prefixes', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    assert.deepEqual(only(await cache.stats('detail on')), new Map());
    await cache.set('detail:ключ', 'x');
    await cache.set('префикс:1', 'x');
    await cache.set(':none', 'x');
    await cache.get('detail:ключ');
    const prefixes = only(await cache.stats('detail dump'));
    assert.equal(prefixes.get('detail'), 'get 1 hit 1 set 1 del 0');
    assert.equal(prefixes.get('префикс'), 'get 0 hit 0 set 1 del 0');
    assert.equal(prefixes.get(''), 'get 0 hit 0 set 1 del 0');
    assert.deepEqual(only(await cache.stats('detail off')), new Map());
    // Items are shown once the server has moved them to its list of cold ones.
    for (let found: unknown; found === undefined; await sleep(10)) {
      const dumps = await Promise.all([1, 2].map((id) => cache.stats(`cachedump ${id} 100`)));
      [found] = dumps.map((dump) => only(dump).get('detail:ключ')).filter(Boolean);
      if (found !== undefined) assert.equal(found, '[1 b; 0 s]');
    }
  });

  test('stats of sizes, which end in a way of their own', { skip: backend.keysOnly }, async () => {
    const { cache } = backend;
    const status = async (group: string): Promise<unknown> =>
      only(await cache.stats(group)).get('sizes_status');
    assert.equal(await status('sizes'), 'disabled');
    const together = [status('sizes_enable'), cache.get('none'), cache.version()];
    const [enabled, missing] = await Promise.all(together);
    assert.deepEqual([enabled, missing], ['enabled', undefined]);
    await cache.set('sized', 'x'.repeat(100));
    const sizes = [...only(await cache.stats('sizes'))];
    assert.ok(sizes.some(([size, count]) => Number(size) >= 128 && count === 1));
    assert.equal(await status('sizes_disable'), 'disabled');
  });

  test('a group the server refuses rejects, and goes on', { skip: backend.keysOnly }, async () => {
    for (const [group, name, code] of [
      ['nonsense', 'UnknownCommandError', 'ERR_MEMCACHE_UNKNOWN_COMMAND'],
      ['proxy', 'UnknownCommandError', 'ERR_MEMCACHE_UNKNOWN_COMMAND'],
      ['detail', 'MemcacheClientError', 'ERR_MEMCACHE_CLIENT'],
      ['cachedump 64 1', 'MemcacheClientError', 'ERR_MEMCACHE_CLIENT'],
    ] as const) {
      const cache = backend.client();
      const details = { name, code, command: 'stats', sent: 'yes' };
      await assert.rejects(cache.stats(group), details);
      assert.equal(only(await cache.version()), backend.server.version);
    }
  });

  test('a group of stats is words', async () => {
    const refused = ['two  words', ' x', 'x ', 'x\r\nflush_all', 'Ö', 'Upper', 'a-b', 7, null, {}];
    for (const group of refused) {
      await assert.rejects(backend.cache.stats(group as string), {
        code: 'ERR_MEMCACHE_OPTION',
        sent: 'no',
      });
    }
  });
});
