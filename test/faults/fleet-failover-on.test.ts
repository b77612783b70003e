// `failoverOn: 'failure'`: an operation that fails goes on to the next server, before its own is out.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ClientOptions, FleetClient } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { rejection } from '../support/fault-lab.ts';
import { each, fleetClient, holds, keysOn, startFleet } from '../support/fleet-lab.ts';

/** As OpenStack Swift's client: three tries, and a server is out after more than ten errors in a minute. */
const SWIFT: ClientOptions = {
  failoverOn: 'failure',
  retry: { attempts: 3 },
  health: { retryAttempts: 1000, errorLimit: 10 },
};

async function three(
  t: TestContext,
  options: ClientOptions,
): Promise<{ client: FleetClient; fleet: readonly RunningMemcached[]; keys: string[] }> {
  const fleet = await startFleet(t, 3);
  const client = fleetClient(t, fleet, options);
  return { client, fleet, keys: keysOn(client, fleet[0], 6) };
}

test('the first calls after a loss are answered by the next server', async (t) => {
  const { client, fleet, keys } = await three(t, SWIFT);
  await client.setMany(each(keys, 'before'));
  await fleet[0].kill();
  for (const key of keys) {
    assert.equal(await client.get(key), undefined);
    assert.equal(await client.set(key, 'after'), true);
    assert.equal(await client.get(key), 'after');
    assert.equal(await client.delete(key), true);
    assert.equal(await client.incr(key, 1, { initial: 4 }), 5);
    assert.equal(client.serverFor(key), fleet[0].address, 'it is still its own');
  }
  assert.deepEqual(await client.getValues(keys), Array(keys.length).fill(5));
  assert.equal(await client.setMany(each(keys, 'many')), true);
  for (const key of keys) {
    const held = await Promise.all(fleet.slice(1).map((server) => holds(server, key)));
    assert.equal(held.filter(Boolean).length, 1);
  }
});

test('two servers that fail are both passed over, a third try finds the last', async (t) => {
  const { client, fleet, keys } = await three(t, SWIFT);
  await client.connect();
  await Promise.all(fleet.slice(0, 2).map((server) => server.kill()));
  for (const key of keys) {
    assert.equal(await client.set(key, 1), true);
    assert.equal(await holds(fleet[2], key), true);
  }
});

test('by default a key stays with its server until that is out', async (t) => {
  const { client, fleet, keys } = await three(t, {
    health: { retryAttempts: 1000, errorLimit: 0 },
  });
  await client.connect();
  await fleet[0].kill();
  for (const key of keys) {
    const { server } = await rejection(client.set(key, 1));
    assert.equal(server, fleet[0].address);
  }
  assert.equal(client.metrics().failovers, 0);
});
