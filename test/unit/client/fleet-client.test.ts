import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createClient, type FleetClient, type MemcacheError } from '../../../src/index.ts';
import { clientOf, type LabOptions, rejection, rejects, until } from '../../support/fault-lab.ts';
import { ScriptedServer, silence } from '../../support/scripted-server.ts';

/** Servers in this process and a client of them. A server's first failure takes it out; it is asked soon. */
async function fleetOf(t: TestContext, count: number, options: LabOptions = {}) {
  const starts = Array.from({ length: count }, () => ScriptedServer.start());
  const servers = await Promise.all(starts);
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const names = servers.map(({ address }) => address);
  const client = clientOf(t, names.join(), { ...QUICK, ...options });
  return { servers, names, client };
}

const QUICK: LabOptions = {
  health: { retryAttempts: 0, probeMs: 20, deadTimeoutMs: 50 },
  reconnect: { minMs: 1, maxMs: 5 },
};

/** Some key that belongs to this server. */
function keyOn(client: FleetClient, name: string, prefix = 'key'): string {
  for (let i = 0; ; i++) if (client.serverFor(`${prefix}:${i}`) === name) return `${prefix}:${i}`;
}

/** The server goes away, and the client has found out. */
async function lose(client: FleetClient, server: ScriptedServer): Promise<void> {
  let out = false;
  client.on('health', (event) => {
    out ||= event.server === server.address && event.state === 'down';
  });
  const key = keyOn(client, server.address);
  await server.away();
  while (!out) await client.get(key, { onError: 'miss' });
}

const KEYS = Array.from({ length: 60 }, (_, i) => `many:${i}`);

test('each key is stored on, read from and removed from its own server', async (t) => {
  const { servers, client } = await fleetOf(t, 3);
  await client.setMany(KEYS.map((key) => [key, key] as const));
  for (const { address, items } of servers) {
    assert.ok(items.size > 0, address);
    for (const key of items.keys()) assert.equal(client.serverFor(key), address);
  }
  const all = await client.getMany(KEYS);
  assert.deepEqual([...all.keys()], KEYS);
  const gone = await client.deleteMany(KEYS);
  assert.ok(KEYS.every((key) => gone.get(key)));
  assert.ok(servers.every(({ items }) => items.size === 0));
});

test('the keys of one moment are one request to each server', async (t) => {
  const { servers, client } = await fleetOf(t, 3);
  await client.getMany(KEYS);
  for (const server of servers) assert.equal(server.lines.length, 1);
});

test('servers and serverFor are known before anything is asked', async (t) => {
  const { servers, names, client } = await fleetOf(t, 3);
  assert.deepEqual(client.servers, names);
  assert.ok(names.includes(client.serverFor('any')));
  for (const bad of ['', 'a b', 5]) {
    assert.throws(() => client.serverFor(bad as string), { code: 'ERR_MEMCACHE_KEY' });
    assert.throws(() => client.serverFor('k', { routeBy: bad as string }), {
      code: 'ERR_MEMCACHE_KEY',
    });
  }
  assert.ok(servers.every(({ peers }) => peers.length === 0));
});

test('routeBy places every kind of call, and serverFor knows where', async (t) => {
  const { servers, names, client } = await fleetOf(t, 3);
  const routeBy = keyOn(client, names[1]);
  const keys = names.map((name) => keyOn(client, name, 'routed'));
  assert.equal(client.serverFor(keys[0], { routeBy }), names[1]);
  for (const key of keys) {
    await client.set(key, '1', { routeBy });
    assert.equal(await client.get(key, { routeBy }), '1');
    await client.add(key, '1', { routeBy });
    await client.replace(key, '1', { routeBy });
    await client.touch(key, 5, { routeBy });
    await client.incr(key, 1, { routeBy });
  }
  await client.setMany({ a: 1, b: 2 }, { routeBy });
  assert.equal((await client.getMany(['a', 'b', ...keys], { routeBy })).size, 5);
  assert.equal((await client.getsMany(['a'], { routeBy })).size, 1);
  assert.deepEqual(await client.getValues(['b'], { routeBy }), [2]);
  await client.deleteMany(['a', 'b'], { routeBy });
  await client.delete(keys[0], { routeBy });
  assert.deepEqual(
    servers.map(({ lines }) => lines.length > 0),
    [false, true, false],
  );
});

test('a hash tag keeps keys together', async (t) => {
  const { client } = await fleetOf(t, 3, { hashTag: '{}' });
  const places = KEYS.map((key) => client.serverFor(`${key}:{same}`));
  assert.equal(new Set(places).size, 1);
  assert.equal(places[0], client.serverFor('same'));
  assert.ok(new Set(KEYS.map((key) => client.serverFor(key))).size > 1);
});

