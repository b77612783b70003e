// ERROR, CLIENT_ERROR and SERVER_ERROR: who fails, and whether the connection goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ManyError,
  MemcacheClientError,
  MemcacheServerError,
  UnknownCommandError,
} from '../../src/index.ts';
import type { ReadRequest } from '../../src/testing/fake-request.ts';
import { assertInStep, hit, lab, rejects, valueOf } from '../support/fault-lab.ts';
import type { Script } from '../support/scripted-server.ts';

const BAD = 'SERVER_ERROR backend is down\r\n';

/** A proxy of whose backends one is down: a request that holds a key of it is answered by one line. */
const proxy =
  (...bad: readonly string[]): Script =>
  (request: ReadRequest, peer) => {
    if (request.keys.some((key) => bad.includes(key))) peer.send(BAD);
    else peer.send(`${request.keys.map((key) => hit(key)).join('')}END\r\n`);
  };

test('SERVER_ERROR on many keys: halved until only the bad key fails', async (t) => {
  const { server, client } = await lab(t);
  server.script = proxy('k6');
  const keys = Array.from({ length: 16 }, (_, i) => `k${i}`);
  const outcomes = await Promise.allSettled(keys.map((key) => client.get(key)));
  for (const [i, outcome] of outcomes.entries()) {
    if (keys[i] === 'k6') {
      assert.equal(outcome.status, 'rejected');
      assert.ok(outcome.reason instanceof MemcacheServerError);
      assert.deepEqual([outcome.reason.code, outcome.reason.sent], ['ERR_MEMCACHE_SERVER', 'yes']);
    } else assert.deepEqual(outcome, { status: 'fulfilled', value: valueOf(keys[i]) });
  }
  assert.equal(server.users.length, 1, 'SERVER_ERROR keeps the connection');
  // 16, then two halves of 8, 4, 2, 1.
  assert.deepEqual(
    server.requests.map(({ keys: { length } }) => length).toSorted((a, b) => b - a),
    [16, 8, 8, 4, 4, 2, 2, 1, 1],
  );
});

test('SERVER_ERROR on getMany: the others arrive, the bad keys are named', async (t) => {
  const { server, client } = await lab(t);
  server.script = proxy('b', 'd');
  const error = await rejects(client.getMany(['a', 'b', 'c', 'd', 'e']), 'ERR_MEMCACHE_MANY');
  assert.ok(error instanceof ManyError);
  assert.deepEqual([...error.values.keys()], ['a', 'c', 'e']);
  assert.deepEqual([...error.errors.keys()], ['b', 'd']);
});

test('SERVER_ERROR behind some hits: those are kept, only the others are asked again', async (t) => {
  const { server, client } = await lab(t);
  server.next.push((_request, peer) => peer.send(`${hit('a')}${hit('b')}${BAD}`));
  server.script = proxy('d');
  const error = await rejects(client.getMany(['a', 'b', 'c', 'd']), 'ERR_MEMCACHE_MANY');
  assert.ok(error instanceof ManyError);
  assert.deepEqual([...error.values.keys()], ['a', 'b', 'c']);
  assert.deepEqual(server.lines, ['get a b c d', 'get c d', 'get c', 'get d']);
});

test('SERVER_ERROR for every key: each fails once, and the halving ends', async (t) => {
  const { server, client } = await lab(t);
  server.script = (_request, peer) => peer.send(BAD);
  const keys = Array.from({ length: 8 }, (_, i) => `k${i}`);
  const outcomes = await Promise.allSettled(keys.map((key) => client.get(key)));
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  assert.equal(server.requests.length, 15);
});

test('SERVER_ERROR: halves keep their deadline', async (t) => {
  const { server, client } = await lab(t);
  await client.get('warm');
  server.next.push((_request, peer) => peer.send(BAD));
  server.script = () => {};
  const began = performance.now();
  await rejects(client.getMany(['a', 'b'], { timeoutMs: 100 }), 'ERR_MEMCACHE_MANY', 'maybe');
  assert.ok(performance.now() - began < 400);
});

