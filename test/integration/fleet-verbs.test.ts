// Every verb over several servers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { until } from '../support/fault-lab.ts';
import { each, fleetClient, holds, keysOn, manyError, startFleet } from '../support/fleet-lab.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const PATIENT = { timeoutMs: 10_000, connectTimeoutMs: 10_000 } as const;

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, i) => `${name}:${i}`);

/** That the keys of a test are on every server: else it would not be about a fleet. */
function assertSpread(client: FleetClient, keys: readonly string[]): void {
  const owners = new Set(keys.map((key) => client.serverFor(key)));
  assert.deepEqual(owners, new Set(client.servers));
}

/** A server to be slow or dead, and some keys on it and on the others. */
function sides(
  client: FleetClient,
  fleet: readonly RunningMemcached[],
): { lost: RunningMemcached; there: string[]; elsewhere: string[] } {
  const [lost, ...others] = fleet;
  return {
    lost,
    there: keysOn(client, lost, 5),
    elsewhere: others.flatMap((server) => keysOn(client, server, 5)),
  };
}

test('values of many keys, by the keys in their order', async (t) => {
  const client = fleetClient(t, await startFleet(t, 4), PATIENT);
  const keys = numbered(200, 'many');
  assertSpread(client, keys);
  assert.equal(await client.setMany(keys.map((key) => [key, `v ${key}`] as const)), true);
  const asked = [...keys, 'missing:1', keys[7]].toReversed();
  const hits = asked.filter((key) => key !== 'missing:1');
  assert.deepEqual([...(await client.getMany(asked)).keys()], [...new Set(hits)]);
  for (const [key, value] of await client.getMany<string>(asked))
    assert.equal(value, `v ${String(key)}`);
  assert.deepEqual(
    await client.getValues(asked),
    asked.map((key) => (key === 'missing:1' ? undefined : `v ${key}`)),
  );
});

test('cas tokens of many keys are those of their servers', async (t) => {
  const client = fleetClient(t, await startFleet(t, 4), PATIENT);
  const keys = numbered(40, 'cas');
  assertSpread(client, keys);
  await client.setMany(each(keys, 'first'));
  const tokens = await client.getsMany<string>(keys);
  assert.deepEqual([...tokens.keys()], keys);
  const answers = keys.map((key) => client.cas(key, 'second', tokens.get(key)?.cas ?? ''));
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['stored']));
  const again = keys.map((key) => client.cas(key, 'third', tokens.get(key)?.cas ?? ''));
  assert.deepEqual(new Set(await Promise.all(again)), new Set(['exists']));
  const one = await client.gets<string>(keys[3]);
  assert.equal(one?.value, 'second');
  assert.equal(await client.cas('cas:none', 'x', one.cas), 'missing');
});

test('delete, touch, add, replace and counters of keys on every server', async (t) => {
  const client = fleetClient(t, await startFleet(t, 4), PATIENT);
  const keys = numbered(24, 'each');
  assertSpread(client, keys);
  const ofAll = <R>(ask: (key: string) => Promise<R>): Promise<R[]> => Promise.all(keys.map(ask));
  const all = (answer: unknown): unknown[] => keys.map(() => answer);
  assert.deepEqual(await ofAll((key) => client.replace(key, 1)), all(false));
  assert.deepEqual(await ofAll((key) => client.incr(key, 2, { initial: 40 })), all(42));
  assert.deepEqual(await ofAll((key) => client.decr(key, 2n)), all(40n));
  assert.deepEqual(await ofAll((key) => client.add(key, 1)), all(false));
  assert.deepEqual(await ofAll((key) => client.touch(key, 100)), all(true));
  assert.deepEqual(await ofAll((key) => client.get(key)), all(40));
  const there = [...keys, 'each:none'];
  const deleted = await client.deleteMany(there);
  assert.deepEqual([...deleted], [...keys.map((key) => [key, true]), ['each:none', false]]);
  assert.equal((await client.getMany(keys)).size, 0);
});

test('a slow server delays its own keys only', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet, PATIENT);
  const { lost, there, elsewhere } = sides(client, fleet);
  await client.setMany(each([...there, ...elsewhere]));
  lost.pause();
  let resumed = false;
  const late = [client.getMany(there), client.getMany([...there, ...elsewhere])];
  const slow = Promise.all(late).then((answers) => {
    assert.ok(resumed, 'answered by a server that sleeps');
    return answers;
  });
  assert.equal((await client.getMany(elsewhere)).size, elsewhere.length);
  assert.equal(await client.set(elsewhere[0], 'new'), true);
  resumed = true;
  lost.resume();
  const [own, all] = await slow;
  assert.equal(own.size, there.length);
  assert.equal(all.size, there.length + elsewhere.length);
});

