import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, createClient, type FleetClient, withRetry } from '../../src/index.ts';
import { startMemcached } from '../../src/testing/index.ts';

type Running = Awaited<ReturnType<typeof startMemcached>>;

let server: Running;
before(async () => {
  server = await startMemcached();
});
after(() => server.stop());

const clientOf = (options: ClientOptions = {}): FleetClient =>
  createClient({ servers: server.address, timeoutMs: 10_000, ...options });

/** Keys per volley while `callers` get one after the other. */
async function keysPerVolley(cache: FleetClient, callers: number): Promise<number> {
  const started = cache.metrics();
  const caller = async (number: number): Promise<void> => {
    for (let i = 0; i < 20; i++) await cache.get(`volley:${number}:${i}`);
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  const { volleys, volleyKeys } = cache.metrics();
  return (volleyKeys - started.volleyKeys) / (volleys - started.volleys);
}

test('volleys follow volleyKeys, under load, down and up', async () => {
  await using cache = clientOf();
  assert.ok((await keysPerVolley(cache, 512)) > 60);
  const running = keysPerVolley(cache, 512);
  await turn();
  cache.tune({ volleyKeys: 10 });
  await running;
  assert.ok((await keysPerVolley(cache, 512)) <= 10);
  const again = keysPerVolley(cache, 512);
  await turn();
  cache.tune({ volleyKeys: 400, volleyBytes: 65_536 });
  await again;
  assert.ok((await keysPerVolley(cache, 512)) > 100);
});

test('a volley that is being collected is no trap for a larger or a smaller one', async () => {
  await using cache = clientOf({ volleyKeys: 4 });
  const keys = Array.from({ length: 300 }, (_, i) => `open:${i}`);
  await cache.setMany(new Map(keys.map((key) => [key, key])));
  for (const volleyKeys of [100, 3, 1000, 1]) {
    const early = keys.slice(0, 2).map((key) => cache.get(key));
    cache.tune({ volleyKeys });
    const late = keys.slice(2).map((key) => cache.get(key));
    assert.deepEqual(await Promise.all([...early, ...late]), keys);
  }
});

test('connections 1, 4, 1: nothing is lost, and everything of one key stays in order', async () => {
  await using cache = clientOf();
  const open = (): number => Object.values(cache.metrics().servers)[0].connections;
  let ended = false;
  const caller = async (key: string): Promise<void> => {
    for (let i = 0; !ended; i++) {
      // Issued in one moment: each sees what was issued before it, on whatever connection.
      const [stored, first, counted, second] = await Promise.all([
        cache.set(key, i),
        cache.get<number>(key),
        cache.incr(key),
        cache.get<number>(key),
      ]);
      assert.deepEqual([stored, first, counted, second], [true, i, i + 1, i + 1]);
    }
  };
  const callers = Promise.all(Array.from({ length: 64 }, (_, i) => caller(`order:${i}`)));
  const steps = async (): Promise<void> => {
    for (const connections of [4, 1, 3, 1]) {
      cache.tune({ connections });
      const isThere = (): boolean => (connections > 1 ? open() > 1 : open() === 1);
      while (!isThere()) await sleep(1);
      await sleep(20);
    }
  };
  await Promise.race([callers, steps()]);
  ended = true;
  await callers;
  assert.equal(open(), 1);
  assert.equal(cache.metrics().timeouts, 0);
});

test('a timeout counts for the next call', async () => {
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  // Nobody there answers: after connectTimeoutMs the failure would be another one.
  await using cache = createClient({ servers: `127.0.0.1:${port}`, timeoutMs: 60_000 });
  cache.tune({ timeoutMs: 50 });
  await assert.rejects(cache.get('k'), { code: 'ERR_MEMCACHE_TIMEOUT' });
  cache.tune({ timeoutMs: 60_000, connectTimeoutMs: 50, retry: { attempts: 1 } });
  await assert.rejects(cache.get('k'), { code: 'ERR_MEMCACHE_CONNECT' });
  await cache.close({ timeoutMs: 0 });
  mute.close();
});

test('ttl, its bound and what an unreadable item is', async () => {
  await using cache = clientOf();
  const view = cache.namespace('tuned');
  await cache.set('ttl', 1);
  assert.equal((await cache.inspect('ttl'))?.ttl, undefined);
  cache.tune({ ttl: 500, maxTtl: 100 });
  for (const each of [cache, view]) {
    await each.set('ttl', 1);
    const left = (await each.inspect('ttl'))?.ttl ?? 0;
    assert.ok(left > 90 && left <= 100, String(left));
    await each.fetch('fetched', {}, () => 1);
    const fetched = (await each.inspect('fetched'))?.ttl ?? 0;
    assert.ok(fetched > 90 && fetched <= 100, String(fetched));
  }
  cache.tune({ maxTtl: 50 });
  await cache.delete('fetched');
  await cache.fetch('fetched', {}, () => 1);
  assert.ok(((await cache.inspect('fetched'))?.ttl ?? 100) <= 50);
  await cache.meta.set('odd', 'x', { flags: 1 << 30 });
  assert.equal(await cache.get('odd'), undefined);
  cache.tune({ onUnreadable: 'error' });
  await assert.rejects(cache.get('odd'), { code: 'ERR_MEMCACHE_DECODE' });
  cache.tune({ onError: 'miss' });
  assert.equal(await cache.get('odd'), undefined);
});

test('compression follows, here and in workers that run already', async () => {
  await using cache = clientOf({ offload: 'always', compressFromBytes: 1_000_000 });
  const value = { text: 'a'.repeat(2000) };
  const sizeOf = async (key: string): Promise<number> => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => cache.set(`${key}:${i}`, value)));
    assert.deepEqual(await cache.get(`${key}:7`), value);
    return (await cache.inspect(`${key}:7`))?.size ?? 0;
  };
  // Workers need a moment to start.
  for (let i = 0; i < 500 && cache.metrics().codec.encodedInPool === 0; i++) {
    assert.ok((await sizeOf('plain')) > 2000);
    await sleep(5);
  }
  assert.ok(cache.metrics().codec.encodedInPool > 0);
  cache.tune({ compressFromBytes: 100 });
  assert.ok((await sizeOf('packed')) < 500);
  cache.tune({ offload: 'never' });
  const { encodedInPool } = cache.metrics().codec;
  assert.ok((await sizeOf('inline')) < 500);
  assert.equal(cache.metrics().codec.encodedInPool, encodedInPool);
  cache.tune({ compressFromBytes: 3000 });
  assert.ok((await sizeOf('plain:again')) > 2000);
});

