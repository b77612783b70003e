import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/fault-lab.ts';
import { fleetClient, holds, startFleet } from '../support/fleet-lab.ts';
import { eventually, Loader, notCalled } from './fetches.ts';

const PATIENT = { timeoutMs: 20_000, connectTimeoutMs: 10_000 };
const KEYS = Array.from({ length: 40 }, (_, i) => `k${i}`);

for (const lease of ['auto', 'add'] as const) {
  test(`many keys of many servers are loaded by one call (lease '${lease}')`, async (t) => {
    const servers = await startFleet(t, 3);
    const [here, elsewhere] = [0, 1].map(() => fleetClient(t, servers, PATIENT));
    const loader = new Loader('elsewhere', true);
    const held = KEYS.slice(0, 20);
    const others = held.map((key) => elsewhere.fetch(key, { ttl: 60, lease }, loader.load));
    await until(() => loader.calls === held.length);
    const calls: (readonly string[])[] = [];
    const load = (keys: readonly string[]): Map<string, string> => {
      calls.push(keys);
      return new Map(keys.map((key) => [key, 'here']));
    };
    const values = await here.fetchMany(KEYS, { ttl: 60, waitMs: 200, lease }, load);
    assert.deepEqual(
      [...values],
      KEYS.map((key) => [key, 'here']),
    );
    assert.deepEqual(
      calls.map((keys) => keys.toSorted()),
      [KEYS.slice(20), held].map((keys) => keys.toSorted()),
    );
    loader.letGo();
    await Promise.all(others);
    await eventually(async () => (await here.getMany(KEYS)).size === KEYS.length);
    const stored = await here.fetchMany(KEYS, {}, notCalled);
    assert.deepEqual([...stored.values()].slice(18, 22), [
      'elsewhere',
      'elsewhere',
      'here',
      'here',
    ]);
  });
}

test('the lock beside a key is on its server, also where another key places it', async (t) => {
  const servers = await startFleet(t, 3);
  const cache = fleetClient(t, servers, PATIENT);
  for (const routeBy of [undefined, 'elsewhere']) {
    for (const key of KEYS.slice(0, 10)) {
      const loader = new Loader('loaded', true);
      const fetched = cache.fetch(key, { lease: 'add', ttl: 60, routeBy }, loader.load);
      await until(() => loader.calls === 1);
      const lock = `${Buffer.from(`${key}\xfflock`, 'latin1').toString('base64')} b`;
      const address = cache.serverFor(routeBy ?? key);
      for (const server of servers)
        assert.equal(
          await holds(server, lock),
          server.address === address,
          `${server.address} has the lock`,
        );
      assert.equal(await cache.invalidate(key, { routeBy }), false);
      loader.letGo();
      assert.equal(await fetched, 'loaded');
    }
  }
});
