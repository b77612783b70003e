// A server that asks for a login as MemCachier does, before memcached answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { loadConfig } from '../../src/index.ts';
import { clientOf, rejects } from '../support/fault-lab.ts';
import { backend } from './backend.ts';

const LOGIN = 'set ada 0 1 13\r\nlovelace-1815\r\n';

const open = backend();

/** Lets in who begins with this login; the rest is memcached's. */
async function doorFor(t: TestContext, login: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let said = '';
    socket.on('error', () => {});
    socket.on('data', function hear(bytes) {
      said += bytes.toString('latin1');
      if (said.length < login.length && login.startsWith(said)) return;
      socket.off('data', hear);
      if (said !== login) {
        socket.end('CLIENT_ERROR authentication failed\r\n');
        return;
      }
      const behind = connect(open.server.port, '127.0.0.1');
      sockets.add(behind);
      behind.on('error', () => {});
      socket.write('STORED\r\n');
      socket.pipe(behind).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the variables of MemCachier are all it takes', async (t) => {
  const env = {
    MEMCACHIER_SERVERS: await doorFor(t, LOGIN),
    MEMCACHIER_USERNAME: 'ada',
    MEMCACHIER_PASSWORD: 'lovelace-1815',
  };
  const cache = clientOf(t, env.MEMCACHIER_SERVERS, await loadConfig({ env }));
  await cache.set('k', { n: 1 });
  assert.deepEqual(await cache.get('k'), { n: 1 });
  assert.deepEqual(await cache.getMany(['k', 'none']), new Map([['k', { n: 1 }]]));
});

test('another user, another password and another scheme are not let in', async (t) => {
  const servers = await doorFor(t, LOGIN);
  const ada = { username: 'ada', password: 'lovelace-1815', scheme: 'memcachier' } as const;
  for (const auth of [
    { ...ada, username: 'bob' },
    { ...ada, password: 'x' },
    { ...ada, scheme: 'memcached' as const },
  ]) {
    const cache = clientOf(t, servers, { auth });
    await rejects(cache.get('k'), 'ERR_MEMCACHE_AUTH', 'no');
  }
});

test('a server that asks nobody keeps the password for a second at most', async (t) => {
  const ada = { username: 'ada', password: 'lovelace-1815', scheme: 'memcachier' } as const;
  const cache = clientOf(t, open.address, { auth: ada });
  await cache.set('k', 1);
  const plain = clientOf(t, open.address, { codec: 'string' });
  const facts = await plain.inspect('ada');
  assert.ok(facts === undefined || (facts.ttl ?? Infinity) <= 1, JSON.stringify(facts));
});