test('SERVER_ERROR on callers that share a key: all of them get the second answer', async (t) => {
  const { server, client } = await lab(t);
  server.next.push((_request, peer) => peer.send(BAD));
  server.script = proxy('b');
  const [one, other, bad] = await Promise.allSettled([
    client.get('a'),
    client.get('a'),
    client.get('b'),
  ]);
  assert.deepEqual(
    [one, other].map((outcome) => outcome.status),
    ['fulfilled', 'fulfilled'],
  );
  assert.equal(bad.status, 'rejected');
});

test('SERVER_ERROR on a store is an answer: the connection and its order stay', async (t) => {
  const { server, client } = await lab(t);
  server.next.push((_request, peer) => peer.send('SERVER_ERROR out of memory storing object\r\n'));
  const [failed, stored, read] = await Promise.allSettled([
    client.set('a', 1),
    client.set('b', 2),
    client.get('b'),
  ]);
  assert.equal(failed.status, 'rejected');
  assert.ok(failed.reason instanceof MemcacheServerError);
  assert.deepEqual([failed.reason.code, failed.reason.sent], ['ERR_MEMCACHE_SERVER', 'yes']);
  assert.deepEqual(
    [stored, read].map((outcome) => outcome.status),
    ['fulfilled', 'fulfilled'],
  );
  assert.equal(server.requests.length, 3, 'not sent twice');
  assert.equal(server.users.length, 1);
});

test('too large in the words of the server: ERR_MEMCACHE_TOO_LARGE, the connection stays', async (t) => {
  const { server, client } = await lab(t);
  server.next.push((_request, peer) => peer.send('SERVER_ERROR object too large for cache\r\n'));
  await rejects(client.set('a', 1), 'ERR_MEMCACHE_TOO_LARGE', 'yes');
  await assertInStep(client);
  assert.equal(server.users.length, 1);
});

test('incr of what is no number: an error, and the connection stays', async (t) => {
  const { server, client } = await lab(t);
  await client.set('a', 'text');
  for (const counting of [client.incr('a'), client.decr('a', 1n)]) {
    const error = await rejects(counting, 'ERR_MEMCACHE_CLIENT', 'yes');
    assert.ok(error instanceof MemcacheClientError);
  }
  await assertInStep(client);
  assert.equal(server.users.length, 1);
});

for (const [line, code, Class] of [
  ['CLIENT_ERROR bad data chunk', 'ERR_MEMCACHE_CLIENT', MemcacheClientError],
  ['CLIENT_ERROR bad command line format', 'ERR_MEMCACHE_CLIENT', MemcacheClientError],
  ['CLIENT_ERROR', 'ERR_MEMCACHE_CLIENT', MemcacheClientError],
  ['ERROR', 'ERR_MEMCACHE_UNKNOWN_COMMAND', UnknownCommandError],
] as const) {
  test(`${line} on a store costs the connection: a second answer may follow`, async (t) => {
    const { server, client } = await lab(t);
    server.next.push((_request, peer) => peer.send(`${line}\r\nERROR\r\n`));
    const error = await rejects(client.set('a', 1), code, 'yes');
    assert.ok(error instanceof Class);
    await assertInStep(client);
    assert.equal(server.users.length, 2);
    assert.equal(server.lines.filter((sent) => sent.startsWith('set a ')).length, 1);
  });

  test(`${line} on a get: an error, and those behind it get their own values`, async (t) => {
    const { server, client } = await lab(t, { volleyKeys: 1 });
    await client.set('b', 'the value of b');
    server.next.push((_request, peer) => peer.send(`${line}\r\n`));
    const [a, b] = await Promise.allSettled([client.get('a'), client.get('b')]);
    assert.equal(a.status, 'rejected');
    assert.equal(a.reason.code, code);
    assert.deepEqual(b, { status: 'fulfilled', value: 'the value of b' });
    assert.equal(server.users.length, 2);
  });
}

test('an error line in pieces is the same error', async (t) => {
  const { server, client } = await lab(t);
  for (let at = 1; at < BAD.length; at++) {
    server.next.push((_request, peer) => void peer.sendApart(BAD.slice(0, at), BAD.slice(at)));
    await rejects(client.set('a', 1), 'ERR_MEMCACHE_SERVER', 'yes');
  }
  assert.equal(server.users.length, 1);
});
