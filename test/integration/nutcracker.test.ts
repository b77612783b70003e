import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { type FleetClient, type Key, ManyError, type MemcacheError } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { rejection, rejects, until } from '../support/fault-lab.ts';
import { fleetClient, holds, startFleet } from '../support/fleet-lab.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { startNutcracker } from '../support/proxies.ts';

const KEYS = Array.from({ length: 60 }, (_, i) => `key:${i}`);
const valueOf = (key: Key): string => `value of ${String(key)}`;
const PAIRS = KEYS.map((key) => [key, valueOf(key)] as const);
/** No test here is about a lack of time. */
const PATIENT = { timeoutMs: 20_000, connectTimeoutMs: 10_000 };

interface Setup {
  readonly backends: readonly RunningMemcached[];
  readonly proxy: { readonly address: string };
  readonly cache: FleetClient;
}

/** A client of one proxy in front of several servers. */
async function behindProxy(t: TestContext, count = 3): Promise<Setup> {
  const backends = await startFleet(t, count);
  const proxy = await startNutcracker(backends.map(({ address }) => address));
  t.after(() => proxy.stop());
  const cache = fleetClient(t, [proxy], PATIENT);
  return { backends, proxy, cache };
}

/** The same with a key's server gone: which keys are lost with it. */
async function withOneDown(
  t: TestContext,
): Promise<Setup & { down: RunningMemcached; lost: string[]; left: string[] }> {
  const setup = await behindProxy(t);
  await setup.cache.setMany(PAIRS);
  // The proxy places keys by the servers' ports, which are others each time: the server with the fewest keys goes.
  const held = await Promise.all(
    setup.backends.map(async (server) => {
      const keys: string[] = [];
      for (const key of KEYS) if (await holds(server, key)) keys.push(key);
      return { server, keys };
    }),
  );
  const [{ server: down, keys: lost }] = held
    .filter(({ keys }) => keys.length > 0)
    .toSorted((a, b) => a.keys.length - b.keys.length);
  const left = KEYS.filter((key) => !lost.includes(key));
  assert.ok(lost.length > 0 && left.length > lost.length, `${lost.length} of ${KEYS.length}`);
  await down.kill();
  return { ...setup, down, lost, left };
}

/** The connection has been in use all the time. */
function assertUnharmed(cache: FleetClient, reconnects = 0): void {
  const metrics = cache.metrics();
  assert.deepEqual([metrics.connects, metrics.reconnects], [1, reconnects]);
}

/**
 * nutcracker ends a connection on which it was asked for several keys and one of them was lost: once it has done so,
 * keys are asked for one by one.
 */
const ONE_END = 1;

function asMany(error: MemcacheError): ManyError {
  assert.ok(error instanceof ManyError);
  return error;
}

function assertOnlyLost(error: MemcacheError, lost: readonly string[]): ManyError {
  const many = asMany(error);
  assert.deepEqual([...many.errors.keys()], lost);
  for (const { code, sent } of many.errors.values()) {
    assert.deepEqual({ code, sent }, { code: 'ERR_MEMCACHE_SERVER', sent: 'yes' });
  }
  return many;
}

const skip = foreignProgramMissing('nutcracker');

describe('through nutcracker', { skip }, () => {
  test('many keys come from many servers, in order', async (t) => {
    const { cache, backends } = await behindProxy(t);
    await cache.setMany(PAIRS);
    assert.deepEqual([...(await cache.getMany(KEYS))], PAIRS);
    const values = await Promise.all(KEYS.map((key) => cache.get(key)));
    assert.deepEqual(values, KEYS.map(valueOf));
    for (const backend of backends) {
      const held = await Promise.all(KEYS.map((key) => holds(backend, key)));
      assert.ok(held.includes(true) && held.includes(false));
    }
    assertUnharmed(cache);
  });

  test('what it does not take is refused before anything is written', async (t) => {
    const { cache } = await behindProxy(t);
    await cache.set('key', 'value');
    const { bytesWritten } = cache.metrics();
    const refusals = [
      cache.flushAll(),
      cache.flushAll(5),
      cache.stats(),
      cache.stats('settings'),
      cache.get(Buffer.from('in base64')),
      cache.set(Buffer.from('in base64'), 1),
      cache.incr(Buffer.from('in base64')),
    ];
    for (const refusal of refusals) await rejects(refusal, 'ERR_MEMCACHE_UNSUPPORTED', 'no');
    assert.equal(cache.metrics().bytesWritten, bytesWritten);
    assert.equal(await cache.get('key'), 'value');
    assertUnharmed(cache);
  });

  test('it is found out before the first command leaves, and costs its neighbours nothing', async (t) => {
    const { cache } = await behindProxy(t);
    const [flushed, , stats, value, missing] = await Promise.allSettled([
      cache.flushAll(),
      cache.set('key', 'value'),
      cache.stats(),
      cache.get('key'),
      cache.get('none'),
    ]);
    for (const refused of [flushed, stats]) {
      assert.ok(refused.status === 'rejected');
      assert.equal((refused.reason as MemcacheError).code, 'ERR_MEMCACHE_UNSUPPORTED');
    }
    assert.deepEqual(value, { status: 'fulfilled', value: 'value' });
    assert.deepEqual(missing, { status: 'fulfilled', value: undefined });
    assertUnharmed(cache);
  });
});

