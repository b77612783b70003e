import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fallback } from '../../../src/wrappers/fallback.ts';
import { Clusters } from './clusters.ts';

const clusters = new Clusters();

test('verbosity and cacheMemlimit reach every server of every client', async () => {
  const { fresh, old, dead } = clusters;
  const cache = fallback([fresh, old], { deletes: 'first' });
  const all = new Map([...fresh.servers, ...old.servers].map((server) => [server, true]));
  assert.deepEqual(await cache.verbosity(0), all);
  assert.deepEqual(await cache.cacheMemlimit(32), all);
  for (const client of [fresh, old])
    for (const settings of (await client.stats('settings')).values())
      assert.equal(settings.get('maxbytes'), 32 * 1024 * 1024);
  await assert.rejects(cache.cacheMemlimit(0.5), { code: 'ERR_MEMCACHE_OPTION' });
  const lost = { name: 'MemcacheConnectionError', server: dead.servers[0] };
  await assert.rejects(fallback([fresh, dead]).verbosity(0), lost);
  await assert.rejects(fallback([dead, fresh]).cacheMemlimit(64), lost);
  for (const settings of (await fresh.stats('settings')).values())
    assert.equal(settings.get('maxbytes'), 64 * 1024 * 1024);
});

test('quit ends every client', async () => {
  const clients = [clusters.clientOf(0), clusters.clientOf(1)];
  const cache = fallback(clients);
  await cache.set('k', 1);
  await cache.quit({ timeoutMs: 5000 });
  for (const client of clients)
    await assert.rejects(client.get('k'), { code: 'ERR_MEMCACHE_CLOSED' });
});

test('a fallback has no verb about one server or one client', () => {
  const cache = fallback([clusters.fresh]);
  for (const verb of ['raw', 'keys', 'meta', 'namespace', 'shutdown'])
    assert.equal(verb in cache, false, verb);
});
