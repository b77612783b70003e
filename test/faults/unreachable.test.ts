// Servers that are not there, or do not let anybody in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertInStep, clientOf, lab, rejects, until } from '../support/fault-lab.ts';
import { sayVersion, ScriptedServer } from '../support/scripted-server.ts';

const PAUSE = { minMs: 400, maxMs: 400 };

test('away at the start: a failed dial, refusals at once during the pause, and recovery', async (t) => {
  const { server, client } = await lab(t, { reconnect: PAUSE });
  await server.away();
  const first = await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.equal(first.server, server.address);
  assert.equal(first.retryable, true);
  assert.match(first.message, /ECONNREFUSED/);
  const began = performance.now();
  for (const call of [client.get('a'), client.set('a', 1), client.incr('a'), client.version()]) {
    const error = await rejects(call, 'ERR_MEMCACHE_UNAVAILABLE', 'no');
    assert.equal(error.server, server.address);
  }
  await rejects(client.getMany(['a', 'b']), 'ERR_MEMCACHE_MANY', 'no');
  assert.ok(performance.now() - began < 150, 'at once');
  await server.listen();
  await rejects(client.get('a'), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
  await sleep(PAUSE.minMs + 20);
  await assertInStep(client);
});

test('a loop over calls that fail at once lets timers and sockets in', async (t) => {
  const { server, client } = await lab(t, { reconnect: { minMs: 5000, maxMs: 5000 } });
  await server.away();
  await rejects(client.set('a', 1), 'ERR_MEMCACHE_CONNECT', 'no');
  let beats = 0;
  const beat = setInterval(() => beats++, 5);
  t.after(() => clearInterval(beat));
  const began = performance.now();
  while (performance.now() - began < 300)
    await rejects(client.set('a', 1), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
  assert.ok(beats >= 5, `${beats} beats`);
});

test('everything that waits for the first dial is told of its failure', async (t) => {
  const { server, client } = await lab(t);
  await server.away();
  const calls = [
    client.get('a'),
    client.set('b', 1),
    client.delete('c'),
    client.version(),
    client.connect(),
  ];
  await Promise.all(calls.map((call) => rejects(call, 'ERR_MEMCACHE_CONNECT', 'no')));
});

test('away in the middle: reads are not stuck, and come back with the server', async (t) => {
  const { server, client } = await lab(t, { reconnect: { minMs: 20, maxMs: 50 } });
  await client.set('a', 'x');
  await server.away();
  const codes = new Set<string>();
  for (let i = 0; i < 20; i++) {
    await client.get('a').catch((error: { code: string }) => codes.add(error.code));
    await sleep(5);
  }
  for (const code of codes)
    assert.match(code, /^ERR_MEMCACHE_(CONNECT|UNAVAILABLE|CONNECTION_LOST)$/);
  await server.listen();
  let value: unknown;
  for (let i = 0; i < 100 && value === undefined; i++) {
    await sleep(10);
    value = await client.get('a').catch(() => undefined);
  }
  assert.equal(value, 'x');
});

test('pauses grow: a dead server is not stormed', async (t) => {
  const { server, client } = await lab(t, { reconnect: { minMs: 50, maxMs: 10_000 } });
  let dials = 0;
  server.greet = (peer) => {
    dials++;
    peer.socket.resetAndDestroy();
  };
  const end = performance.now() + 1000;
  while (performance.now() < end) {
    await client.get('a').catch(() => {});
    await sleep(2);
  }
  // 25 to 50 ms, then twice as long each time.
  assert.ok(dials >= 2 && dials <= 8, `${dials} dials`);
});

test('a server that accepts, serves one answer and dies, again and again, is not stormed', async (t) => {
  const { server, client } = await lab(t, { reconnect: { minMs: 50, maxMs: 10_000 } });
  server.script = (_request, peer) => void peer.reset();
  const end = performance.now() + 1000;
  while (performance.now() < end) {
    await client.get('a').catch(() => {});
    await sleep(2);
  }
  assert.ok(server.peers.length <= 24, `${server.peers.length} connections`);
});

test('over the connection limit, in words: ERR_MEMCACHE_CONNECT with the reason', async (t) => {
  const { server, client } = await lab(t, { reconnect: PAUSE });
  server.greet = (peer) => peer.end('ERROR Too many open connections\r\n');
  server.probed = () => {};
  const began = performance.now();
  const error = await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.ok(performance.now() - began < 500, 'at once');
  assert.match(String((error.cause as Error | undefined)?.message), /Too many open connections/);
  assert.equal(server.record, '');
});

test('over the connection limit, once negotiated', async (t) => {
  const { server, client } = await lab(t, { reconnect: PAUSE });
  await client.get('warm');
  server.greet = (peer) => peer.end('ERROR Too many open connections\r\n');
  server.probed = () => {};
  server.users[0].end();
  await until(() => server.users[0].closed);
  await sleep(5);
  await rejects(client.set('a', 1), 'ERR_MEMCACHE_CONNECT', 'no');
});

test('accepted and then silence: ERR_MEMCACHE_CONNECT within connectTimeoutMs', async (t) => {
  const { server, client } = await lab(t, { connectTimeoutMs: 150 });
  server.probed = () => {};
  const began = performance.now();
  const calls = [client.get('a'), client.set('b', 1), client.connect()];
  await Promise.all(calls.map((call) => rejects(call, 'ERR_MEMCACHE_CONNECT', 'no')));
  const took = performance.now() - began;
  assert.ok(took > 140 && took < 400, `${took} ms`);
  assert.equal(server.record, '');
  await until(() => server.peers.every(({ closed }) => closed));
});

test('silence at the first dial, well at the second', async (t) => {
  const { server, client } = await lab(t, {
    connectTimeoutMs: 100,
    reconnect: { minMs: 1, maxMs: 1 },
  });
  server.probed = () => {};
  await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECT', 'no');
  server.probed = sayVersion;
  await sleep(10);
  await assertInStep(client);
});

test('a call whose deadline ends before the dial does is a timeout, and nothing was sent', async (t) => {
  const { server, client } = await lab(t, { connectTimeoutMs: 1000, timeoutMs: 80 });
  server.probed = () => {};
  await rejects(client.get('a'), 'ERR_MEMCACHE_TIMEOUT', 'no');
  await rejects(client.set('a', 1), 'ERR_MEMCACHE_TIMEOUT', 'no');
  assert.equal(server.record, '');
});

test('a proxy that closes the connection over a question it does not know is served the classic way', async (t) => {
  const { server, client } = await lab(t);
  server.refusesToNegotiate = true;
  await assertInStep(client);
  assert.equal(server.users.length, 1);
});

test('a name that does not resolve', async (t) => {
  const client = clientOf(t, 'no-such-host.invalid:11211', { connectTimeoutMs: 5000 });
  const error = await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.match(error.message, /ENOTFOUND|EAI_AGAIN/);
});

test('a socket file that is not there', async (t) => {
  const client = clientOf(t, 'unix:/nonexistent/memcached.sock');
  const error = await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.match(error.message, /ENOENT/);
});

test('clients of the same dead server know nothing of each other', async (t) => {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  const [one, other] = [clientOf(t, server.address), clientOf(t, server.address)];
  await server.away();
  await rejects(one.get('a'), 'ERR_MEMCACHE_CONNECT');
  await server.listen();
  await assertInStep(other);
});
