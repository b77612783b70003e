import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GET } from '../../../src/server/read-form.ts';
import { until } from '../../support/fault-lab.ts';
import { silence } from '../../support/scripted-server.ts';
import { ReadWaiter } from '../../support/waiters.ts';
import { outcome, serverFor, told } from './servers.ts';

const FULL = {
  whenFull: 'wait',
  maxQueued: { operations: 1, bytes: 1000 },
  connectTimeoutMs: 10_000,
} as const;

test('a server that was handed over and is back makes callers wait as it did before', async (t) => {
  const { server, get } = await serverFor(t, FULL);
  server.handOver();
  const [first, second] = [get('a'), get('b')];
  await until(() => first.told.length + second.told.length === 2);
  assert.deepEqual([told(first), told(second)], [['miss'], ['miss']]);
});

test('a server that closes waits for nobody whose deadline has come', async (t) => {
  const { peer, server, set } = await serverFor(t, { ...FULL, stallTimeoutMs: 60_000 });
  assert.equal(await outcome(set('a', '1')), 'stored');
  peer.script = silence;
  const sent = set('a', '2');
  await until(() => peer.requests.length === 2);
  const late = new ReadWaiter(performance.now() + 50);
  server.read(GET, 'a', late, 0);
  const closing = server.close(60_000);
  await until(() => late.told.length === 1);
  peer.users[0].send('STORED\r\n');
  assert.equal(await outcome(sent), 'stored');
  assert.equal(await Promise.race([closing.then(() => 'closed'), sleep(10_000)]), 'closed');
});

test('a server that has time to close and is then closed at once is closed for both', async (t) => {
  const { peer, server, get, set } = await serverFor(t, { ...FULL, stallTimeoutMs: 60_000 });
  assert.equal(await outcome(set('a', '1')), 'stored');
  peer.script = silence;
  void set('a', '2');
  await until(() => peer.requests.length === 2);
  const waiting = get('a');
  const closing = [server.close(60_000), server.close(0)];
  const closed = Promise.all(closing).then(() => 'closed');
  assert.equal(await Promise.race([closed, sleep(10_000)]), 'closed');
  assert.deepEqual(told(waiting), ['ERR_MEMCACHE_CLOSED']);
});
