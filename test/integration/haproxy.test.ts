import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions, FleetClient } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { assertInStep, rejection, until } from '../support/fault-lab.ts';
import { fleetClient, startFleet } from '../support/fleet-lab.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { type HaproxyOptions, type RunningProxy, startHaproxy } from '../support/proxies.ts';

const PATIENT = { timeoutMs: 20_000, connectTimeoutMs: 10_000 };

interface Setup {
  readonly server: RunningMemcached;
  readonly proxy: RunningProxy;
  readonly cache: FleetClient;
}

async function behindProxy(
  t: TestContext,
  proxied: HaproxyOptions = {},
  options: ClientOptions = {},
): Promise<Setup> {
  const [server] = await startFleet(t, 1);
  const proxy = await startHaproxy(server.address, proxied);
  t.after(() => proxy.stop());
  return { server, proxy, cache: fleetClient(t, [proxy], { ...PATIENT, ...options }) };
}

/** What a client tells of its connections and of its server's health. */
function watch(cache: FleetClient): { states: string[]; health: string[]; errors: unknown[] } {
  const seen = { states: [] as string[], health: [] as string[], errors: [] as unknown[] };
  cache.on('server', ({ state, error }) => {
    seen.states.push(state);
    if (error !== undefined) seen.errors.push(error);
  });
  cache.on('health', ({ state }) => seen.health.push(state));
  return seen;
}

describe('through haproxy', { skip: foreignProgramMissing('haproxy') }, () => {
  for (const reset of [false, true]) {
    const how = reset ? 'resets' : 'ends';
    test(`an idle connection that it ${how} is no error to anybody`, async (t) => {
      const { cache } = await behindProxy(t, { clientTimeoutMs: 100, reset });
      const seen = watch(cache);
      for (let round = 1; round <= 3; round++) {
        await assertInStep(cache);
        await until(() => seen.states.filter((state) => state !== 'ready').length === round);
      }
      await assertInStep(cache);
      assert.equal(cache.metrics().retries, 0);
      assert.deepEqual(seen.health, []);
      if (!reset) assert.deepEqual(seen.errors, []);
    });
  }

  test('reads that meet the end of their connection are asked again', async (t) => {
    const { proxy } = await behindProxy(t, { clientTimeoutMs: 100 });
    const clients = Array.from({ length: 12 }, () => fleetClient(t, [proxy], PATIENT));
    await Promise.all(
      clients.map(async (cache, i) => {
        await cache.set(`key:${i}`, i);
        // A connection that has served for a second is dialled anew at once.
        for (let asked = 0; asked < 22; asked++) {
          assert.equal(await cache.get(`key:${i}`), i);
          await sleep(50);
        }
        // As long as haproxy waits, a little less or more: some requests cross the end.
        await sleep(48 + (i % 6));
        assert.equal(await cache.get(`key:${i}`), i);
      }),
    );
  });

  test('an answer that does not come before it loses patience is a lost connection', async (t) => {
    const { cache, server, proxy } = await behindProxy(t, { serverTimeoutMs: 200 });
    await assertInStep(cache);
    server.pause();
    const failures = await Promise.all([
      rejection(cache.set('key', 1)),
      rejection(cache.get('key')),
    ]);
    for (const { server: name, retryable } of failures) {
      assert.deepEqual({ name, retryable }, { name: proxy.address, retryable: true });
    }
    const [{ code, sent }] = failures;
    assert.deepEqual({ code, sent }, { code: 'ERR_MEMCACHE_CONNECTION_LOST', sent: 'maybe' });
    server.resume();
    await answersAgain(cache);
    await assertInStep(cache);
  });

  test('while the server behind it is down calls say that it cannot be reached, until it is back', async (t) => {
    const { cache, server, proxy } = await behindProxy(t);
    await assertInStep(cache);
    await server.kill();
    for (let i = 0; i < 5; i++) {
      const error = await rejection(cache.get('key'));
      const { code, server: name, retryable } = error;
      assert.ok(REFUSED.has(code), `${code}: ${error.message}`);
      assert.deepEqual({ name, retryable }, { name: proxy.address, retryable: true });
    }
    await server.restart();
    await answersAgain(cache);
    await assertInStep(cache);
  });

  test('one that ends itself loses what was under way, and nothing else', async (t) => {
    const { cache, server, proxy } = await behindProxy(t);
    await assertInStep(cache);
    server.pause();
    const { bytesWritten } = cache.metrics();
    const set = rejection(cache.set('key', 1));
    await until(() => cache.metrics().bytesWritten > bytesWritten);
    await proxy.stop();
    const { code, sent } = await set;
    assert.deepEqual({ code, sent }, { code: 'ERR_MEMCACHE_CONNECTION_LOST', sent: 'maybe' });
  });
});

const REFUSED = new Set([
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_UNAVAILABLE',
]);

/** Resolves once a call is answered: after the pauses that follow failed dials. */
async function answersAgain(cache: FleetClient): Promise<void> {
  const giveUp = performance.now() + 20_000;
  for (;;) {
    const answers = await cache.set('again', 1).catch(() => false);
    if (answers) return;
    assert.ok(performance.now() < giveUp);
    await sleep(1);
  }
}
