// What is issued on one key takes effect in that order, also when the key goes to another server meanwhile.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ClientOptions, FleetClient } from '../../src/index.ts';
import { clientOf, until } from '../support/fault-lab.ts';
import { healthOf } from '../support/fleet-lab.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

interface Scene {
  readonly client: FleetClient;
  /** Takes connections and says nothing. */
  readonly deaf: ScriptedServer;
  readonly well: ScriptedServer;
  /** A key of the deaf one. */
  readonly key: string;
  /** Stores under that key, and waits for a connection. */
  readonly early: Promise<true>;
}

async function oneDeaf(t: TestContext, options: ClientOptions): Promise<Scene> {
  const deaf = await ScriptedServer.start();
  t.after(() => deaf.stop());
  const well = await ScriptedServer.start();
  t.after(() => well.stop());
  deaf.probed = () => {};
  const given = { connectTimeoutMs: 500, timeoutMs: 5000, dialect: 'classic', ...options } as const;
  const client = clientOf(t, `${deaf.address},${well.address}`, { maxValueBytes: 1000, ...given });
  let key = 'order:0';
  for (let i = 1; client.serverFor(key) !== deaf.address; i++) key = `order:${i}`;
  const early = client.set(key, 'early');
  early.catch(() => {});
  await until(() => deaf.peers.length === 1);
  return { client, deaf, well, key, early };
}

test('what waits for a connection to a server that is removed comes before what is issued after that', async (t) => {
  const { client, well, key, early } = await oneDeaf(t, {});
  await client.setServers(well.address);
  const late = client.set(key, 'late');
  assert.deepEqual(await Promise.all([early, late]), [true, true]);
  assert.equal(await client.get(key), 'late');
});

test('what waits for a connection to a server that is taken out comes before what its stand-in gets later', async (t) => {
  const health = { retryAttempts: 0, probeMs: 60_000, deadTimeoutMs: 60_000 };
  const { client, deaf, key, early } = await oneDeaf(t, { health });
  const states = healthOf(client, deaf);
  await assert.rejects(client.get(key, { timeoutMs: 20 }), { code: 'ERR_MEMCACHE_TIMEOUT' });
  assert.deepEqual(states, ['down']);
  const late = client.set(key, 'late');
  assert.deepEqual(await Promise.all([early, late]), [true, true]);
  assert.equal(await client.get(key), 'late');
});
