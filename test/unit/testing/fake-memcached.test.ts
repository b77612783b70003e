import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type FakeMemcached,
  type FakeMemcachedOptions,
  startFakeMemcached,
  startMemcached,
} from '../../../src/testing/index.ts';
import { sayTo } from '../../support/conversation-record.ts';
import { clientOf, rejects, until } from '../../support/fault-lab.ts';

async function fake(t: TestContext, options: FakeMemcachedOptions = {}): Promise<FakeMemcached> {
  const server = await startFakeMemcached(options);
  t.after(() => server.stop());
  return server;
}

test('items end when the clock of the server says so', async (t) => {
  const server = await fake(t);
  const cache = clientOf(t, server.address);
  await cache.set('a', 1, { ttl: 60 });
  await cache.set('b', 2);
  server.clock.advance(59);
  assert.equal(await cache.get('a'), 1);
  assert.equal(server.size, 2);
  server.clock.advance(2);
  assert.equal(await cache.get('a'), undefined);
  assert.equal(await cache.get('b'), 2);
  assert.equal(server.size, 1);
});

test('a flush with a delay comes when its time has come', async (t) => {
  const server = await fake(t);
  await sayTo(server.address, 'set a 0 0 1\r\nx\r\nflush_all 30\r\n');
  assert.equal(server.size, 1);
  server.clock.advance(30);
  assert.equal(server.size, 0);
});

test('requests are noted as they came', async (t) => {
  const server = await fake(t);
  await sayTo(server.address, 'set a 5 0 3\r\na b\r\ngat 9 a b\r\n');
  await sayTo(server.address, 'mg YQ== b k\r\n');
  const [set, gat, quit, mg] = server.requests;
  assert.deepEqual(
    [set.connection, set.verb, set.line, set.keys, set.data.toString()],
    [0, 'set', 'set a 5 0 3', ['a'], 'a b'],
  );
  assert.deepEqual(gat.keys, ['a', 'b']);
  assert.equal(quit.verb, 'quit');
  assert.deepEqual([mg.connection, mg.keys], [1, ['YQ==']]);
});

test('a hook answers in place of the server, says nothing, or leaves it to others', async (t) => {
  const server = await fake(t);
  const remove = server.intercept(({ verb }) =>
    verb === 'get' ? 'SERVER_ERROR no\r\n' : undefined,
  );
  server.intercept(({ keys }) => (keys[0] === 'never' ? null : undefined));
  const heard = await sayTo(server.address, 'set a 0 0 1\r\nx\r\nget a\r\nget never\r\n');
  assert.equal(heard, 'STORED\r\nSERVER_ERROR no\r\n');
  remove();
  assert.equal(await sayTo(server.address, 'get a\r\n'), 'VALUE a 0 1\r\nx\r\nEND\r\n');
});

test('a hook may look at the usual answer, and answer later: the order stays', async (t) => {
  const server = await fake(t);
  server.intercept(async ({ keys }, peer) => {
    if (keys[0] !== 'slow') return undefined;
    await sleep(20);
    return peer.usual();
  });
  server.intercept(({ verb }, peer) =>
    verb === 'version' ? Buffer.concat([peer.usual(), Buffer.from('!\r\n')]) : undefined,
  );
  const heard = await sayTo(
    server.address,
    'set slow 0 0 1\r\nx\r\nget slow\r\nversion\r\nget a\r\n',
  );
  assert.equal(heard, 'STORED\r\nVALUE slow 0 1\r\nx\r\nEND\r\nVERSION 1.6.18\r\n!\r\nEND\r\n');
});

