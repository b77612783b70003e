// Keys that have moved are looked for where they were, for a while.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions, FleetClient } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { chaosProxy } from '../support/chaos-lab.ts';
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

const LONG: ClientOptions = { movedGraceMs: 60_000 };
const ONE_REMOVED = [
  [0, 1, 2],
  [0, 1],
] as const;
const ALL = Array.from({ length: 60 }, (_, i) => `grace:${i}`);

interface Moved {
  readonly client: FleetClient;
  readonly fleet: readonly RunningMemcached[];
  /** Keys that were somewhere else before, with a value there. */
  readonly keys: string[];
  readonly former: ReadonlyMap<string, RunningMemcached>;
}

/** A fleet that has changed from these servers of three to those, and the keys that have moved. */
async function moved(
  t: TestContext,
  options: ClientOptions,
  [from, to]: readonly [readonly number[], readonly number[]] = [
    [0, 1],
    [0, 1, 2],
  ],
): Promise<Moved> {
  const fleet = await startFleet(t, 3);
  const addresses = addressesOf(fleet);
  const client = fleetClient(
    t,
    from.map((i) => fleet[i]),
    { timeoutMs: 5000, ...options },
  );
  await client.setMany(each(ALL, 'old'));
  const before = new Map(ALL.map((key) => [key, client.serverFor(key)]));
  await client.setServers(to.map((i) => addresses[i]));
  const keys = ALL.filter((key) => client.serverFor(key) !== before.get(key));
  const former = new Map(
    keys.map((key) => [key, fleet[addresses.indexOf(before.get(key) ?? '')]] as const),
  );
  assert.ok(keys.length >= 6, 'too few keys have moved');
  return { client, fleet, keys, former };
}

test('without grace a key that has moved is a miss', async (t) => {
  const { client, keys } = await moved(t, {});
  assert.equal((await client.getMany(keys)).size, 0);
  assert.equal((await client.getMany(ALL)).size, ALL.length - keys.length);
});

test('a miss on a key that has moved is found at its old owner', async (t) => {
  const { client, keys } = await moved(t, LONG);
  assert.equal(await client.get(keys[0]), 'old');
  assert.equal((await client.gets(keys[0]))?.value, 'old');
  assert.equal((await client.getMany(ALL)).size, ALL.length);
  assert.equal((await client.getsMany(ALL)).size, ALL.length);
  assert.deepEqual(await client.getValues(['grace:none', ...ALL]), [
    undefined,
    ...ALL.map(() => 'old'),
  ]);
});

test('the keys of a removed server are found there', async (t) => {
  const { client, keys } = await moved(t, LONG, ONE_REMOVED);
  assert.equal((await client.getMany(keys)).size, keys.length);
});

test('the keys of a fleet that has shrunk to one server are found', async (t) => {
  const { client, keys } = await moved(t, LONG, [[0, 1], [0]]);
  assert.equal((await client.getMany(keys)).size, keys.length);
  assert.equal(await client.get(keys[0]), 'old');
});

test('what is deleted or overwritten is not revived', async (t) => {
  const { client, keys, former } = await moved(t, LONG);
  const [deleted, overwritten, replaced, many, added] = keys;
  await client.delete(deleted);
  await client.set(overwritten, 'new');
  await client.deleteMany([many]);
  assert.equal(await client.get(deleted), undefined);
  assert.equal(await client.get(many), undefined);
  assert.equal(await client.get(overwritten), 'new');
  await client.delete(overwritten);
  assert.equal(await client.get(overwritten), undefined);
  await client.set(replaced, 'short', { ttl: -1 });
  assert.equal(await client.get(replaced), undefined);
  await client.add(added, 'added');
  assert.equal(await client.get(added), 'added');
  for (const key of [deleted, overwritten, replaced, many, added]) {
    const server = former.get(key) as RunningMemcached;
    assert.equal(await holds(server, key), false);
  }
});

test('what flushAll has removed is not revived', async (t) => {
  const { client, keys } = await moved(t, LONG, ONE_REMOVED);
  await client.flushAll();
  assert.equal((await client.getMany(keys)).size, 0);
});

