// Taking servers out, and what must not: seen from clients, their servers and the bytes between them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientEvents, FleetClient } from '../../src/index.ts';
import { block, clientOf, lab, rejection, until } from '../support/fault-lab.ts';
import { keysOn, startFleet } from '../support/fleet-lab.ts';
import { answer, sayVersion, ScriptedServer, silence } from '../support/scripted-server.ts';

type Change = ClientEvents['health'][0];

const HEALTH = { retryAttempts: 0, retryTimeoutMs: 1, probeMs: 20, deadTimeoutMs: 100 } as const;

function changesOf(client: FleetClient): Change[] {
  const changes: Change[] = [];
  client.on('health', (change) => void changes.push(change));
  return changes;
}

async function fleetOf(t: TestContext, size: number, options: object = {}) {
  const servers = await Promise.all(Array.from({ length: size }, () => ScriptedServer.start()));
  for (const server of servers) t.after(() => server.stop());
  const client = clientOf(t, servers.map(({ address }) => address).join(), {
    health: HEALTH,
    retry: { attempts: 1 },
    connectTimeoutMs: 5000,
    reconnect: { minMs: 1, maxMs: 10 },
    ...options,
  });
  return { servers, client, changes: changesOf(client) };
}

test('a server that is out is asked for its version, one question at a time, and never about a key', async (t) => {
  const { servers, client, changes } = await fleetOf(t, 2, { connectTimeoutMs: 3000 });
  const [server] = servers;
  const [key] = keysOn(client, server, 1);
  await client.connect();
  await client.set(key, 'x');
  const user = server.users[0];
  server.script = (_request, peer) => peer.end();
  server.probed = silence as never;
  await rejection(client.get(key));
  await until(() => changes.some(({ state }) => state === 'down'));
  const asked = server.requests.length;
  const { address } = server;
  const metrics = () => client.metrics().servers[address];
  const questions = metrics().probes;
  // Others stand in meanwhile. Nobody answers the question: it is given up, and asked again.
  while (metrics().probes < questions + 2) {
    assert.equal(await client.get(key), undefined);
    await sleep(5);
  }
  assert.equal(server.requests.length, asked, 'no request about a key');
  for (const peer of server.users) if (peer !== user) assert.equal(peer.bytes, '');
  const states = changes.filter((change) => change.server === address).map(({ state }) => state);
  assert.deepEqual(states.slice(0, 4), ['down', 'probing', 'down', 'probing']);
  const { state, failures, takenOut, lastError } = metrics();
  assert.ok(state === 'down' || state === 'probing');
  assert.deepEqual([failures, takenOut], [1, 1]);
  assert.match(String(lastError), /^ERR_MEMCACHE_(?:CONNECT|TIMEOUT|UNAVAILABLE)$/);
  server.script = answer;
  server.probed = sayVersion;
  await until(() => metrics().state === 'up');
  assert.equal(await client.get(key), 'x', 'its keys are its own again');
});

test('errors that are answers take nobody out', async (t) => {
  const { server, client } = await lab(t, { health: HEALTH, retry: { attempts: 1 } });
  const changes = changesOf(client);
  const says = [
    'SERVER_ERROR out of memory storing object\r\n',
    'SERVER_ERROR object too large for cache\r\n',
    'NOT_STORED\r\n',
  ];
  for (let i = 0; i < 60; i++) {
    server.next.push((_request, peer) => peer.send(says[i % says.length]));
    await client.set('a', 'x').catch(() => {});
    await sleep(2);
  }
  await rejection(client.set('a', randomBytes(2_000_000)));
  await rejection(client.set('a b', 'x'));
  assert.equal(server.requests.length, 60);
  assert.deepEqual(changes, []);
  assert.equal(client.metrics().servers[server.address].failures, 0);
});

test('turning calls away because too much waits takes nobody out', async (t) => {
  const maxQueued = { operations: 2, bytes: 1000 };
  const { server, client } = await lab(t, { health: HEALTH, maxQueued });
  const changes = changesOf(client);
  await client.set('a', 'x');
  const [peer] = server.users;
  peer.hold();
  const waiting = [client.touch('a', 1), client.touch('b', 1)];
  await until(() => server.requests.length === 3);
  const { queued, inFlight, connections } = client.metrics().servers[server.address];
  assert.deepEqual([queued.operations, inFlight.operations, connections], [0, 2, 1]);
  for (let i = 0; i < 20; i++) {
    assert.equal((await rejection(client.touch('c', 1))).code, 'ERR_MEMCACHE_OVERLOADED');
    await sleep(2);
  }
  peer.goOn();
  await Promise.all(waiting);
  assert.deepEqual(changes, []);
});

test('a process that stood still takes nobody out', async (t) => {
  // In processes of their own: what they said meanwhile is there to be read.
  const servers = await startFleet(t, 2);
  const addresses = servers.map(({ address }) => address).join();
  const client = clientOf(t, addresses, { health: HEALTH, timeoutMs: 100, connectTimeoutMs: 5000 });
  const keys = servers.flatMap((server) => keysOn(client, server, 2));
  await Promise.all(keys.map((key) => client.set(key, 'x', { timeoutMs: 10_000 })));
  const changes = changesOf(client);
  for (let i = 0; i < 3; i++) {
    const calls = keys.map((key) => client.get(key).catch(() => {}));
    await new Promise(setImmediate);
    block(300);
    await Promise.all(calls);
  }
  assert.deepEqual(
    changes.filter(({ state }) => state === 'down'),
    [],
  );
});

test('all servers at once, for it is we who were cut off: all are back soon after, with their keys', async (t) => {
  const { servers, client, changes } = await fleetOf(t, 4);
  const keys = servers.map((server) => keysOn(client, server, 1)[0]);
  await Promise.all(keys.map((key) => client.set(key, 'x')));
  await Promise.all(servers.map((server) => server.away()));
  const outs = (): Set<string> =>
    new Set(changes.filter(({ state }) => state === 'down').map(({ server }) => server));
  while (outs().size < servers.length) {
    await Promise.all(keys.map((key) => client.get(key).catch(() => {})));
    await sleep(2);
  }
  await Promise.all(servers.map((server) => server.listen()));
  const back = (): boolean =>
    Object.values(client.metrics().servers).every(({ state }) => state === 'up');
  await until(back);
  assert.deepEqual(
    await Promise.all(keys.map((key) => client.get(key))),
    keys.map(() => 'x'),
  );
});