test('bounds of what may wait, and their errors, are those in force', async () => {
  await using cache = clientOf({ maxPending: { operations: 1 } });
  const refused = async (): Promise<string> => {
    const calls = Array.from({ length: 9 }, (_, i) => cache.get(`pending:${i}`));
    const settled = await Promise.allSettled(calls);
    const failed = settled.find(({ status }) => status === 'rejected');
    return failed === undefined ? '' : String((failed as PromiseRejectedResult).reason);
  };
  assert.match(await refused(), /1 operations pending/);
  cache.tune({ maxPending: { operations: 3 } });
  assert.match(await refused(), /3 operations pending/);
  cache.tune({ maxPending: { operations: 100 }, maxQueued: { operations: 2 } });
  assert.match(await refused(), /2 operations/);
  cache.tune({ whenFull: 'wait' });
  assert.equal(await refused(), '');
});

test('large values: where they travel and who is told', async () => {
  await using cache = clientOf();
  const told: number[] = [];
  cache.on('largeValue', ({ bytes }) => told.push(bytes));
  const value = Buffer.alloc(3000, 'x');
  await cache.set('large', value);
  assert.equal(Object.values(cache.metrics().servers)[0].connections, 1);
  cache.tune({ warnValueBytes: 1000, bulkBytes: 2000 });
  await cache.set('large', value);
  assert.deepEqual(await cache.get('large'), value);
  assert.equal(told.length, 1);
  assert.equal(Object.values(cache.metrics().servers)[0].connections, 2);
});

test('servers that come later, and wrappers', async () => {
  await using other = await startMemcached();
  await using cache = clientOf();
  cache.tune({ volleyKeys: 7 });
  await cache.setServers([server.address, other.address]);
  assert.ok((await keysPerVolley(cache, 256)) <= 7);
  const retrying = withRetry(cache);
  assert.deepEqual(retrying.tune({ volleyKeys: 9 }), { volleyKeys: { before: 7, after: 9 } });
  assert.equal(cache.config().volleyKeys.value, 9);
  assert.throws(() => retrying.tune({ volleyKeys: -1 }), { code: 'ERR_MEMCACHE_OPTION' });
});
