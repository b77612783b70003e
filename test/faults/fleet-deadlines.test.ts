// Whatever happens to a fleet: every call settles by its deadline, and what is tried again is bounded.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import { rejection } from '../support/fault-lab.ts';
import { each, fleetClient, keysOn, QUICK, startFleet } from '../support/fleet-lab.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const SLACK_MS = 700;

/** Every verb once, over keys of every server. */
function everything(client: FleetClient, keys: readonly string[]): Promise<unknown>[] {
  return [
    ...keys.flatMap((key) => [
      client.get(key),
      client.gets(key),
      client.set(key, 1),
      client.add(key, 1),
      client.replace(key, 1),
      client.cas(key, 1, '1'),
      client.delete(key),
      client.touch(key, 1),
      client.incr(key),
      client.decr(key, 1, { initial: 5 }),
    ]),
    client.getMany(keys),
    client.getsMany(keys),
    client.getValues(keys),
    client.setMany(each(keys)),
    client.deleteMany(keys),
    client.version(),
    client.stats(),
    client.flushAll(),
  ];
}

async function scripted(t: TestContext, count: number): Promise<ScriptedServer[]> {
  const starts = Array.from({ length: count }, () => ScriptedServer.start());
  const fleet = await Promise.all(starts);
  t.after(() => Promise.all(fleet.map((server) => server.stop())));
  return fleet;
}

async function settledCodes(calls: readonly Promise<unknown>[]): Promise<(string | undefined)[]> {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? undefined : (outcome.reason as { code: string }).code,
  );
}

test('frozen servers: every verb rejects by its deadline', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet, QUICK);
  await client.connect();
  const keys = fleet.flatMap((server) => keysOn(client, server, 2));
  for (const server of fleet) server.pause();
  const began = performance.now();
  const codes = await settledCodes(everything(client, keys));
  const took = performance.now() - began;
  assert.deepEqual(new Set(codes), new Set(['ERR_MEMCACHE_TIMEOUT', 'ERR_MEMCACHE_MANY']));
  assert.ok(took < 150 + SLACK_MS, `${took} ms`);
});

for (const [name, greet] of [
  ['silent at the first question', (peer) => peer.pause()],
  ['resetting whoever connects', (peer) => void peer.socket.resetAndDestroy()],
  ['ending whatever is begun', (peer) => peer.end()],
] as const satisfies readonly (readonly [string, ScriptedServer['greet']])[]) {
  test(`servers ${name}: every verb rejects by its deadline`, async (t) => {
    const fleet = await scripted(t, 3);
    for (const server of fleet) server.greet = greet;
    const client = fleetClient(t, fleet, QUICK);
    const keys = fleet.flatMap((server) => keysOn(client, server, 2));
    const began = performance.now();
    const codes = await settledCodes(everything(client, keys));
    const took = performance.now() - began;
    assert.ok(!codes.includes(undefined), 'nobody was there to answer');
    assert.ok(took < 150 + SLACK_MS, `${took} ms`);
  });
}

test('close under way: every call settles, with its answer or as closed', async (t) => {
  const fleet = await startFleet(t, 4);
  const client = fleetClient(t, fleet, { ...QUICK, timeoutMs: 5000 });
  await client.connect();
  const keys = fleet.flatMap((server) => keysOn(client, server, 2));
  fleet[0].pause();
  const settling = settledCodes(everything(client, keys));
  const began = performance.now();
  await client.close({ timeoutMs: 100 });
  const codes = await settling;
  const took = performance.now() - began;
  assert.ok(took < 100 + SLACK_MS, `${took} ms`);
  const allowed = new Set([undefined, 'ERR_MEMCACHE_CLOSED', 'ERR_MEMCACHE_MANY']);
  for (const code of codes) assert.ok(allowed.has(code), code);
});

/** Servers that end every connection over the first request: each get fails, each may be tried again. */
async function allFailing(t: TestContext): Promise<FleetClient> {
  const fleet = await scripted(t, 3);
  for (const server of fleet) server.script = (_request, peer) => peer.end();
  return fleetClient(t, fleet, {
    failover: 'error',
    reconnect: { minMs: 1, maxMs: 1 },
    health: { retryAttempts: 1000, errorLimit: 0 },
    volleyKeys: 1,
  });
}

test('when everything fails, a fifth of it is tried again, and a burst', async (t) => {
  const client = await allFailing(t);
  let retried = 0;
  client.on('retry', () => retried++);
  const began = performance.now();
  for (let i = 0; i < 1500; i++) await rejection(client.get(`k${i}`));
  const seconds = (performance.now() - began) / 1000;
  const { gets, retries } = client.metrics();
  assert.equal(retried, retries);
  assert.ok(retries >= 100, `only ${retries} retries`);
  const most = 100 + 0.2 * gets + 10 * seconds + 1;
  assert.ok(retries <= most, `${retries} retries of ${gets} gets in ${seconds} s`);
  // That it was the budget: without it, every get whose connection was lost would have been asked twice.
  assert.ok(retries < (gets - retries) / 2, `${retries} retries of ${gets} gets`);
});

test('one attempt: nothing is tried again', async (t) => {
  const fleet = await scripted(t, 3);
  for (const server of fleet) server.script = (_request, peer) => peer.end();
  const client = fleetClient(t, fleet, { retry: { attempts: 1 } });
  for (const server of fleet) await rejection(client.get(keysOn(client, server, 1)[0]));
  assert.equal(client.metrics().retries, 0);
  for (const server of fleet) assert.equal(server.requests.length, 1);
});
