// What one connection may owe: beyond that requests stay queued, where they can still be given up or move.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertInStep, lab, rejects, until } from '../support/fault-lab.ts';
import { answer, silence } from '../support/scripted-server.ts';

test('no more is written than may be in flight; every answer lets the next one go, in order', async (t) => {
  const { server, client } = await lab(t, { maxInFlight: { operations: 3 } });
  await client.set('warm', 1);
  server.script = silence;
  const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
  const calls = keys.map((key) => client.set(key, 'x'));
  await until(() => server.requests.length === 4);
  await sleep(30);
  assert.equal(server.requests.length, 4, 'the one before, and three');
  for (let answered = 1; answered <= 10; answered++) {
    server.users[0].send('STORED\r\n');
    const due = Math.min(11, 4 + answered);
    await until(() => server.requests.length === due);
  }
  assert.deepEqual(
    await Promise.all(calls),
    keys.map(() => true),
  );
  assert.deepEqual(
    server.lines.slice(1).map((line) => line.split(' ')[1]),
    keys,
  );
  server.script = answer;
  await assertInStep(client);
});

test('bytes in flight are bounded, and a value larger than that goes alone', async (t) => {
  const { server, client } = await lab(t, {
    maxInFlight: { bytes: 1000 },
    compressor: 'none',
    flush: 'tick',
  });
  await client.set('warm', 1);
  server.script = silence;
  const calls = [
    client.set('a', Buffer.alloc(600)),
    client.set('b', Buffer.alloc(5000)),
    client.set('c', Buffer.alloc(100)),
  ];
  for (const due of [2, 3, 4]) {
    await until(() => server.requests.length === due);
    await sleep(20);
    assert.equal(server.requests.length, due);
    server.users[0].send('STORED\r\n');
  }
  assert.deepEqual(await Promise.all(calls), [true, true, true]);
});

test('when the connection is lost, what was in flight may have been done, and the rest moves', async (t) => {
  const { server, client } = await lab(t, { maxInFlight: { operations: 2 } });
  await client.set('warm', 1);
  server.script = silence;
  const written = [client.set('a', 1), client.set('b', 1)];
  const queued = [client.set('c', 1), client.delete('d'), client.get('e')];
  await until(() => server.requests.length === 3);
  server.script = answer;
  void server.users[0].reset();
  for (const call of written) await rejects(call, 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
  assert.deepEqual(await Promise.all(queued), [true, false, undefined]);
  await assertInStep(client);
});

test('what is given up while it is queued is never sent', async (t) => {
  const { server, client } = await lab(t, { maxInFlight: { operations: 1 } });
  await client.set('warm', 1);
  server.next.push(silence);
  const written = client.set('a', 1);
  await rejects(client.set('b', 1, { timeoutMs: 40 }), 'ERR_MEMCACHE_TIMEOUT', 'no');
  server.users[0].send('STORED\r\n');
  assert.equal(await written, true);
  await assertInStep(client);
  assert.doesNotMatch(server.record, /set b/);
});
