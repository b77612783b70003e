// The event loop of this process stands still while something other than a call is waited for: no pause of ours is taken
// for the silence of a server.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { elasticache } from '../../src/discovery/elasticache.ts';
import type { FleetClient, MemcacheError } from '../../src/index.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { freePort } from '../../src/testing/free-port.ts';
import { ConfigEndpoint, configReply } from '../support/config-endpoint.ts';
import { block, clientOf, type LabOptions, until } from '../support/fault-lab.ts';
import { type SlowServerOptions, startSlowServer } from '../support/slow-server-thread.ts';

/** Far less than a pause; several times what all the greetings take. */
const CONNECT_MS = 500;
const PAUSE_MS = 900;
const GREETING: SlowServerOptions = { greetMs: 25 };

interface Scene {
  readonly client: FleetClient;
  /** What the client said of its server that is not good news. */
  readonly bad: string[];
}

/** A client whose server answers in time, however this process is doing. */
async function scene(
  t: TestContext,
  { delayMs = 20, ...options }: LabOptions & { delayMs?: number } = {},
): Promise<Scene> {
  const server = await startSlowServer(delayMs, GREETING);
  t.after(() => server.stop());
  const client = clientOf(t, server.address, { connectTimeoutMs: CONNECT_MS, ...options });
  return { client, bad: badNews(client) };
}

function badNews(client: FleetClient): string[] {
  const bad: string[] = [];
  client.on('health', ({ state, error }) => bad.push(`${state} ${error?.code}`));
  client.on('server', ({ state, error }) => {
    if (error !== undefined) bad.push(`${state} ${error.code}`);
  });
  return bad;
}

for (const afterMs of [0, 15, 40, 65, 90]) {
  test(`a pause longer than connectTimeoutMs, ${afterMs} ms after the first call: it connects`, async (t) => {
    const { client, bad } = await scene(t);
    const read = client.get('a');
    await (afterMs === 0 ? turn() : sleep(afterMs));
    block(PAUSE_MS);
    assert.equal(await read, 'a');
    assert.deepEqual(bad, []);
    assert.equal(client.metrics().connects, 1);
  });
}

test('pause after pause while it connects: it connects', async (t) => {
  const { client, bad } = await scene(t);
  let connected = false;
  const read = client.get('a').finally(() => {
    connected = true;
  });
  for (let pauses = 0; !connected && pauses < 20; pauses++) {
    block(60);
    await turn();
  }
  assert.equal(await read, 'a');
  assert.deepEqual(bad, []);
});

test('a pause while memcached itself is dialled', async (t) => {
  const server = await startMemcached();
  t.after(() => server.stop());
  const client = clientOf(t, server.address, { connectTimeoutMs: 100 });
  const bad = badNews(client);
  const store = client.set('a', 1);
  await turn();
  block(400);
  assert.equal(await store, true);
  assert.deepEqual(bad, []);
});

test('a pause during the question on an idle connection: it stays', async (t) => {
  const { client, bad } = await scene(t, { idleProbeMs: 1 });
  await client.get('a');
  await sleep(40);
  const read = client.get('b');
  await turn();
  await turn();
  block(PAUSE_MS);
  assert.equal(await read, 'b');
  assert.deepEqual(bad, []);
  assert.equal(client.metrics().connects, 1);
});

test('a pause while a server is asked whether it is back: it is, the first time', async (t) => {
  const port = (await freePort()) ?? 0;
  const client = clientOf(t, `127.0.0.1:${port}`, {
    connectTimeoutMs: CONNECT_MS,
    reconnect: { minMs: 1, maxMs: 2 },
    health: { retryAttempts: 0, probeMs: 400, deadTimeoutMs: 400, retryTimeoutMs: 1 },
  });
  await client.get('a').catch(() => {});
  await until(() => client.metrics().servers[`127.0.0.1:${port}`].state === 'down');
  const server = await startSlowServer(20, { ...GREETING, port });
  t.after(() => server.stop());
  const states: string[] = [];
  const paused = new Promise<void>((resolve) => {
    client.on('health', ({ state }) => {
      states.push(state);
      if (state !== 'probing' || states.length > 1) return;
      setTimeout(() => {
        block(PAUSE_MS);
        resolve();
      }, 15);
    });
  });
  await paused;
  await until(() => states.length > 1);
  assert.deepEqual(states, ['probing', 'up']);
  assert.equal(await client.get('a'), 'a');
});

