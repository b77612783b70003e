import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemcacheError } from '../../src/index.ts';
import { backend } from './backend.ts';

const server = backend();

/** What traffic may be told while its server is away. */
const WHILE_AWAY = new Set([
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_UNAVAILABLE',
]);

for (const way of ['restart', 'kill'] as const) {
  test(`traffic goes on after a server came back (${way})`, async () => {
    const cache = server.client({ reconnect: { minMs: 5, maxMs: 40 } });
    let over = false;
    let failures = 0;
    let lastGood = 0;
    const traffic = Array.from({ length: 16 }, async (_, i) => {
      for (let step = 0; !over; step++) {
        try {
          await cache.set(`traffic:${i}`, step);
          const read = await cache.getMany([`traffic:${i}`, `traffic:${(i + 1) % 16}`]);
          const own = read.get(`traffic:${i}`);
          assert.ok(own === undefined || own === step, 'no answer but its own');
          lastGood = performance.now();
        } catch (error) {
          assert.ok(error instanceof MemcacheError, String(error));
          const one = error.code === 'ERR_MEMCACHE_MANY' ? (error.cause as MemcacheError) : error;
          assert.ok(WHILE_AWAY.has(one.code), one.message);
          failures++;
          await sleep(2);
        }
      }
    });
    await sleep(50);
    if (way === 'kill') await server.server.kill();
    await server.server.restart();
    const back = performance.now();
    await sleep(400);
    over = true;
    await Promise.all(traffic);
    assert.ok(failures > 0);
    assert.ok(lastGood > back, 'it recovered');
    assert.equal(await cache.set('after', 1), true);
    assert.equal(await cache.get('after'), 1);
    assert.ok(cache.metrics().reconnects >= 1);
  });
}

test('a connection that was lost while idle costs no call', async () => {
  const cache = server.client();
  await cache.set('idle', 1);
  await server.server.restart();
  await sleep(50);
  assert.equal(await cache.get('idle'), undefined);
  assert.equal(await cache.set('idle', 2), true);
  assert.equal(cache.metrics().reconnects, 1);
});

test('a silent connection is asked before it is used', async () => {
  const cache = server.client({ idleProbeMs: 30 });
  const states: string[] = [];
  cache.on('server', ({ state }) => states.push(state));
  await cache.set('probe', 1);
  await sleep(100);
  assert.equal(await cache.get('probe'), 1);
  assert.equal(cache.metrics().connects, 1);
  assert.equal(cache.metrics().reconnects, 0);
});

test('the size limit is learned anew from the server that came back', async () => {
  const cache = server.client({ compressor: 'none' });
  await cache.connect();
  await server.server.restart();
  await sleep(50);
  assert.equal(await cache.set('limit', Buffer.alloc(1_000_000)), true);
  await assert.rejects(cache.set('limit', Buffer.alloc(1_048_576)), {
    code: 'ERR_MEMCACHE_TOO_LARGE',
  });
});