test('what of a key is hashed is what hashedPart says', async (t) => {
  const { names, client } = await fleetOf(t, 3, { keyPrefix: 'p:', hashedPart: 'prefixed' });
  const plain = clientOf(t, names.join());
  const digested = clientOf(t, names.join(), { keyRule: 'md5', hashedPart: 'wire' });
  const byKey = clientOf(t, names.join(), { keyPrefix: 'p:' });
  for (const key of KEYS) {
    assert.equal(client.serverFor(key), plain.serverFor(`p:${key}`));
    assert.equal(byKey.serverFor(key), plain.serverFor(key));
  }
  const md5OfA = '0cc175b9c0f1b6a831c399e269772661';
  assert.equal(digested.serverFor('a'), plain.serverFor(md5OfA));
});

test('version, stats and flushAll ask every server', async (t) => {
  const { names, client } = await fleetOf(t, 3);
  assert.deepEqual(
    [...(await client.version())],
    names.map((name) => [name, '1.6.18']),
  );
  assert.deepEqual([...(await client.flushAll()).values()], [true, true, true]);
});

test('connect rejects with what failed, by server', async (t) => {
  const { servers, names, client } = await fleetOf(t, 3);
  await servers[1].away();
  await assert.rejects(
    client.connect(),
    (error: MemcacheError & { errors: Map<string, Error> }) => {
      assert.equal(error.code, 'ERR_MEMCACHE_MANY');
      assert.deepEqual([...error.errors.keys()], [names[1]]);
      return true;
    },
  );
});

test('a lost server costs a read nothing but another attempt elsewhere', async (t) => {
  const { servers, names, client } = await fleetOf(t, 3);
  const key = keyOn(client, names[0]);
  await client.connect();
  const states: string[] = [];
  client.on('health', ({ server, state }) => void states.push(`${server} ${state}`));
  const retries: number[] = [];
  client.on('retry', ({ attempt }) => void retries.push(attempt));
  servers[0].script = (_request, peer) => void peer.reset();
  assert.equal(await client.get(key), undefined);
  assert.deepEqual(states.slice(0, 1), [`${names[0]} down`]);
  assert.deepEqual(retries, [1]);
  assert.ok(client.metrics().failovers >= 1);
  assert.equal(servers[0].lines.length, 1);
});

test('a write that may have been carried out is not repeated; one that never left is', async (t) => {
  const { servers, names, client } = await fleetOf(t, 2);
  await client.connect();
  const key = keyOn(client, names[0]);
  servers[0].next.push((_request, peer) => void peer.reset());
  const error = await rejection(client.incr(key));
  assert.deepEqual([error.code, error.sent], ['ERR_MEMCACHE_CONNECTION_LOST', 'maybe']);
  await until(() => client.metrics().failovers === 0);

  const other = clientOf(t, names.join(), QUICK);
  await servers[0].away();
  assert.equal(await other.set(key, 'x'), true);
  assert.ok(servers[1].items.has(key));
});

