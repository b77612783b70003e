import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createClient, type ClientEvents, type FleetClient } from '../../../src/index.ts';
import { type LabOptions, rejects, until } from '../../support/fault-lab.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';

/** Servers in this process, and a client that learns of them as a test says. */
async function discovered(t: TestContext, count: number, options: LabOptions = {}) {
  const starts = Array.from({ length: count }, () => ScriptedServer.start());
  const servers = await Promise.all(starts);
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const names = servers.map(({ address }) => address);
  const asked: { tell: (names: string[]) => void; fail: (error: Error) => void }[] = [];
  const client = createClient({
    discovery: {
      name: 'the test',
      pollMs: 0,
      discover: () =>
        new Promise((tell, fail) => {
          asked.push({ tell, fail });
        }),
    },
    discoveryLimits: { allowLocal: true },
    offload: 'never',
    timeoutMs: 5000,
    ...options,
  });
  t.after(() => client.close({ timeoutMs: 0 }));
  const answer = async (list: string[]): Promise<void> => {
    await until(() => asked.length > 0);
    asked.shift()?.tell(list);
  };
  const refuse = async (): Promise<void> => {
    await until(() => asked.length > 0);
    asked.shift()?.fail(new Error('nobody knows'));
  };
  return { servers, names, client, asked, answer, refuse };
}

function heard<N extends keyof ClientEvents>(client: FleetClient, name: N): ClientEvents[N][0][] {
  const events: ClientEvents[N][0][] = [];
  client.on(name, (...[event]: ClientEvents[N]) => void events.push(event));
  return events;
}

test('nothing is asked before it is needed', async (t) => {
  const { client, asked } = await discovered(t, 1);
  assert.deepEqual(client.servers, []);
  assert.throws(() => client.serverFor('k'), {
    code: 'ERR_MEMCACHE_UNAVAILABLE',
    message: /^the test has not named any server yet$/,
  });
  assert.equal(asked.length, 0);
});

test('what is issued before the servers are known is sent once they are, in its order', async (t) => {
  const { servers, names, client, asked, answer } = await discovered(t, 1);
  const set = client.set('k', 'one');
  const read = client.get('k');
  const many = client.getMany(['k', 'x']);
  const gone = client.delete('k');
  const after = client.get('k');
  const version = client.version();
  await until(() => asked.length === 1);
  await answer(names);
  assert.equal(await set, true);
  assert.equal(await read, 'one');
  assert.deepEqual([...(await many)], [['k', 'one']]);
  assert.equal(await gone, true);
  assert.equal(await after, undefined);
  assert.deepEqual([...(await version).keys()], names);
  assert.equal(asked.length, 0, 'asked once for all of them');
  assert.deepEqual(servers[0].lines, ['set k 16 0 3', 'get k x', 'delete k', 'get k']);
});

test('what is issued as soon as the servers are known comes after what waited for them', async (t) => {
  const { servers, names, client, answer } = await discovered(t, 1);
  const calls: Promise<unknown>[] = [client.set('k', 'first')];
  client.on('topology', () => {
    calls.push(client.set('k', 'second'));
    queueMicrotask(() => void calls.push(client.set('k', 'third')));
  });
  await answer(names);
  await until(() => calls.length === 3);
  await Promise.all(calls);
  assert.equal(servers[0].items.get('k')?.data.toString(), 'third');
  assert.deepEqual(servers[0].lines, ['set k 16 0 5', 'set k 16 0 6', 'set k 16 0 5']);
});

test('a list by hand serves what waits for the discovery', async (t) => {
  const { names, client, refuse } = await discovered(t, 1);
  const read = client.get('k');
  await refuse();
  await client.setServers(names);
  assert.equal(await read, undefined);
  assert.deepEqual(client.servers, names);
});

test('who waits for the servers is given up at its deadline', async (t) => {
  const { client } = await discovered(t, 1);
  const calls = [
    client.get('k', { timeoutMs: 30 }),
    client.set('k', 1, { timeoutMs: 30 }),
    client.delete('k', { timeoutMs: 30 }),
    client.version({ timeoutMs: 30 }),
  ];
  for (const call of calls) {
    const error = await rejects(call, 'ERR_MEMCACHE_TIMEOUT', 'no');
    assert.match(error.message, /^the test did not answer where its servers are in time$/);
  }
  await rejects(client.getMany(['k'], { timeoutMs: 30 }), 'ERR_MEMCACHE_MANY', 'no');
});

test('who waits in vain is told why the servers could not be learned', async (t) => {
  const { client, refuse } = await discovered(t, 1);
  const told = heard(client, 'discovery');
  const read = client.get('k', { timeoutMs: 50 });
  await refuse();
  const error = await rejects(read, 'ERR_MEMCACHE_TIMEOUT', 'no');
  assert.equal(error.cause, told[0].error);
  assert.ok(error.message.endsWith(told[0].error.message), error.message);
  assert.throws(() => client.serverFor('k'), { cause: told[0].error });
});