test('servers are asked at the same time, not one after the other', async (t) => {
  const servers = await Promise.all([1, 2, 3].map(() => ScriptedServer.start()));
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const client = fleetClient(t, servers, PATIENT);
  const keys = servers.flatMap((server) => keysOn(client, server, 2));
  await client.setMany(each(keys));
  const held: (() => void)[] = [];
  for (const server of servers)
    server.script = (request, peer) => void held.push(() => peer.answer(request));
  const call = client.getMany(keys);
  // Nobody has answered yet, and everybody has been asked.
  await until(() => held.length === servers.length);
  for (const go of held) go();
  assert.deepEqual([...(await call).keys()], keys);
});

test('a lost server: what the others answered, and an error for each of its keys', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet, { failover: 'error' });
  const { lost, there, elsewhere } = sides(client, fleet);
  const keys = [...there, ...elsewhere];
  await client.setMany(each(keys));
  await lost.kill();
  const reads = await manyError(client.getMany(keys));
  assert.deepEqual([...reads.values.keys()], elsewhere);
  assert.deepEqual([...reads.errors.keys()], there);
  for (const error of reads.errors.values()) assert.equal(error.server, lost.address);
  const writes = await manyError(client.setMany(each(keys, 'new')));
  assert.deepEqual([...writes.errors.keys()], there);
  const removals = await manyError(client.deleteMany(keys));
  assert.deepEqual(
    [...removals.values],
    elsewhere.map((key) => [key, true] as const),
  );
  assert.deepEqual([...removals.errors.keys()], there);
});

test('a lost server under onError miss: what the others answered, and a guard event', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet, { failover: 'error', onError: 'miss' });
  const { lost, there, elsewhere } = sides(client, fleet);
  const keys = [...there, ...elsewhere];
  await client.setMany(each(keys));
  const guarded: (string | undefined)[] = [];
  client.on('guard', ({ error }) => guarded.push(error.server));
  await lost.kill();
  assert.deepEqual([...(await client.getMany(keys)).keys()], elsewhere);
  assert.ok(guarded.length > 0);
  assert.deepEqual(new Set(guarded), new Set([lost.address]));
  const values = await client.getValues(keys);
  assert.deepEqual(values, [...there.map(() => undefined), ...elsewhere]);
  assert.equal(await client.get(there[0]), undefined);
  await manyError(client.setMany(each(keys, 'new')));
});

test('commands about servers answer by server', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet);
  const [lost, ...others] = fleet;
  await client.connect();
  const keys = numbered(40, 'flushed');
  await client.setMany(each(keys, 1));
  assert.deepEqual([...(await client.version()).keys()], [...client.servers]);
  const stats = await client.stats();
  for (const server of fleet) assert.equal(stats.get(server.address)?.get('pid'), server.pid);
  const done = new Map(fleet.map(({ address }) => [address, true]));
  assert.deepEqual(await client.cacheMemlimit(64), done);
  assert.deepEqual(await client.verbosity(0), done);
  assert.deepEqual([...(await client.flushAll()).values()], [true, true, true, true]);
  assert.equal((await client.getMany(keys)).size, 0);
  await lost.kill();
  const told = (await manyError(client.stats())).values as Awaited<typeof stats>;
  for (const { address, pid } of others) assert.equal(told.get(address)?.get('pid'), pid);
  for (const call of [
    client.version(),
    client.stats(),
    client.cacheMemlimit(64),
    client.flushAll(),
  ]) {
    const { values, errors } = await manyError(call);
    assert.deepEqual([...errors.keys()], [lost.address]);
    assert.deepEqual(new Set(values.keys()), new Set(others.map(({ address }) => address)));
  }
});

test('connect rejects with what failed, and the others are connected', async (t) => {
  const fleet = await startFleet(t, 4);
  await fleet[2].kill();
  const client = fleetClient(t, fleet);
  const { values, errors } = await manyError(client.connect());
  assert.deepEqual([...errors.keys()], [fleet[2].address]);
  assert.equal(errors.get(fleet[2].address)?.code, 'ERR_MEMCACHE_CONNECT');
  assert.equal(values.size, 3);
});

test('close answers what is under way on every server', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet, PATIENT);
  const keys = numbered(100, 'closing');
  const stored = client.setMany(each(keys, 1));
  const read = client.getMany(keys);
  await client.close();
  assert.equal(await stored, true);
  assert.equal((await read).size, keys.length);
  await assert.rejects(client.get('late'), { code: 'ERR_MEMCACHE_CLOSED' });
  const held = await Promise.all(fleet.map((server) => holds(server, keys[0])));
  assert.equal(held.filter(Boolean).length, 1);
});
