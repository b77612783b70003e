import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEALTH_DEFAULTS } from '../../../src/server/health.ts';
import { until } from '../../support/fault-lab.ts';
import { silence } from '../../support/scripted-server.ts';
import { AnswerWaiter, ReadWaiter } from '../../support/waiters.ts';
import { GET } from '../../../src/server/read-form.ts';
import { serverFor, told } from './servers.ts';

/** Out with its first failure, and asked again soon. */
const QUICK = { ...HEALTH_DEFAULTS, retryAttempts: 0, probeMs: 20, deadTimeoutMs: 50 };

test('a server whose connection is refused is out, asked again, and back with its first answer', async (t) => {
  const { peer, server, health, connections, get } = await serverFor(t, {
    health: QUICK,
    reconnect: { minMs: 60_000, maxMs: 60_000 },
  });
  await peer.away();
  const first = get('a');
  await until(() => first.told.length === 1);
  assert.deepEqual([health, connections], [['down'], ['backoff']]);
  assert.equal(server.health.lastError?.code, 'ERR_MEMCACHE_CONNECT');
  await until(() => health.length >= 3);
  assert.deepEqual(health.slice(0, 3), ['down', 'probing', 'down']);
  await peer.listen();
  await until(() => server.health.state === 'up');
  const again = get('a');
  await until(() => again.told.length === 1);
  assert.deepEqual(told(again), ['miss'], 'it is not refused for the pause of the connection');
});

test('the question whether it is there makes room for nobody, however long a dial takes', async (t) => {
  const { peer, server, shed } = await serverFor(t, {
    maxQueueMs: 20,
    maxQueued: { operations: 1, bytes: 1000 },
    whenFull: 'shed-oldest',
    connectTimeoutMs: 10_000,
  });
  peer.probed = (user) => void setTimeout(() => user.send('VERSION 1.6.18\r\n'), 100);
  const proved = server.prove();
  const late = new ReadWaiter();
  server.read(GET, 'a', late, 0);
  assert.deepEqual(told(late), ['ERR_MEMCACHE_OVERLOADED']);
  assert.equal(await proved, true);
  assert.equal(shed.length, 1);
});

test('a lost connection, however many calls it fails, is one failure', async (t) => {
  const { peer, server, health, get } = await serverFor(t);
  peer.next.push((_request, user) => void user.reset());
  const waiters = Array.from({ length: 50 }, (_, i) => get(`k${i}`));
  await until(() => waiters.every((waiter) => waiter.told.length === 1));
  assert.equal(server.health.state, 'suspect');
  assert.deepEqual(health, ['suspect']);
  const read = get('a');
  await until(() => read.told.length === 1);
  await until(() => server.health.state === 'up');
});

test('an idle connection that ends in good order is no failure', async (t) => {
  const { peer, health, connections, get } = await serverFor(t);
  const read = get('a');
  await until(() => read.told.length === 1);
  peer.users[0].end();
  await until(() => connections.includes('idle'));
  assert.deepEqual(health, []);
});

test('calls that are not answered in time take it out, one after the other', async (t) => {
  const { peer, server, health, get } = await serverFor(t);
  const first = get('first');
  await until(() => first.told.length === 1);
  peer.script = silence;
  for (let i = 0; i < 3; i++) {
    const late = new ReadWaiter(performance.now() + 60);
    server.read(GET, 'late', late, 0);
    await until(() => late.told.length === 1);
    await sleep(60);
  }
  assert.deepEqual(health.slice(0, 2), ['suspect', 'down']);
});

test('the probe passes every refusal and is no call of a user', async (t) => {
  const { peer, server, metrics, shed } = await serverFor(t, {
    maxQueued: { operations: 1, bytes: 1 },
  });
  peer.script = silence;
  const waiter = new ReadWaiter();
  server.read(GET, 'a', waiter, 0);
  await until(() => peer.lines.length === 1);
  peer.users[0].send('END\r\n');
  assert.equal(await server.prove(), true);
  assert.deepEqual([shed, metrics.otherCommands], [[], 0]);
});

test('a server that proves itself is up; one that does not is out until it does', async (t) => {
  const { peer, server, health } = await serverFor(t, { health: QUICK });
  assert.equal(await server.prove(), true);
  assert.deepEqual(health, []);
  await peer.away();
  assert.equal(await server.prove(), false);
  assert.equal(server.health.out, true);
  await peer.listen();
  await until(() => server.health.state === 'up');
});

test('a server that says nothing has not proved itself', async (t) => {
  const { peer, server } = await serverFor(t, { connectTimeoutMs: 50, health: QUICK });
  peer.probed = () => {};
  assert.equal(await server.prove(), false);
  assert.equal(server.health.out, true);
});

test('flushOnReturn: it is emptied before it gets its keys back, and not when it is new', async (t) => {
  const { peer, server, health, get } = await serverFor(t, {
    health: { ...QUICK, flushOnReturn: true },
  });
  assert.equal(await server.prove(), true);
  assert.deepEqual(peer.lines, []);
  peer.items.set('old', { flags: '0', data: Buffer.from('x'), cas: 1 });
  peer.next.push((_request, user) => void user.reset());
  const lost = get('a');
  await until(() => lost.told.length === 1);
  const lines: string[] = [];
  peer.script = ({ line }, user) => {
    lines.push(`${line} ${server.health.state}`);
    user.send(line === 'flush_all' ? 'OK\r\n' : 'END\r\n');
  };
  await until(() => server.health.state === 'up');
  assert.deepEqual(lines, ['flush_all probing']);
  assert.equal(health.at(-1), 'up');
});

test('flushOnReturn: a server that cannot be emptied stays out', async (t) => {
  const { peer, server, health, get } = await serverFor(t, {
    health: { ...QUICK, flushOnReturn: true },
  });
  peer.script = (_request, user) => user.send('SERVER_ERROR no\r\n');
  peer.next.push((_request, user) => void user.reset());
  const lost = get('a');
  await until(() => lost.told.length === 1);
  await until(() => health.filter((state) => state === 'down').length >= 2);
  assert.equal(server.health.out, true);
  assert.equal(server.health.lastError?.code, 'ERR_MEMCACHE_SERVER');
});

test('a spare server keeps nothing longer than its ttl', async (t) => {
  const { peer, server, set } = await serverFor(t, {}, 10);
  await set('a', '1').done;
  const touched = [0, 5, 300].map((ttl) => {
    const waiter = new AnswerWaiter<boolean>();
    server.touch('a', ttl, { sink: waiter, tag: 0 });
    return waiter.done;
  });
  await Promise.all(touched);
  assert.deepEqual(peer.lines, ['set a 0 10 1', 'touch a 10', 'touch a 5', 'touch a 10']);
});

test('a forgotten key is removed, and nobody hears what became of it', async (t) => {
  const { peer, server } = await serverFor(t);
  peer.items.set('k', { flags: '0', data: Buffer.from('x'), cas: 1 });
  server.forget('k', 1000);
  await until(() => peer.lines.includes('delete k'));
  await until(() => !peer.items.has('k'));
  await peer.away();
  server.forget('k', 1000);
  await server.close(100);
  server.forget('k', 1000);
});

test('closed it is asked no more whether it is back', async (t) => {
  const { peer, server, health, get } = await serverFor(t, { health: QUICK });
  await peer.away();
  const lost = get('a');
  await until(() => lost.told.length === 1);
  await server.close(0);
  const count = health.length;
  await sleep(100);
  assert.equal(health.length, count);
  assert.equal(await server.prove(), false);
});