for (const failover of ['error', 'miss'] as const) {
  test(`failover '${failover}': nobody else is asked for the keys of a lost server`, async (t) => {
    const { servers, names, client } = await fleetOf(t, 2, {
      failover,
      health: { retryAttempts: 0, probeMs: 10_000 },
    });
    const guards: MemcacheError[] = [];
    client.on('guard', ({ error }) => void guards.push(error));
    await lose(client, servers[0]);
    const [lost, kept] = names.map((name) => keyOn(client, name));
    await rejects(client.set(lost, 1), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
    await client.set(kept, 1);
    if (failover === 'error') {
      await rejects(client.get(lost), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
      const many = await rejection(client.getMany([lost, kept]));
      assert.equal(many.code, 'ERR_MEMCACHE_MANY');
      assert.equal(await client.get(lost, { onError: 'miss' }), undefined);
      return;
    }
    guards.length = 0;
    assert.equal(await client.get(lost), undefined);
    assert.deepEqual([...(await client.getMany([lost, kept])).keys()], [kept]);
    assert.deepEqual(await client.getValues([lost, kept]), [undefined, 1]);
    assert.deepEqual(
      guards.map(({ code }) => code),
      Array(3).fill('ERR_MEMCACHE_UNAVAILABLE'),
    );
  });
}

test("failover 'miss' hides no other failure", async (t) => {
  const { servers, names, client } = await fleetOf(t, 2, { failover: 'miss' });
  const key = keyOn(client, names[0]);
  servers[0].script = (_request, peer) => peer.send('SERVER_ERROR busy\r\n');
  await rejects(client.get(key), 'ERR_MEMCACHE_SERVER');
});

test("failover 'gutter': items on a spare server live no longer than gutter.ttl", async (t) => {
  const spare = await ScriptedServer.start();
  t.after(() => spare.stop());
  const { servers, names, client } = await fleetOf(t, 1, {
    failover: 'gutter',
    gutter: { servers: [spare.address], ttl: 7 },
    health: { retryAttempts: 0, probeMs: 10_000 },
  });
  await client.set('k', 'v', { ttl: 300 });
  assert.deepEqual(client.servers, names);
  await lose(client, servers[0]);
  spare.users.forEach(({ requests }) => requests.splice(0));
  for (const ttl of [300, 0, 3]) await client.set('k', 'v', { ttl });
  await client.touch('k', 300);
  assert.equal(await client.get('k'), 'v');
  assert.deepEqual(spare.lines, [
    'set k 16 7 1',
    'set k 16 7 1',
    'set k 16 3 1',
    'touch k 7',
    'get k',
  ]);
  assert.equal(servers[0].lines[0], 'set k 16 300 1');
});

test('while the whole fleet is lost nothing is tried again for nothing', async (t) => {
  const { servers, client } = await fleetOf(t, 2, {
    health: { retryAttempts: 0, probeMs: 10_000, deadTimeoutMs: 10_000 },
  });
  for (const server of servers) await lose(client, server);
  const { retries } = client.metrics();
  for (const key of KEYS) assert.equal((await rejection(client.get(key))).sent, 'no');
  assert.equal(client.metrics().retries, retries);
});

test('setServers moves keys, tells so, and lets go of what is left over', async (t) => {
  const { servers, names, client } = await fleetOf(t, 3);
  const two = clientOf(t, names.slice(0, 2).join(), QUICK);
  const changes: unknown[] = [];
  two.on('topology', (change) => void changes.push(change));
  await two.setMany(KEYS.map((key) => [key, key] as const));
  await two.setServers(names.slice(1).join());
  assert.deepEqual(two.servers, names.slice(1));
  assert.deepEqual(changes, [{ servers: names.slice(1), added: [names[2]], removed: [names[0]] }]);
  await until(() => servers[0].users.every(({ closed }) => closed));
  await two.setServers(names);
  for (const key of KEYS) assert.equal(two.serverFor(key), client.serverFor(key));
});

test('a list that cannot be used is refused, and the old one stays', async (t) => {
  const { names, client } = await fleetOf(t, 2);
  for (const list of [[], '', ['a:x'], [names[0], names[0]], 5]) {
    await rejects(client.setServers(list as string[]), 'ERR_MEMCACHE_OPTION');
  }
  assert.deepEqual(client.servers, names);
});

test('after the end no list is put to use', async (t) => {
  const { names, client } = await fleetOf(t, 2);
  await client.close();
  await rejects(client.setServers([names[0]]), 'ERR_MEMCACHE_CLOSED');
  assert.deepEqual(client.servers, names);
});

test('in the time of grace a miss looks at the former server, and a write removes the copy there', async (t) => {
  const { servers, names } = await fleetOf(t, 2);
  const client = clientOf(t, names[0], { ...QUICK, movedGraceMs: 60_000 });
  await client.set('read', 'former');
  await client.set('written', 'former');
  await client.set('gone', 'former');
  await client.setServers([names[1]]);
  assert.equal(await client.get('read'), 'former');
  assert.equal((await client.gets<string>('read'))?.value, 'former');
  assert.deepEqual([...(await client.getMany(['read', 'none']))], [['read', 'former']]);
  assert.deepEqual(await client.getValues(['none', 'read']), [undefined, 'former']);
  assert.equal(await client.get('none'), undefined);
  await client.set('written', 'new');
  await client.delete('gone');
  assert.equal(await client.get('written'), 'new');
  assert.equal(await client.get('gone'), undefined);
  assert.deepEqual([...servers[0].items.keys()], ['read']);
});

test('a former server that fails is a miss with an event', async (t) => {
  const { servers, names } = await fleetOf(t, 2);
  const client = clientOf(t, names[0], { ...QUICK, movedGraceMs: 60_000 });
  await client.set('k', 1);
  await client.setServers([names[1]]);
  const guards: string[] = [];
  client.on('guard', ({ error }) => void guards.push(error.code));
  servers[0].script = (_request, peer) => peer.send('SERVER_ERROR busy\r\n');
  assert.equal(await client.get('k'), undefined);
  assert.deepEqual([...(await client.getMany(['k']))], []);
  assert.deepEqual(guards, ['ERR_MEMCACHE_SERVER', 'ERR_MEMCACHE_SERVER']);
});

test('rediscover without a discovery says that there is none', async (t) => {
  const { client } = await fleetOf(t, 1);
  await rejects(client.rediscover(), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
});

test('the close waits for what is under way on every server', async (t) => {
  const { servers, names, client } = await fleetOf(t, 2);
  await client.connect();
  for (const server of servers) server.script = silence;
  const reads = names.map((name) => client.get(keyOn(client, name)));
  await until(() => servers.every(({ lines }) => lines.length === 1));
  const closing = client.close();
  for (const { users } of servers) for (const user of users) user.send('END\r\n');
  assert.deepEqual(await Promise.all(reads), [undefined, undefined]);
  await closing;
});

test('a client is made of any way to name servers', async (t) => {
  const { names } = await fleetOf(t, 2);
  for (const input of [
    names.join(),
    `memcached://${names.join()}`,
    { servers: names },
    { servers: names.map((name) => ({ host: '127.0.0.1', port: Number(name.split(':')[1]) })) },
  ]) {
    await using client = createClient(input);
    assert.deepEqual(client.servers, names);
  }
});
