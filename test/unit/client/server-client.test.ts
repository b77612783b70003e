import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClient } from '../../../src/index.ts';
import { rejection, rejects } from '../../support/fault-lab.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';

test('it is a client of one server with every verb', async (t) => {
  const peer = await ScriptedServer.start();
  t.after(() => peer.stop());
  await using client = new ServerClient(peer.address);
  assert.equal(client.server, peer.address);
  await client.set('k', 'v');
  assert.equal(await client.get('k'), 'v');
  assert.deepEqual([...(await client.version())], [[peer.address, '1.6.18']]);
});

test('it takes no other number of servers, and none that may change', () => {
  for (const options of [
    'a,b',
    { servers: ['a', 'b'] },
    { discovery: async () => ['a'] },
    { discovery: 'dns://a:11211' },
  ]) {
    assert.throws(() => new ServerClient(options), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_OPTION',
      message: /option 'servers'/,
    });
  }
  assert.throws(() => new ServerClient({}), { message: /'servers' must be given/ });
});

test('however often its server fails, it is asked', async (t) => {
  const peer = await ScriptedServer.start();
  t.after(() => peer.stop());
  await using client = new ServerClient({
    servers: peer.address,
    health: { retryAttempts: 0, probeMs: 60_000, deadTimeoutMs: 60_000 },
    reconnect: { minMs: 1, maxMs: 1 },
    failover: 'error',
    timeoutMs: 5000,
  });
  await client.set('k', 'v');
  await peer.away();
  await rejection(client.set('k', 'w'));
  await peer.listen();
  let value: unknown;
  while (value === undefined) value = await client.get('k', { onError: 'miss' });
  assert.equal(value, 'v');
});

test('one that is closed takes no more', async () => {
  const client = new ServerClient('127.0.0.1:1');
  await client.close();
  const error = await rejects(client.get('k'), 'ERR_MEMCACHE_CLOSED', 'no');
  assert.equal(error.server, '127.0.0.1:1');
});
