// A real memcached at its limits: no room for a connection, no patience with idle ones, and one that comes and goes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chaosLab, wellAgain } from '../support/chaos-lab.ts';
import { assertInStep, clientOf, PATIENT, rejects, until } from '../support/fault-lab.ts';
import { startFleet } from '../support/fleet-lab.ts';

/** More connections than a server with `-c 16` has room for. */
async function crowd(t: TestContext, { port }: { port: number }): Promise<Socket[]> {
  const sockets = Array.from({ length: 24 }, () => createConnection({ host: '127.0.0.1', port }));
  for (const socket of sockets) {
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  }
  // A server that says nothing has stopped to listen by then, and lets the others wait.
  const connected = Promise.all(sockets.map((socket) => once(socket, 'connect'))).catch(() => {});
  await Promise.race([connected, sleep(300)]);
  return sockets;
}

for (const [how, args] of [
  ['says so', ['-o', 'maxconns_fast']],
  ['says nothing', ['-o', 'no_maxconns_fast']],
] as const) {
  test(`a server without room for a connection, that ${how}: ERR_MEMCACHE_CONNECT, until there is room`, async (t) => {
    const [server] = await startFleet(t, 1, { maxConnections: 16, args });
    const others = await crowd(t, server);
    const client = clientOf(t, server.address, {
      connectTimeoutMs: 400,
      reconnect: { minMs: 10, maxMs: 40 },
    });
    const began = performance.now();
    const error = await rejects(client.set('a', 1), 'ERR_MEMCACHE_CONNECT', 'no');
    assert.ok(performance.now() - began < 400 + 700);
    if (how === 'says so')
      assert.match((error.cause as Error).message, /Too many open connections/);
    for (const socket of others) socket.destroy();
    await until(() => {
      client.set('a', 1).catch(() => {});
      return client.metrics().connects > 0;
    });
    await assertInStep(client);
  });
}

test('a server that ends idle connections: no call fails, and none of it counts as a failure', async (t) => {
  const [server] = await startFleet(t, 1, { args: ['-o', 'idle_timeout=1'] });
  const client = clientOf(t, server.address, { retry: { attempts: 1 } });
  const states: string[] = [];
  client.on('server', ({ state }) => states.push(state));
  assert.equal(await client.set('a', 'x'), true);
  states.length = 0;
  await until(() => states.length > 0);
  assert.equal(await client.get('a'), 'x');
  assert.equal(client.metrics().connectionErrors, 0);
});

const FLAPS = 12;

test('a server that is there and gone every 200 ms: true answers, few connections, and an end to it', async (t) => {
  const { proxy, client } = await chaosLab(t, { timeoutMs: 150 });
  const before = proxy.counters.connections;
  let dials = 0;
  client.on('server', () => dials++);
  proxy.flap({ upMs: 200, downMs: 200 });
  const end = performance.now() + FLAPS * 200;
  for (let i = 0; performance.now() < end; i++) {
    const key = `k${i % 20}`;
    await client.set(key, `value of ${key}`).catch(() => {});
    const value = await client.get(key).catch(() => undefined);
    assert.ok(value === undefined || value === `value of ${key}`, String(value));
    await sleep(1);
  }
  const made = proxy.counters.connections - before;
  assert.ok(made <= 2 * FLAPS, `${made} connections`);
  assert.ok(dials <= 8 * FLAPS, `${dials} connections were made, lost or refused`);
  await proxy.heal();
  await wellAgain(client);
  assert.equal(await client.set('a', 1, PATIENT), true);
});