test('who was given up or has aborted is not sent when the servers are known', async (t) => {
  const { servers, names, client, answer } = await discovered(t, 1);
  const controller = new AbortController();
  const aborted = client.set('aborted', 1, { signal: controller.signal });
  const late = client.set('late', 1, { timeoutMs: 20 });
  const kept = client.set('kept', 1);
  controller.abort();
  await rejects(aborted, 'ERR_MEMCACHE_ABORTED', 'no');
  await rejects(late, 'ERR_MEMCACHE_TIMEOUT', 'no');
  await answer(names);
  await kept;
  assert.deepEqual([...servers[0].items.keys()], ['kept']);
});

test('a call about the servers is given up on its signal while they are not known', async (t) => {
  const { client } = await discovered(t, 1);
  await rejects(client.version({ signal: AbortSignal.abort() }), 'ERR_MEMCACHE_ABORTED', 'no');
  const controller = new AbortController();
  const call = client.stats('', { signal: controller.signal });
  controller.abort();
  await rejects(call, 'ERR_MEMCACHE_ABORTED', 'no');
});

test('that no list can be learned is told, and connect rejects with why', async (t) => {
  const { client, refuse } = await discovered(t, 1);
  const told = heard(client, 'discovery');
  const connected = client.connect();
  await refuse();
  const error = await rejects(connected, 'ERR_MEMCACHE_CONNECT');
  assert.equal((error.cause as Error).message, 'nobody knows');
  assert.deepEqual(told, [{ error, kept: [] }]);
});

test('connect learns the servers and reaches each of them', async (t) => {
  const { servers, names, client, answer } = await discovered(t, 2);
  const topology = heard(client, 'topology');
  const connected = client.connect();
  await answer(names);
  await connected;
  assert.ok(servers.every(({ users }) => users.length === 1));
  assert.deepEqual(topology, [{ servers: names, added: names, removed: [] }]);
});

test('rediscover asks now and believes what was held back', async (t) => {
  const { names, client, answer, refuse } = await discovered(t, 4);
  const connected = client.connect();
  await answer(names);
  await connected;
  const again = client.rediscover();
  await answer(names.slice(0, 1));
  await again;
  assert.deepEqual(client.servers, names.slice(0, 1));
  const failed = client.rediscover();
  await refuse();
  await rejects(failed, 'ERR_MEMCACHE_CONNECT');
  assert.deepEqual(client.servers, names.slice(0, 1));
});

test('a server that fails has the discovery asked', async (t) => {
  const { servers, names, client, asked, answer } = await discovered(t, 2, {
    health: { retryAttempts: 0 },
  });
  const connected = client.connect();
  await answer(names);
  await connected;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await servers[0].away();
  const health = heard(client, 'health');
  while (health.length === 0) {
    await Promise.allSettled(['a', 'b', 'c', 'd'].map((key) => client.get(key)));
  }
  assert.equal(asked.length, 0, 'not every moment');
  t.mock.timers.tick(5000);
  await until0(() => asked.length === 1);
});

/** As `until`, where timers are the test's. */
async function until0(happened: () => boolean): Promise<void> {
  for (let i = 0; !happened(); i++) {
    assert.ok(i < 10_000, 'did not happen');
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

test('closed while the servers are not known, what waits for them fails with the end', async (t) => {
  const { client, asked } = await discovered(t, 1);
  const calls = [client.get('k'), client.set('k', 1), client.version()];
  const many = client.getMany(['k']);
  await until(() => asked.length === 1);
  const ended = Promise.all([
    ...calls.map((call) => rejects(call, 'ERR_MEMCACHE_CLOSED', 'no')),
    rejects(many, 'ERR_MEMCACHE_MANY', 'no'),
  ]);
  const began = performance.now();
  await client.close();
  await ended;
  assert.ok(performance.now() - began < 1000);
});

test('closed before the servers were known, every call says so at once', async (t) => {
  const { client, asked } = await discovered(t, 1);
  await client.close();
  for (const call of [
    client.get('k'),
    client.set('k', 1),
    client.version(),
    client.stats(),
    client.flushAll(),
    client.connect(),
    client.rediscover(),
  ]) {
    await rejects(call, 'ERR_MEMCACHE_CLOSED', 'no');
  }
  assert.equal(asked.length, 0);
});

test('closed while a new server is asked, it does not wait for that one', async (t) => {
  const { servers, names, client, answer } = await discovered(t, 2, { connectTimeoutMs: 5000 });
  const connected = client.connect();
  await answer(names.slice(0, 1));
  await connected;
  servers[1].probed = () => {};
  const again = client.rediscover().catch(() => {});
  await answer(names);
  await until(() => servers[1].peers.length > 0);
  const began = performance.now();
  await client.close();
  await again;
  assert.ok(performance.now() - began < 1000);
  await until(() => servers[1].peers.every(({ closed }) => closed));
});

test('no more calls wait for the servers than may be queued', async (t) => {
  const { names, client, answer } = await discovered(t, 1, { maxQueued: { operations: 3 } });
  const shed = heard(client, 'shed');
  const waiting = ['a', 'b', 'c'].map((key) => client.get(key));
  await rejects(client.get('d'), 'ERR_MEMCACHE_OVERLOADED', 'no');
  assert.equal(shed.length, 1);
  await answer(names);
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined, undefined]);
});
