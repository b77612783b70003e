// A server of eight is lost, in one way after the other, while callers go on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/fault-lab.ts';
import {
  assertOnly,
  AWAY,
  Callers,
  each,
  failuresOf,
  fleetClient,
  healthOf,
  keysOn,
  QUICK,
  startFleet,
} from '../support/fleet-lab.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const SERVERS = 8;

test('kill -9: its keys are served elsewhere after a moment', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const client = fleetClient(t, fleet);
  const [lost] = fleet;
  const states = healthOf(client, lost);
  const callers = await new Callers(t, client).start();
  await callers.round();
  const began = performance.now();
  await lost.kill();
  const whole = await callers.whole(began, 500);
  const tally = await callers.stop();
  assert.ok(whole < 2000, `whole after ${whole} ms`);
  assertOnly(tally, AWAY);
  assert.deepEqual(states.slice(0, 2), ['suspect', 'down']);
  const keys = keysOn(client, lost, 20);
  assert.ok((await client.getMany(keys)) instanceof Map);
  assert.ok(client.metrics().failovers > 0);
});

test('a long pause between two dials keeps no key from its stand-in', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const client = fleetClient(t, fleet, { reconnect: { minMs: 60_000, maxMs: 60_000 } });
  const callers = await new Callers(t, client).start();
  await callers.round();
  const began = performance.now();
  await fleet[0].kill();
  const whole = await callers.whole(began, 300);
  assert.ok(whole < 2000, `whole after ${whole} ms`);
  assertOnly(await callers.stop(), AWAY);
});

test('SIGSTOP for five seconds, with the default options', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const client = fleetClient(t, fleet);
  const [stopped] = fleet;
  const states = healthOf(client, stopped);
  const callers = await new Callers(t, client, { callers: 32 }).start();
  await callers.round();
  const began = performance.now();
  stopped.pause();
  await sleep(5000);
  const wholeAfter = callers.tally.lastFailureAt - began;
  assert.ok(wholeAfter < 4000, `whole after ${wholeAfter} ms`);
  stopped.resume();
  await until(() => states.includes('up'));
  await callers.round();
  const tally = await callers.stop();
  assertOnly(tally, ['ERR_MEMCACHE_TIMEOUT', ...AWAY]);
  assert.ok(callers.tally.lastFailureAt - began < 4000, 'its return cost errors');
  assert.ok(failuresOf(tally) < tally.operations / 10, 'errors for a tenth of all calls');
  assert.deepEqual(states.slice(0, 3), ['suspect', 'down', 'probing']);
});

test('a restart on the same port costs little', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  const client = fleetClient(t, fleet, QUICK);
  const callers = await new Callers(t, client).start();
  await callers.round();
  const began = performance.now();
  await fleet[0].restart();
  const whole = await callers.whole(began, 300);
  await until(() => client.metrics().reconnects > 0);
  const tally = await callers.stop();
  assert.ok(whole < 2000, `whole after ${whole} ms`);
  assertOnly(tally, AWAY);
  assert.ok(tally.misses > 0, 'it has come back empty');
});

test('all servers are gone and come back', async (t) => {
  const fleet = await startFleet(t, SERVERS);
  // Eight servers that start at once keep calls waiting.
  const client = fleetClient(t, fleet, { ...QUICK, timeoutMs: 1000 });
  const callers = await new Callers(t, client).start();
  await callers.round();
  await Promise.all(fleet.map((server) => server.kill()));
  await sleep(400);
  const down = failuresOf(callers.tally);
  await callers.round();
  assert.ok(failuresOf(callers.tally) > down, 'nobody can have been served');
  await Promise.all(fleet.map((server) => server.restart()));
  const back = performance.now();
  const whole = await callers.whole(back, 500);
  const tally = await callers.stop();
  assert.ok(whole < 3000, `whole ${whole} ms after they came back`);
  assertOnly(tally, AWAY);
  const keys = callers.keys;
  await client.setMany(each(keys, 'new'));
  assert.equal((await client.getMany(keys)).size, keys.length);
  for (const server of fleet)
    assert.ok(keys.some((key) => client.serverFor(key) === server.address));
});

test('an end in good order counts as a failure where answers are due', async (t) => {
  const fleet = await Promise.all([1, 2, 3].map(() => ScriptedServer.start()));
  t.after(() => Promise.all(fleet.map((server) => server.stop())));
  const client = fleetClient(t, fleet, QUICK);
  const [leaving] = fleet;
  const states = healthOf(client, leaving);
  const [key] = keysOn(client, leaving, 1);
  await client.set(key, 1);
  leaving.script = (_request, peer) => peer.end();
  while (!states.includes('down')) {
    await client.get(key).catch(() => {});
    await sleep(1);
  }
  assert.equal(await client.get(key), undefined);
});
