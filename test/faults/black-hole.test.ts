// A network that swallows everything: no end, no reset, no refusal, and writes that seem to succeed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemcacheClient } from '../../src/index.ts';
import { blackHoleMissing, startFarMemcached } from '../support/black-hole.ts';
import {
  assertInStep,
  clientOf,
  type LabOptions,
  PATIENT,
  rejects,
  until,
} from '../support/fault-lab.ts';
import { each, healthOf, keysOn, startFleet, taken } from '../support/fleet-lab.ts';

const skip = blackHoleMissing();

/** How much later than its deadline a call may settle on a machine that has other things to do. */
const SLACK_MS = 500;

const OPTIONS: LabOptions = {
  timeoutMs: 300,
  connectTimeoutMs: 800,
  stallTimeoutMs: 300,
  reconnect: { minMs: 20, maxMs: 50 },
};

async function settledWithin<T>(ms: number, call: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await call();
  } finally {
    const took = performance.now() - began;
    assert.ok(took < ms + SLACK_MS, `${took} ms`);
  }
}

/** What is tried again until it succeeds: it must, before long. */
async function recovered(client: MemcacheClient): Promise<void> {
  const giveUp = performance.now() + 10_000;
  for (;;) {
    try {
      await client.set('recovered', 1, PATIENT);
      break;
    } catch (error) {
      assert.ok(performance.now() < giveUp, `not yet: ${String(error)}`);
      await sleep(10);
    }
  }
  await assertInStep(client);
}

test(
  'a connection in a black hole: deadlines are kept, it is given up, and a new one is made',
  { skip },
  async (t) => {
    const server = await startFarMemcached(t);
    const client = clientOf(t, server.address, OPTIONS);
    await client.set('a', 'x', PATIENT);
    const states: string[] = [];
    client.on('server', ({ state }) => states.push(state));
    server.vanish();
    const calls: Record<string, (c: MemcacheClient) => Promise<unknown>> = {
      get: (c) => c.get('a'),
      set: (c) => c.set('a', 'y'),
      incr: (c) => c.incr('n'),
      delete: (c) => c.delete('a'),
    };
    for (const call of Object.values(calls)) {
      await settledWithin(300, async () => {
        const error = await call(client).then(
          () => assert.fail('nobody can have answered'),
          (reason: { code: string }) => reason,
        );
        assert.match(error.code, /TIMEOUT|CONNECTION_LOST|CONNECT|UNAVAILABLE/);
      });
    }
    await until(() => states.length > 0);
    server.reappear();
    await recovered(client);
    assert.ok(client.metrics().reconnects >= 1);
  },
);

test(
  'a server in a black hole from the start: connecting ends within connectTimeoutMs',
  { skip },
  async (t) => {
    const server = await startFarMemcached(t);
    server.vanish();
    const client = clientOf(t, server.address, { ...OPTIONS, timeoutMs: 5000 });
    const calls = [client.connect(), client.get('a'), client.set('a', 1)];
    await settledWithin(800, () =>
      Promise.all(calls.map((call) => rejects(call, 'ERR_MEMCACHE_CONNECT', 'no'))),
    );
    server.reappear();
    await recovered(client);
  },
);

test(
  'a peer that restarted out of sight: an idle connection costs no call',
  { skip },
  async (t) => {
    const server = await startFarMemcached(t);
    const options = { ...OPTIONS, timeoutMs: 5000, idleProbeMs: 50, retry: { attempts: 1 } };
    const client = clientOf(t, server.address, options);
    await client.set('a', 'x', PATIENT);
    server.vanish();
    await server.restart();
    server.reappear();
    await sleep(60);
    assert.equal(await client.get('a'), undefined, 'it has come back empty');
    assert.equal(await client.set('a', 'y'), true);
    await assertInStep(client);
  },
);

test(
  'one of three in a black hole: its keys move, the others notice nothing',
  { skip },
  async (t) => {
    const server = await startFarMemcached(t);
    const fleet = [server, ...(await startFleet(t, 2))];
    const client = clientOf(t, fleet.map(({ address }) => address).join(), {
      ...OPTIONS,
      health: { retryTimeoutMs: 10, probeMs: 60, deadTimeoutMs: 300 },
    });
    await client.connect();
    const lost = keysOn(client, server, 3);
    const others = fleet.slice(1).flatMap((one) => keysOn(client, one, 3));
    await client.setMany(each(others), PATIENT);
    server.vanish();
    const reads = others.map((key) => client.get(key));
    await taken(client, server, lost[0]);
    assert.deepEqual(await Promise.all(reads), others);
    await settledWithin(800, () => client.setMany(each(lost)));
    assert.equal((await client.getMany([...lost, ...others])).size, lost.length + others.length);
    const states = healthOf(client, server);
    server.reappear();
    await until(() => states.includes('up'));
    await recovered(client);
  },
);
