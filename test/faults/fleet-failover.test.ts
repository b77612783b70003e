// What reads and writes see while a server is out, by policy.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ClientOptions, FleetClient } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { rejection, rejects } from '../support/fault-lab.ts';
import {
  addressesOf,
  ask,
  each,
  fleetClient,
  holds,
  keysOn,
  manyError,
  OUT_AT_ONCE,
  startFleet,
  taken,
} from '../support/fleet-lab.ts';

interface Scene {
  readonly client: FleetClient;
  readonly fleet: readonly RunningMemcached[];
  readonly lost: RunningMemcached;
  /** Keys of the lost server. */
  readonly there: string[];
  /** Keys of the others. */
  readonly elsewhere: string[];
}

/** A fleet of three that has lost one. */
async function oneLost(t: TestContext, options: ClientOptions): Promise<Scene> {
  const fleet = await startFleet(t, 3);
  const client = fleetClient(t, fleet, { ...OUT_AT_ONCE, ...options });
  const [lost, ...others] = fleet;
  const there = keysOn(client, lost, 8);
  const elsewhere = others.flatMap((server) => keysOn(client, server, 8));
  await client.setMany(each([...there, ...elsewhere], 'before'));
  await lost.kill();
  await taken(client, lost);
  return { client, fleet, lost, there, elsewhere };
}

/** The seconds an item has left on this server, by its own word; undefined if it has no such item. */
async function ttlOn(server: { port: number }, key: string): Promise<number | undefined> {
  const left = /^HD t(-?\d+)/.exec(await ask(server, `mg ${key} t`));
  return left === null ? undefined : Number(left[1]);
}

test('next: the others have the keys', async (t) => {
  const { client, fleet, lost, there, elsewhere } = await oneLost(t, {});
  assert.equal((await client.getMany(there)).size, 0);
  assert.equal(await client.setMany(each(there, 'after')), true);
  assert.deepEqual(
    await client.getValues(there),
    there.map(() => 'after'),
  );
  for (const key of there) {
    assert.equal(client.serverFor(key), lost.address);
    const held = await Promise.all(fleet.slice(1).map((server) => holds(server, key)));
    assert.equal(held.filter(Boolean).length, 1);
  }
  assert.equal(await client.touch(there[0], 10), true);
  assert.equal(await client.incr(`${there[0]}:none`), undefined);
  assert.equal(await client.delete(there[0]), true);
  assert.equal(await client.add(there[0], 'again'), true);
  assert.deepEqual(new Set((await client.getMany(elsewhere)).values()), new Set(['before']));
});

for (const hash of ['ketama', 'modula', 'dalli', 'swift', 'jump', 'maglev', 'hashring'] as const) {
  test(`next: ${hash} finds another server for each key`, async (t) => {
    const { client, there } = await oneLost(t, { hash });
    assert.equal(await client.setMany(each(there, 'after')), true);
    assert.equal((await client.getMany(there)).size, there.length);
  });
}

test('gutter: spare servers have the keys, for a short while', async (t) => {
  const spares = await startFleet(t, 2);
  const gutter = { servers: addressesOf(spares), ttl: 7 };
  const { client, there, elsewhere } = await oneLost(t, { failover: 'gutter', gutter });
  const held = async (key: string): Promise<number[]> => {
    const ttls = await Promise.all(spares.map((server) => ttlOn(server, key)));
    return ttls.filter((ttl) => ttl !== undefined);
  };
  const within = async (key: string, least: number, most: number): Promise<void> => {
    const [ttl, ...more] = await held(key);
    assert.ok(ttl >= least && ttl <= most && more.length === 0, `${key}: ${ttl} s left`);
  };
  await client.set(there[0], 1);
  await client.set(there[1], 1, { ttl: 100 });
  await client.set(there[2], 1, { ttl: 3 });
  await client.set(there[3], 1, { ttl: new Date(Date.now() + 3_600_000) });
  await client.add(there[4], 1);
  await client.set(there[5], 1, { ttl: 3 });
  await client.touch(there[5], 1000);
  await client.incr(there[6], 1, { initial: 1 });
  for (const i of [0, 1, 3, 4, 5, 6]) await within(there[i], 5, 7);
  await within(there[2], 1, 3);
  assert.equal((await client.getMany(there)).size, 7);
  await client.set(elsewhere[0], 'own');
  assert.deepEqual(await held(elsewhere[0]), []);
  await client.set(there[0], 1, { ttl: -1 });
  assert.equal(await client.get(there[0]), undefined);
});