test('a write and a read in one moment: the read sees what was written', async (t) => {
  const { client, keys } = await moved(t, LONG);
  const answers = keys.map(async (key) => {
    const gone = client.delete(key);
    const after = client.get(key);
    const again = client.set(key, 'new');
    const last = client.get(key);
    await gone;
    await again;
    return [await after, await last];
  });
  for (const [after, last] of await Promise.all(answers)) {
    assert.equal(after, undefined);
    assert.equal(last, 'new');
  }
});

test('routed keys are looked for where they were routed', async (t) => {
  const fleet = await startFleet(t, 3);
  const client = fleetClient(t, fleet.slice(0, 2), LONG);
  const routes = ALL.slice(0, 20);
  const before = routes.map((routeBy) => client.serverFor(routeBy));
  await Promise.all(
    routes.map((routeBy) => client.set(`by ${routeBy}`.replace(' ', ':'), 1, { routeBy })),
  );
  await client.setServers(addressesOf(fleet));
  assert.ok(routes.some((routeBy, i) => client.serverFor(routeBy) !== before[i]));
  for (const routeBy of routes) assert.equal(await client.get(`by:${routeBy}`, { routeBy }), 1);
});

test('after the grace time it is a plain miss, and the removed server is let go', async (t) => {
  const { client, fleet, keys } = await moved(t, { movedGraceMs: 150 }, ONE_REMOVED);
  const inUse = await countOf(fleet[2], 'curr_connections');
  assert.equal((await client.getMany(keys)).size, keys.length);
  while ((await countOf(fleet[2], 'curr_connections')) === inUse) await sleep(10);
  assert.equal((await client.getMany(keys)).size, 0);
  assert.equal((await client.getMany(ALL)).size, ALL.length - keys.length);
});

for (const way of ['kill', 'pause'] as const) {
  test(`a former owner that is lost makes a miss, not an error: ${way}`, async (t) => {
    const { client, fleet, keys } = await moved(t, { ...LONG, ...QUICK }, ONE_REMOVED);
    await fleet[2][way]();
    assert.equal(await client.get(keys[0]), undefined);
    assert.equal((await client.getMany(keys)).size, 0);
    assert.equal(await client.set(keys[0], 'new'), true);
    assert.equal(await client.get(keys[0]), 'new');
  });
}

test('what is deleted while its former owner is out is not revived when that returns', async (t) => {
  const { client, fleet, keys } = await moved(t, { ...LONG, ...QUICK }, ONE_REMOVED);
  const states = healthOf(client, fleet[2]);
  fleet[2].pause();
  await taken(client, fleet[2], keys[0]);
  await client.delete(keys[1]);
  await client.set(keys[2], 'new', { ttl: -1 });
  fleet[2].resume();
  await until(() => states.includes('up'));
  for (const key of keys.slice(1, 3)) assert.equal(await client.get(key), undefined);
});

test('what is deleted while the way to its former owner is cut is not revived', async (t) => {
  const fleet = await startFleet(t, 2);
  const proxy = await chaosProxy(t, fleet[1]);
  proxy.set({ delayMs: 30 });
  const client = fleetClient(t, [fleet[0], proxy], { ...LONG, timeoutMs: 5000 });
  const keys = keysOn(client, proxy, 5);
  await client.setMany(each(keys, 'old'));
  await client.setServers([fleet[0].address]);
  assert.equal(await client.get(keys[0]), 'old');
  proxy.set({ blackhole: true }, { direction: 'toServer' });
  await client.delete(keys[1]);
  let lost = false;
  client.on('server', ({ error }) => {
    lost ||= error !== undefined;
  });
  proxy.clear();
  proxy.cut();
  await until(() => lost);
  assert.equal(await client.get(keys[1]), undefined);
  assert.equal(await holds(fleet[1], keys[1]), true, 'it was to be lost on its way');
});

test('a server that is removed and comes back within the grace time has its keys', async (t) => {
  const { client, fleet, keys } = await moved(t, { movedGraceMs: 300 }, ONE_REMOVED);
  await client.setServers(addressesOf(fleet));
  assert.equal((await client.getMany(keys)).size, keys.length);
  await sleep(400);
  assert.equal((await client.getMany(ALL)).size, ALL.length);
});
