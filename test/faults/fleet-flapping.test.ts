// Servers that are neither there nor gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetClient } from '../../src/index.ts';
import { chaosProxy } from '../support/chaos-lab.ts';
import { ScriptedServer } from '../support/scripted-server.ts';
import {
  addressesOf,
  assertOnly,
  AWAY,
  Callers,
  each,
  failuresOf,
  fleetClient,
  keysOn,
  QUICK,
  startFleet,
} from '../support/fleet-lab.ts';

const SERVERS = 8;

/** The pauses between a server's going down and the question whether it is back, in milliseconds. */
function pausesOf(client: FleetClient, { address }: { address: string }): number[] {
  const pauses: number[] = [];
  let downAt = 0;
  client.on('health', ({ server, state }) => {
    if (server !== address) return;
    if (state === 'down') downAt = performance.now();
    if (state === 'probing') pauses.push(performance.now() - downAt);
  });
  return pauses;
}

test('killed and restarted again and again: fewer and fewer connections are tried', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const health = { ...QUICK.health, retryAttempts: 0, deadTimeoutMs: 10_000 };
  const client = fleetClient(t, fleet, { ...QUICK, health, connectTimeoutMs: 5000 });
  const [flapping] = fleet;
  const pauses = pausesOf(client, flapping);
  let dials = 0;
  client.on('server', ({ server }) => {
    if (server === flapping.address) dials++;
  });
  const callers = await new Callers(t, client).start();
  for (let i = 0; i < 8; i++) {
    await flapping.kill();
    await sleep(150);
    await flapping.restart();
    await sleep(150);
  }
  await callers.whole(performance.now(), 300);
  const tally = await callers.stop();
  assertOnly(tally, AWAY);
  assert.ok(dials <= 40, `${dials} connections were made, lost or refused`);
  assert.ok(pauses.length >= 3, `${pauses.length} pauses`);
  const longest = Math.max(...pauses);
  assert.ok(longest > 3 * pauses[0], `pauses of ${pauses.map(Math.round).join(', ')} ms`);
});

test('a server that answers questions about itself and nothing else stays out longer each time', async (t) => {
  const fleet = await startFleet(t, 3);
  const hollow = await ScriptedServer.start();
  t.after(() => hollow.stop());
  const health = { ...QUICK.health, deadTimeoutMs: 10_000 };
  const client = fleetClient(t, [hollow, ...fleet], { ...QUICK, health });
  const pauses = pausesOf(client, hollow);
  hollow.script = (_request, peer) => peer.end();
  const callers = new Callers(t, client);
  await callers.start(false);
  await sleep(1500);
  const tally = await callers.stop();
  assertOnly(tally, AWAY);
  assert.ok(pauses.length >= 2 && pauses.length <= 6, `asked ${pauses.length} times`);
  assert.ok(
    Math.max(...pauses) > 2 * pauses[0],
    `pauses of ${pauses.map(Math.round).join(', ')} ms`,
  );
  assert.ok(failuresOf(tally) < tally.operations / 10, 'its keys are served elsewhere');
});

test('one of eight is slow: only its keys are', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const proxy = await chaosProxy(t, fleet[0]);
  proxy.set({ delayMs: 200 });
  const places = [proxy, ...fleet.slice(1)];
  const client = fleetClient(t, places);
  const slow = keysOn(client, proxy, 3);
  const fast = fleet.slice(1).flatMap((server) => keysOn(client, server, 3));
  // The first answer of a server takes five round trips, the next ones take one.
  await client.connect();
  await client.setMany(each([...slow, ...fast]));
  const timed = async (key: string): Promise<number> => {
    const began = performance.now();
    assert.equal(await client.get(key), key);
    return performance.now() - began;
  };
  // In one moment: the others are answered while the slow one is waited for.
  const [late, early] = await Promise.all([
    Promise.all(slow.map(timed)),
    Promise.all(fast.map(timed)),
  ]);
  const median = early.toSorted((a, b) => a - b)[early.length >> 1];
  assert.ok(Math.min(...late) >= 190, `${Math.min(...late)} ms`);
  assert.ok(median < Math.min(...late) / 2, `${median} ms for keys of the others`);
  const callers = await new Callers(t, client, { keysEach: 8 }).start();
  await callers.round();
  assertOnly(await callers.stop(), []);
  assert.deepEqual(client.servers, addressesOf(places));
});

test('a server slower than the deadline is taken out, and tried less and less often', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const proxy = await chaosProxy(t, fleet[0]);
  const health = { ...QUICK.health, deadTimeoutMs: 10_000 };
  const options = { ...QUICK, health, connectTimeoutMs: 1000, timeoutMs: 100 };
  const client = fleetClient(t, [proxy, ...fleet.slice(1)], options);
  const pauses = pausesOf(client, proxy);
  const callers = await new Callers(t, client).start();
  proxy.set({ delayMs: 250 });
  await sleep(2500);
  const { errors, operations } = await callers.stop();
  const late = errors.get('ERR_MEMCACHE_TIMEOUT') ?? 0;
  assertOnly(callers.tally, ['ERR_MEMCACHE_TIMEOUT', ...AWAY]);
  assert.ok(late > 0 && late < operations / 20, `${late} of ${operations} were late`);
  assert.ok(
    Math.max(...pauses) > 2 * pauses[0],
    `pauses of ${pauses.map(Math.round).join(', ')} ms`,
  );
});