describe('through nutcracker with one of its servers dead', { skip }, () => {
  test('of many reads only those of a dead server fail', async (t) => {
    const { cache, lost, left } = await withOneDown(t);
    for (let round = 0; round < 3; round++) {
      const many = assertOnlyLost(await rejection(cache.getMany(KEYS)), lost);
      assert.deepEqual(
        [...many.values],
        left.map((key) => [key, valueOf(key)]),
      );
      assertUnharmed(cache, ONE_END);
    }
  });

  test('of callers in one moment only those fail that ask for a lost key', async (t) => {
    const { cache, lost, left } = await withOneDown(t);
    for (let round = 0; round < 3; round++) {
      // Several volleys, with what belongs to nobody in most of them.
      const nothing = Array.from({ length: 500 }, (_, i) => `nothing:${i}`);
      const [all, others] = await Promise.all([
        Promise.allSettled(KEYS.map((key) => cache.get(key))),
        Promise.allSettled(nothing.map((key) => cache.get(key))),
      ]);
      assert.deepEqual(
        KEYS.filter((_, i) => all[i].status === 'rejected'),
        lost,
      );
      for (const other of others) {
        if (other.status === 'fulfilled') assert.equal(other.value, undefined);
        else assert.equal((other.reason as MemcacheError).code, 'ERR_MEMCACHE_SERVER');
      }
      assert.equal(await cache.get(left[0]), valueOf(left[0]));
      assertUnharmed(cache, ONE_END);
    }
  });

  test("with onError 'miss' the others are answered, and an event tells", async (t) => {
    const { cache, left } = await withOneDown(t);
    const codes: string[] = [];
    cache.on('guard', ({ error }) => codes.push(error.code));
    const hits = await cache.getMany(KEYS, { onError: 'miss' });
    assert.deepEqual([...hits.keys()], left);
    assert.ok(codes.length > 0 && codes.every((code) => code === 'ERR_MEMCACHE_SERVER'));
    assertUnharmed(cache, ONE_END);
  });

  test('of many writes only those to a dead server fail', async (t) => {
    const { cache, lost, left } = await withOneDown(t);
    assertOnlyLost(await rejection(cache.setMany(KEYS.map((key) => [key, 'new'] as const))), lost);
    assert.deepEqual(
      [...(await cache.getMany(left)).values()],
      left.map(() => 'new'),
    );
    assertOnlyLost(await rejection(cache.deleteMany(KEYS)), lost);
    await rejects(cache.incr(lost[0]), 'ERR_MEMCACHE_SERVER', 'yes');
    await rejects(cache.touch(lost[0], 1), 'ERR_MEMCACHE_SERVER', 'yes');
    assert.deepEqual(await cache.getMany(left), new Map());
    assertUnharmed(cache);
  });

  test('the proxy itself is not taken for lost, and the dead server may come back', async (t) => {
    const { cache, down, lost, left } = await withOneDown(t);
    const health: string[] = [];
    cache.on('health', ({ state }) => health.push(state));
    for (let i = 0; i < 30; i++) await rejects(cache.get(lost[0]), 'ERR_MEMCACHE_SERVER');
    await down.restart();
    await cache.setMany(PAIRS);
    assert.deepEqual([...(await cache.getMany([...lost, ...left])).keys()], [...lost, ...left]);
    assert.deepEqual(health, []);
    assertUnharmed(cache);
  });

  test('a client may begin while any one server is dead', async (t) => {
    const { cache, backends, proxy } = await behindProxy(t);
    await cache.setMany(PAIRS);
    for (const backend of backends) {
      const own = await Promise.all(KEYS.map((key) => holds(backend, key)));
      const lost = KEYS.filter((_, i) => own[i]);
      await backend.kill();
      const late = fleetClient(t, [proxy], PATIENT);
      assertOnlyLost(await rejection(late.getMany(KEYS)), lost);
      await rejects(late.stats(), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
      assertUnharmed(late, ONE_END);
      await backend.restart();
      await cache.setMany(PAIRS);
    }
  });

  test('asking again has a budget: without one a whole request fails, once', async (t) => {
    const { proxy, lost, left } = await withOneDown(t);
    const cache = fleetClient(t, [proxy], { ...PATIENT, retry: { budget: 0 } });
    let ended = false;
    cache.on('server', ({ state }) => (ended ||= state === 'idle'));
    const many = asMany(await rejection(cache.getMany(KEYS)));
    assert.deepEqual([...many.errors.keys()], KEYS);
    assert.equal(cache.metrics().volleys, 1);
    await until(() => ended);
    assert.equal(await cache.get(left[0]), valueOf(left[0]));
    assertOnlyLost(await rejection(cache.getMany(KEYS)), lost);
    assertUnharmed(cache, ONE_END);
  });
});
