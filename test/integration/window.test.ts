// The adaptive window over several servers whose answers share one narrow link.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import { Bottleneck, type ChaosProxy, startChaosProxy } from '../../src/testing/index.ts';
import { PATIENT, until } from '../support/fault-lab.ts';
import { fleetClient, startFleet } from '../support/fleet-lab.ts';

const SERVERS = 4;
const VALUE = Buffer.alloc(2000, 'v');
const KEYS = Array.from({ length: 200 }, (_, i) => `window:${i}`);
const ENTRIES = KEYS.map((key) => [key, VALUE] as const);
const WINDOW = { adaptive: true, min: 8, max: 64 };

interface Scene {
  readonly client: FleetClient;
  readonly proxies: readonly ChaosProxy[];
}

/** A client with a window, and servers that have all keys. */
async function scene(t: TestContext, timeoutMs: number): Promise<Scene> {
  const fleet = await startFleet(t, SERVERS);
  const proxies = await Promise.all(fleet.map((server) => startChaosProxy({ to: server })));
  t.after(() => Promise.all(proxies.map((proxy) => proxy.stop())));
  const filling = fleetClient(t, proxies, { timeoutMs: 10_000, connectTimeoutMs: 10_000 });
  assert.equal(await filling.setMany(ENTRIES), true);
  const client = fleetClient(t, proxies, {
    timeoutMs,
    connectTimeoutMs: 10_000,
    volleyKeys: 4,
    window: WINDOW,
    compressor: 'none',
    health: { retryAttempts: 1000, errorLimit: 0 },
  });
  await client.connect();
  return { client, proxies };
}

const sumOf = (client: FleetClient, what: 'queued' | 'inFlight'): number =>
  Object.values(client.metrics().servers).reduce((sum, one) => sum + one[what].operations, 0);

test('so much is under way over all servers as the window allows; the rest waits, and all is answered', async (t) => {
  const { client, proxies } = await scene(t, 10_000);
  // Its first answers are those of `connect`.
  const { size: first = 0 } = client.metrics().window ?? {};
  assert.ok(first >= WINDOW.min && first < 2 * WINDOW.min, `it begins with ${first}`);
  for (const proxy of proxies) proxy.set({ freeze: true });
  const found = client.getMany(KEYS);
  await until(() => sumOf(client, 'inFlight') > 0);
  assert.ok(sumOf(client, 'inFlight') <= first, 'over all servers, not for each');
  assert.equal(client.metrics().window?.inFlight, sumOf(client, 'inFlight'));
  assert.equal(sumOf(client, 'inFlight') + sumOf(client, 'queued'), KEYS.length);
  for (const proxy of proxies) proxy.set({ freeze: false });
  assert.deepEqual(await found, new Map(ENTRIES));
  const { size = 0, inFlight } = client.metrics().window ?? {};
  assert.ok(size > first && size <= WINDOW.max, `it has grown to ${size}`);
  assert.equal(inFlight, 0);
});

test('missed deadlines make it smaller, and what is unsent then was never sent', async (t) => {
  const { client, proxies } = await scene(t, 250);
  while ((client.metrics().window?.size ?? 0) < WINDOW.max) await client.getMany(KEYS, PATIENT);
  // A window of 64 values takes three deadlines on this link, one of 8 less than half of one.
  const link = new Bottleneck((64 * VALUE.length) / 0.75);
  for (const proxy of proxies) proxy.set({ bytesPerSecond: link });
  for (let i = 0; i < 6; i++) await client.getMany(KEYS).catch(() => {});
  const { size = Infinity } = client.metrics().window ?? {};
  assert.ok(size < WINDOW.max, `it is still ${size}`);
  for (const proxy of proxies) proxy.clear();
  await until(() => link.queuedMs === 0);
  assert.deepEqual(await client.getMany(KEYS, PATIENT), new Map(ENTRIES));
  assert.equal(client.metrics().window?.inFlight, 0);
});

test('one silent server does not keep the window from the others', async (t) => {
  const { client, proxies } = await scene(t, 200);
  proxies[0].set({ blackhole: true });
  const isThere = (key: string): boolean => client.serverFor(key) === proxies[0].address;
  const lost = Promise.allSettled(KEYS.filter(isThere).map((key) => client.get(key)));
  await lost;
  const others = KEYS.filter((key) => !isThere(key));
  assert.equal((await client.getMany(others, PATIENT)).size, others.length);
});

test('without the option there is none', async (t) => {
  const [server] = await startFleet(t, 1);
  assert.equal(fleetClient(t, [server]).metrics().window, undefined);
});
