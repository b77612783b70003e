// Deadlines: kept when the server is silent, and never missed on account of an event loop that could not look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { assertInStep, block, clientOf, lab, rejects } from '../support/fault-lab.ts';
import { silence } from '../support/scripted-server.ts';
import { socketPair } from '../support/socket-pair.ts';
import { startSlowServer } from '../support/slow-server-thread.ts';

const DELAY_MS = 80;
const TIMEOUT_MS = 200;
const BLOCKED_MS = 350;
/** A loaded machine wakes up late; what is wrong is later still. */
const TOLERANCE_MS = 250;

test('answers that arrived while the loop was blocked are in time', async (t) => {
  const server = await startSlowServer(DELAY_MS);
  t.after(() => server.stop());
  const client = clientOf(t, server.address, { timeoutMs: TIMEOUT_MS });
  await client.get('warm');
  const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
  const reads = keys.map((key) => client.get(key));
  const store = client.set('s', 1);
  await turn();
  await turn();
  block(BLOCKED_MS);
  assert.deepEqual(await Promise.all(reads), keys);
  assert.equal(await store, true);
  assert.equal(client.metrics().timeouts, 0);
});

test('the loop is blocked by a callback of a socket, between the clock and the deadlines', async (t) => {
  const server = await startSlowServer(DELAY_MS);
  t.after(() => server.stop());
  const client = clientOf(t, server.address, { timeoutMs: TIMEOUT_MS });
  await client.get('warm');
  const [near, far] = await socketPair(t);
  await sleep(50);
  // The client keeps its deadlines by a timer of 10 ms, started with its first waiting call: so is this one. What is
  // written in a timer is read in the poll of the same turn.
  const value = client.get('a');
  const began = performance.now();
  let blocked = false;
  const beat = setInterval(() => {
    if (performance.now() - began > 25) near.write('x');
  }, 10);
  t.after(() => clearInterval(beat));
  far.on('data', () => {
    if (blocked) return;
    blocked = true;
    block(BLOCKED_MS);
  });
  assert.equal(await value, 'a');
  assert.equal(blocked, true);
});

test('a loop that is blocked again and again times nobody out', async (t) => {
  const server = await startSlowServer(5);
  t.after(() => server.stop());
  const client = clientOf(t, server.address, { timeoutMs: TIMEOUT_MS });
  await client.get('warm');
  for (let round = 0; round < 4; round++) {
    const read = client.get(`k${round}`);
    await turn();
    await turn();
    block(BLOCKED_MS - 50);
    assert.equal(await read, `k${round}`);
  }
});

test('a silent server: every call is rejected close to its own deadline', async (t) => {
  const { server, client } = await lab(t, { timeoutMs: 150 });
  await client.get('warm');
  server.script = silence;
  // Calls of one moment share one reading of the clock, which may have been some time before them.
  await turn();
  const began = performance.now();
  const late = async (call: Promise<unknown>, deadline: number): Promise<number> => {
    await call.catch((error: { code: string }) =>
      assert.match(error.code, /^ERR_MEMCACHE_(TIMEOUT|MANY)$/),
    );
    return performance.now() - began - deadline;
  };
  const lateness = await Promise.all([
    late(client.get('a'), 150),
    late(client.get('a', { timeoutMs: 50 }), 50),
    late(client.get('b', { timeoutMs: 300 }), 300),
    late(client.set('c', 1), 150),
    late(client.delete('d', { timeoutMs: 20 }), 20),
    late(client.getMany(['e', 'f'], { timeoutMs: 100 }), 100),
    late(client.incr('g', 1, { initial: 1 }), 150),
    late(client.touch('h', 1, { timeoutMs: 75 }), 75),
  ]);
  for (const ms of lateness) {
    assert.ok(ms > -15, `${ms} ms early`);
    assert.ok(ms < TOLERANCE_MS, `${ms} ms late`);
  }
});

test('a shorter deadline than those before it is kept', async (t) => {
  const { server, client } = await lab(t, { timeoutMs: 5000 });
  await client.get('warm');
  server.script = silence;
  const patient = client.get('a');
  await sleep(20);
  const began = performance.now();
  await rejects(client.get('b', { timeoutMs: 40 }), 'ERR_MEMCACHE_TIMEOUT', 'maybe');
  assert.ok(performance.now() - began < 40 + TOLERANCE_MS);
  server.users[0].send('END\r\nEND\r\n');
  assert.equal(await patient, undefined);
  server.script = (request, peer) => peer.answer(request);
  await assertInStep(client);
});