test('a hook may end the connection, by FIN and by RST', async (t) => {
  const server = await fake(t);
  server.intercept(({ verb }, peer) => {
    if (verb === 'get') {
      peer.write('VALUE a 0 100\r\nxx');
      peer.end();
    } else if (verb === 'delete') peer.reset();
    else return undefined;
    return null;
  });
  assert.equal(
    await sayTo(server.address, 'version\r\nget a\r\n'),
    'VERSION 1.6.18\r\nVALUE a 0 100\r\nxx',
  );
  await assert.rejects(sayTo(server.address, 'delete a\r\n'), { code: 'ECONNRESET' });
  const cache = clientOf(t, server.address, { retry: { attempts: 1 } });
  await rejects(cache.get('a'), 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
});

test('paused, it answers nobody until it goes on', async (t) => {
  const server = await fake(t);
  const cache = clientOf(t, server.address);
  await cache.set('a', 1);
  server.pause();
  await rejects(cache.get('a', { timeoutMs: 50 }), 'ERR_MEMCACHE_TIMEOUT');
  const late = sayTo(server.address, 'version\r\n');
  await sleep(30);
  server.resume();
  assert.equal(await late, 'VERSION 1.6.18\r\n');
  assert.equal(await cache.get('a'), 1);
});

test('stopped, nobody can connect; started anew, it is empty and at the same address', async (t) => {
  const server = await fake(t);
  const { address } = server;
  await sayTo(address, 'set a 0 0 1\r\nx\r\n');
  await server.stop();
  await assert.rejects(sayTo(address, ''), { code: 'ECONNREFUSED' });
  await server.restart();
  assert.equal(server.address, address);
  assert.equal(await sayTo(address, 'get a\r\n'), 'END\r\n');
  await sayTo(address, 'set a 0 0 1\r\nx\r\n');
  server.flush();
  assert.equal(server.size, 0);
});

test('cut resets everybody', async (t) => {
  const server = await fake(t);
  const cache = clientOf(t, server.address);
  await cache.set('a', 1);
  const before = server.requests.at(-1)?.connection ?? 0;
  server.cut();
  await until(() => server.connections === 0);
  assert.equal(await cache.get('a'), 1);
  assert.ok((server.requests.at(-1)?.connection ?? 0) > before);
});

test('the classic dialect knows no meta command, and the client gets along with it', async (t) => {
  const server = await fake(t, { dialect: 'classic', version: '1.4.31' });
  assert.equal(await sayTo(server.address, 'mn\r\nmg a v\r\n'), 'ERROR\r\nERROR\r\n');
  assert.equal(await sayTo(server.address, 'version\r\n'), 'VERSION 1.4.31\r\n');
  const cache = clientOf(t, server.address);
  await cache.set('a', { b: 1 });
  assert.deepEqual(await cache.get('a'), { b: 1 });
  await rejects(cache.inspect('a'), 'ERR_MEMCACHE_UNSUPPORTED');
});

test('with users it answers as memcached with a file of passwords does', async (t) => {
  const users = { ada: 'secret' };
  const server = await fake(t, { users });
  const lines = [
    'version\r\n',
    'set x 0 0 3\r\nada\r\n',
    'set x 0 0 9\r\nada wrong\r\n',
    'set x 0 0 10\r\nada secret\r\n',
    'version\r\n',
    'set x 0 0 1\r\ny\r\n',
  ];
  const heard = await sayTo(server.address, lines.join(''));
  assert.deepEqual(heard.split('\r\n'), [
    'CLIENT_ERROR unauthenticated',
    'CLIENT_ERROR bad authentication token format',
    'CLIENT_ERROR authentication failure',
    'STORED',
    'VERSION 1.6.18',
    'STORED',
    '',
  ]);
});

test('a line without an end ends the connection, a long list of keys does not', async (t) => {
  const server = await fake(t);
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('x'.repeat(3000));
  await once(socket.resume(), 'close');
  const keys = Array.from({ length: 1000 }, (_, i) => `key:${i}`).join(' ');
  assert.equal(await sayTo(server.address, `get ${keys}\r\n`), 'END\r\n');
});

test('requests in pieces are the same requests', async (t) => {
  const server = await fake(t);
  const cache = clientOf(t, server.address);
  const large = 'x'.repeat(300_000);
  await cache.set('large', large);
  assert.equal(await cache.get('large'), large);
});

test('stats and the list of keys are those of the items', async (t) => {
  const server = await fake(t);
  const cache = clientOf(t, server.address);
  await cache.set('a b', 1, { ttl: 100 }).catch(() => undefined);
  await cache.set('ü', 1, { ttl: 100 });
  await cache.get('missing');
  const [general] = (await cache.stats()).values();
  assert.equal(general.get('curr_items'), 1);
  assert.equal(general.get('get_misses'), 1);
  const listed = [];
  for await (const { key } of cache.keys()) listed.push(key);
  assert.deepEqual(listed, ['ü']);
});

test('its memory classes are those of the real one', async (t) => {
  const server = await fake(t);
  const real = await startMemcached();
  t.after(() => real.stop());
  const lengths = [0, 1, 30, 40, 61, 100, 500, 1000, 5000, 20_000, 100_000, 260_000, 400_000];
  const stores = lengths.map((n) => `set k${n} 0 0 ${n}\r\n${'x'.repeat(n)}\r\n`);
  const looks = lengths.map((n) => `me k${n}\r\n`);
  const script = [...stores, ...looks].join('');
  const sizes = async (address: string): Promise<string[]> =>
    (await sayTo(address, script)).match(/cls=\d+ size=\d+/g) ?? [];
  const known = await sizes(real.address);
  assert.equal(known.length, lengths.length);
  assert.deepEqual(await sizes(server.address), known);
});

test('a fake server keeps no process alive', () => {
  const kit = new URL('../../../src/testing/index.js', import.meta.url).href;
  const program = `
    import { startFakeMemcached } from '${kit}';
    const { connect } = await import('node:net');
    const server = await startFakeMemcached();
    connect(server.port, '127.0.0.1').on('connect', function () { this.unref(); });
  `;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    timeout: 20_000,
  });
  assert.equal(status, 0);
});
