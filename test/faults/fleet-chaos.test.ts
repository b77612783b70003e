// Everything at once, by chance: servers die, sleep and come back, the list changes, and nobody is told anything wrong.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, type FleetClient, MemcacheError } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { chaosProxy } from '../support/chaos-lab.ts';
import {
  addressesOf,
  each,
  fleetClient,
  keysOn,
  QUICK,
  randomFrom,
  startFleet,
} from '../support/fleet-lab.ts';

const ROUND_MS = 1200;
const CALLERS = 24;
const SLACK_MS = 700;
const LARGE = 'x'.repeat(80_000);

/** What a call may be told while servers come and go. */
const ALLOWED: ReadonlySet<string> = new Set([
  'ERR_MEMCACHE_TIMEOUT',
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_UNAVAILABLE',
  'ERR_MEMCACHE_MANY',
]);

interface World {
  readonly client: FleetClient;
  readonly random: () => number;
  readonly deadlineMs: number;
  over: boolean;
  calls: number;
  answers: number;
}

const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)];

const isValueOf = (key: string, value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && value.startsWith(`${key}#`));

async function oneCall({ client, random }: World): Promise<void> {
  const key = `chaos:${Math.floor(random() * 200)}`;
  const value = `${key}#${random() < 0.03 ? LARGE : ''}`;
  switch (Math.floor(random() * 12)) {
    case 0:
      await client.set(key, value);
      return;
    case 1:
      await client.delete(key);
      return;
    case 2:
      await client.add(key, value);
      return;
    case 3:
      await client.touch(key, 100);
      return;
    case 4: {
      const item = await client.gets<string>(key);
      assert.ok(isValueOf(key, item?.value), 'a value of another key');
      if (item !== undefined) await client.cas(key, value, item.cas);
      return;
    }
    case 5:
      await client.setMany([0, 1, 2, 3].map((i) => [`${key}${i}`, `${key}${i}#`] as const));
      return;
    case 6:
    case 7: {
      const keys = Array.from({ length: 20 }, (_, i) => `chaos:${i * 9}`);
      const found = await client.getMany<string>(keys);
      for (const [one, given] of found) assert.ok(isValueOf(String(one), given), 'another value');
      return;
    }
    default:
      assert.ok(isValueOf(key, await client.get(key)), 'a value of another key');
  }
}

async function caller(world: World): Promise<void> {
  while (!world.over) {
    const began = performance.now();
    world.calls++;
    try {
      await oneCall(world);
      world.answers++;
    } catch (error) {
      if (!(error instanceof MemcacheError)) throw error;
      assert.ok(ALLOWED.has(error.code), `${error.code}: ${error.message}`);
    }
    const took = performance.now() - began;
    // A cas is two calls.
    assert.ok(took < 2 * world.deadlineMs + SLACK_MS, `a call took ${took} ms`);
    await sleep(1);
  }
}

async function faults(world: World, fleet: readonly RunningMemcached[]): Promise<void> {
  const { client, random } = world;
  while (!world.over) {
    const server = pick(fleet, random);
    const chance = random();
    if (chance < 0.3) {
      await server.kill();
      await sleep(random() * 200);
      await server.restart();
    } else if (chance < 0.6) {
      server.pause();
      await sleep(random() * 400);
      server.resume();
    } else if (chance < 0.7) await server.restart();
    else {
      const some = fleet.filter(() => random() < 0.7);
      await client.setServers(addressesOf(some.length === 0 ? fleet : some));
    }
    await sleep(random() * 60);
  }
}

function optionsOf(random: () => number, spares: readonly RunningMemcached[]): ClientOptions {
  const failover = pick(['next', 'gutter', 'error', 'miss'] as const, random);
  return {
    ...QUICK,
    failover,
    ...(failover === 'gutter' && { gutter: { servers: addressesOf(spares), ttl: 1 } }),
    movedGraceMs: pick([0, 100], random),
    connections: pick([1, 2], random),
    hash: pick(['rendezvous', 'ketama', 'modula', 'maglev'] as const, random),
    health: { ...QUICK.health, flushOnReturn: random() < 0.5 },
    retry: {
      maybeSent: pick(['none', 'reads', 'sets'] as const, random),
      delayMs: pick([0, 5], random),
    },
  };
}