test('a pause while a worker has a shard: its answer is taken, and the workers stay', async (t) => {
  const codec = { module: new URL('../unit/codec/hooks/moody-codec.js', import.meta.url) };
  const { client } = await scene(t, { codec, offload: 'always', workers: 1, shardTimeoutMs: 300 });
  for (let i = 0; client.metrics().codec.encodedInPool === 0; i++) {
    assert.ok(i < 2000, 'the pool did not start');
    await client.set('warm', { text: 'warm' });
    await sleep(5);
  }
  const before = client.metrics().codec;
  for (const pauseMs of [600, 1000]) {
    const store = client.set('a', { mood: 'slow', text: 'a' });
    await turn();
    await turn();
    block(pauseMs);
    assert.equal(await store, true);
  }
  const { encodedInPool, workerFailures } = client.metrics().codec;
  assert.equal(workerFailures, before.workerFailures);
  assert.equal(encodedInPool, before.encodedInPool + 2);
});

test('short pauses under load: everything is answered, and the server is not suspected', async (t) => {
  const options = { timeoutMs: 600, stallTimeoutMs: 700, delayMs: 60 };
  const { client, bad } = await scene(t, options);
  await client.get('warm', { timeoutMs: 5000 });
  const wrong: unknown[] = [];
  for (let round = 0; round < 5; round++) {
    const reads = Array.from({ length: 50 }, (_, i) => {
      const key = `k${round}:${i}`;
      return client.get(key).then(
        (value) => value === key || wrong.push(value),
        (error: MemcacheError) => wrong.push(error.code),
      );
    });
    await turn();
    await turn();
    block(900);
    await Promise.all(reads);
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(bad, []);
  assert.equal(client.metrics().timeouts, 0);
  assert.equal(client.metrics().reconnects, 0);
});

test('calls whose time was lost to pauses take no healthy server out', async (t) => {
  const health = { retryAttempts: 0, retryTimeoutMs: 1 };
  const { client, bad } = await scene(t, {
    timeoutMs: 150,
    stallTimeoutMs: 5000,
    delayMs: 100,
    health,
  });
  await client.get('warm', { timeoutMs: 5000 });
  const codes = new Set<string>();
  for (let round = 0; round < 6; round++) {
    // Before it has left: the server is asked after the pause, when there is no time left for its answer.
    const read = client.get(`k${round}`).catch((error: MemcacheError) => codes.add(error.code));
    block(300);
    await read;
  }
  assert.deepEqual([...codes], ['ERR_MEMCACHE_TIMEOUT']);
  assert.deepEqual(bad, []);
  assert.equal(await client.get('a', { timeoutMs: 5000 }), 'a');
  assert.equal(client.metrics().reconnects, 0);
});

test('a pause while a discovery is asked: its list is taken, the first time', async (t) => {
  const server = await startMemcached();
  t.after(() => server.stop());
  const endpoint = await ConfigEndpoint.start(t, async (socket) => {
    await sleep(30);
    socket.write(configReply(1, [`localhost|127.0.0.1|${server.port}`]));
  });
  const discovery = elasticache({ endpoint: endpoint.address, timeoutMs: CONNECT_MS });
  const client = clientOf(t, '', {
    servers: undefined,
    discovery,
    discoveryLimits: { allowLocal: true },
  });
  const failures: string[] = [];
  client.on('discovery', ({ error }) => void failures.push(error.code));
  const store = client.set('a', 1);
  for (const begun of [
    () => endpoint.sockets.length === 1,
    () => endpoint.questions.length === 1,
  ]) {
    await until(begun);
    block(PAUSE_MS);
  }
  assert.equal(await store, true);
  assert.deepEqual([failures, endpoint.questions.length], [[], 1]);
});
