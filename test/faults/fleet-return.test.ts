// A server that was out comes back with what it had.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { until } from '../support/fault-lab.ts';
import {
  addressesOf,
  countOf,
  each,
  fleetClient,
  healthOf,
  holds,
  keysOn,
  QUICK,
  startFleet,
  taken,
} from '../support/fleet-lab.ts';

interface Scene {
  readonly client: FleetClient;
  readonly fleet: readonly RunningMemcached[];
  readonly frozen: RunningMemcached;
  readonly keys: string[];
  readonly states: string[];
}

/** A fleet of three in which one is frozen with old values, while new ones are written elsewhere. */
async function oneFrozen(t: TestContext, flushOnReturn: boolean): Promise<Scene> {
  const fleet = await startFleet(t, 3);
  const health = { ...QUICK.health, flushOnReturn };
  const client = fleetClient(t, fleet, { ...QUICK, health });
  const [frozen] = fleet;
  const keys = keysOn(client, frozen, 10);
  const states = healthOf(client, frozen);
  await client.setMany(each(keys, 'old'));
  frozen.pause();
  await taken(client, frozen);
  await client.setMany(each(keys, 'new'));
  assert.deepEqual(new Set(await client.getValues(keys)), new Set(['new']));
  states.length = 0;
  return { client, fleet, frozen, keys, states };
}

test('without flushOnReturn it shows what was replaced meanwhile', async (t) => {
  const { client, frozen, keys, states } = await oneFrozen(t, false);
  frozen.resume();
  await until(() => states.includes('up'));
  assert.deepEqual(new Set(await client.getValues(keys)), new Set(['old']));
  assert.equal(await countOf(frozen, 'cmd_flush'), 0);
});

test('flushOnReturn empties it before its keys return', async (t) => {
  const { client, frozen, keys, states } = await oneFrozen(t, true);
  const seen = new Set<unknown>();
  let over = false;
  const readers = keys.map(async (key) => {
    while (!over) seen.add(await client.get(key));
  });
  frozen.resume();
  await until(() => states.includes('up'));
  // The first read after the return has been asked by now; one round later it has been answered.
  await client.getMany(keys);
  over = true;
  await Promise.all(readers);
  for (const value of await client.getValues(keys)) seen.add(value);
  assert.deepEqual(seen, new Set(['new', undefined]));
  assert.equal(await countOf(frozen, 'cmd_flush'), 1);
});

test('flushOnReturn empties nobody at the start, and no server that is new', async (t) => {
  const fleet = await startFleet(t, 3);
  const health = { ...QUICK.health, flushOnReturn: true };
  const first = fleetClient(t, fleet.slice(0, 2), { ...QUICK, health });
  const own = fleetClient(t, fleet);
  await own.setMany(each(Array.from({ length: 50 }, (_, i) => `kept:${i}`)));
  await first.connect();
  await first.setServers(addressesOf(fleet));
  await first.connect();
  for (const server of fleet) assert.equal(await countOf(server, 'cmd_flush'), 0);
});

test('a server that cannot be emptied does not return', async (t) => {
  const { client, frozen, fleet, keys, states } = await oneFrozen(t, true);
  // It comes back as one that knows no flush_all.
  await frozen.kill();
  const stubborn = await startMemcached({ port: frozen.port, args: ['-F'] });
  t.after(() => stubborn.stop());
  await until(() => states.filter((state) => state === 'down').length >= 2);
  assert.ok(!states.includes('up'));
  assert.deepEqual(new Set(await client.getValues(keys)), new Set(['new']));
  assert.equal(await holds(fleet[0], keys[0]), false);
});