for (const seed of [Date.now() % 2 ** 31, (Date.now() * 7919) % 2 ** 31, 1]) {
  test(`chaos, seed ${seed}`, async (t: TestContext) => {
    const random = randomFrom(seed);
    const fleet = await startFleet(t, 5);
    const spares = await startFleet(t, 1);
    const options = optionsOf(random, spares);
    const client = fleetClient(t, fleet, options);
    const world: World = { client, random, deadlineMs: 150, over: false, calls: 0, answers: 0 };
    t.after(() => {
      world.over = true;
    });
    const all = [...Array.from({ length: CALLERS }, () => caller(world)), faults(world, fleet)];
    const ended = Promise.all(all);
    await Promise.race([ended, sleep(ROUND_MS)]);
    world.over = true;
    await ended;
    assert.ok(world.answers > world.calls / 3, `${world.answers} of ${world.calls} were answered`);
    await client.setServers(addressesOf(fleet));
    const keys = Array.from({ length: 100 }, (_, i) => `after:${i}`);
    const giveUp = performance.now() + 8000;
    for (;;) {
      // While another server stands in for one, what is stored there is a miss as soon as that is back.
      const { servers } = client.metrics();
      const whole = fleet.every(({ address }) => servers[address].state === 'up');
      const done = await client.setMany(each(keys)).catch(() => false);
      if (done && whole) break;
      assert.ok(performance.now() < giveUp, `not whole again: ${JSON.stringify(options)}`);
      await sleep(10);
    }
    assert.equal((await client.getMany(keys)).size, keys.length);
  });
}

test('connections are cut again and again: no step of a counter is made twice', async (t) => {
  const fleet = await startFleet(t, 3);
  const proxies = await Promise.all(fleet.map((server) => chaosProxy(t, server)));
  for (const proxy of proxies) proxy.set({ delayMs: 1 });
  const client = fleetClient(t, proxies, {
    ...QUICK,
    timeoutMs: 1000,
    health: { retryAttempts: 1000, errorLimit: 0 },
    retry: { maybeSent: 'sets', attempts: 5, delayMs: 2 },
  });
  const counters = proxies.flatMap((proxy) => keysOn(client, proxy, 2));
  await client.setMany(each(counters, 0));
  const asked = new Map(counters.map((key) => [key, 0]));
  const told = new Map(counters.map((key) => [key, 0]));
  let over = false;
  const callers = Array.from({ length: 24 }, async (_, i) => {
    const key = counters[i % counters.length];
    while (!over) {
      asked.set(key, (asked.get(key) ?? 0) + 1);
      await client.incr(key).then(
        () => told.set(key, (told.get(key) ?? 0) + 1),
        (error: MemcacheError) => {
          if (error.sent === 'no') asked.set(key, (asked.get(key) ?? 0) - 1);
        },
      );
      await sleep(1);
    }
  });
  for (let i = 0; i < 40; i++) {
    await sleep(25);
    proxies[i % proxies.length].cut();
  }
  over = true;
  await Promise.all(callers);
  const direct = fleetClient(t, fleet);
  for (const [i, key] of counters.entries()) {
    const server = fleet[Math.floor(i / 2)];
    const own = keysOn(direct, server, 1, 'direct')[0];
    const count = (await direct.get<number>(key, { routeBy: own })) ?? -1;
    const least = told.get(key) ?? 0;
    const most = asked.get(key) ?? 0;
    assert.ok(count >= least && count <= most, `${count}, not ${least} to ${most}`);
    assert.ok(most > least || count === least);
  }
  assert.ok(client.metrics().reconnects >= 20, `${client.metrics().reconnects} reconnects`);
});