test('gutter: when the spares are lost too, its keys fail and the others do not', async (t) => {
  const spares = await startFleet(t, 1);
  const gutter = { servers: addressesOf(spares) };
  const { client, there, elsewhere } = await oneLost(t, { failover: 'gutter', gutter });
  await spares[0].kill();
  await taken(client, spares[0], there[0]);
  await rejects(client.get(there[1]), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
  assert.equal((await client.getMany(elsewhere)).size, elsewhere.length);
});

test('gutter: what a spare cannot take is not asked of it again', async (t) => {
  const spares = await startFleet(t, 1);
  const gutter = { servers: addressesOf(spares) };
  const { client, there } = await oneLost(t, { failover: 'gutter', gutter });
  await spares[0].kill();
  const retries: string[] = [];
  client.on('retry', ({ error }) => void retries.push(error.code));
  await rejects(client.get(there[0]), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.deepEqual(retries, []);
});

test('error: its keys reject at once', async (t) => {
  const { client, lost, there, elsewhere } = await oneLost(t, { failover: 'error' });
  const began = performance.now();
  for (const call of [
    client.get(there[0]),
    client.gets(there[0]),
    client.set(there[0], 1),
    client.add(there[0], 1),
    client.delete(there[0]),
    client.touch(there[0], 1),
    client.incr(there[0]),
    client.incr(there[0], 1, { initial: 1 }),
  ]) {
    const error = await rejects(call, 'ERR_MEMCACHE_UNAVAILABLE', 'no');
    assert.equal(error.server, lost.address);
  }
  assert.ok(performance.now() - began < 150, 'they waited for something');
  const { values, errors } = await manyError(client.getMany([...there, ...elsewhere]));
  assert.deepEqual([...values.keys()], elsewhere);
  assert.deepEqual([...errors.keys()], there);
  assert.equal(client.metrics().failovers, 0);
});

test('miss: its keys are misses for readers, writers are told', async (t) => {
  const { client, lost, there, elsewhere } = await oneLost(t, { failover: 'miss' });
  const guarded: (string | undefined)[] = [];
  client.on('guard', ({ error }) => guarded.push(error.server));
  assert.equal(await client.get(there[0]), undefined);
  assert.equal(await client.gets(there[0]), undefined);
  assert.deepEqual([...(await client.getMany([...there, ...elsewhere])).keys()], elsewhere);
  assert.deepEqual(guarded.slice(0, 3), [lost.address, lost.address, lost.address]);
  for (const call of [
    client.set(there[0], 1),
    client.delete(there[0]),
    client.touch(there[0], 1),
    client.incr(there[0]),
  ])
    await rejects(call, 'ERR_MEMCACHE_UNAVAILABLE', 'no');
  await manyError(client.setMany(each(there)));
});

test('failoverPerSecond limits what the stand-ins get', async (t) => {
  const { client, there, elsewhere } = await oneLost(t, { failoverPerSecond: 20 });
  const before = client.metrics().failovers;
  const calls = Array.from({ length: 200 }, (_, i) => client.get(there[i % there.length]));
  const outcomes = await Promise.allSettled(calls);
  const served = outcomes.filter(({ status }) => status === 'fulfilled').length;
  assert.ok(served <= 22, `${served} were served at once`);
  assert.equal(client.metrics().failovers - before, served);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      assert.equal(outcome.reason.code, 'ERR_MEMCACHE_UNAVAILABLE');
  assert.equal((await client.getMany(elsewhere)).size, elsewhere.length);
});

test('where all are lost calls fail by their own server', async (t) => {
  const { client, fleet, there, elsewhere } = await oneLost(t, {});
  for (const server of fleet.slice(1)) {
    await server.kill();
    await taken(client, server);
  }
  for (const call of [() => client.get(there[0]), () => client.set(elsewhere[0], 1)]) {
    const { code, sent } = await rejection(call());
    assert.match(code, /^ERR_MEMCACHE_(CONNECT|UNAVAILABLE)$/);
    assert.equal(sent, 'no');
  }
  const { errors } = await manyError(client.getMany([...there, ...elsewhere]));
  assert.equal(errors.size, there.length + elsewhere.length);
});
