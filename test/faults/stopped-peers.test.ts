// Peers that are there and do nothing: frozen ones, and ones that read no more. Deadlines hold, and so does the order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetClient } from '../../src/index.ts';
import {
  assertInStep,
  clientOf,
  lab,
  PATIENT,
  rejection,
  rejects,
  STUFFABLE,
  stuffing,
  until,
} from '../support/fault-lab.ts';
import { startFleet } from '../support/fleet-lab.ts';

/** How much later than its deadline a call may settle on a machine that has other things to do. */
const SLACK_MS = 500;
const TIMEOUT_MS = 120;

const VERBS: Record<string, (client: FleetClient) => Promise<unknown>> = {
  get: (client) => client.get('a'),
  getMany: (client) => client.getMany(['a', 'b']),
  gets: (client) => client.gets('a'),
  getAndTouch: (client) => client.getAndTouch('a', 60),
  inspect: (client) => client.inspect('a'),
  set: (client) => client.set('a', 1),
  setMany: (client) => client.setMany({ a: 1, b: 2 }),
  add: (client) => client.add('a', 1),
  append: (client) => client.append('a', 'x'),
  cas: (client) => client.cas('a', 1, '1'),
  delete: (client) => client.delete('a'),
  touch: (client) => client.touch('a', 60),
  incr: (client) => client.incr('n', 1, { initial: 1 }),
  namespace: (client) => client.namespace('view').get('a'),
  'meta.set': (client) => client.meta.set('a', 1),
  version: (client) => client.version(),
};

test('a frozen server: every verb is rejected by its deadline, and those after it get their own', async (t) => {
  const [server] = await startFleet(t, 1);
  const options = { timeoutMs: TIMEOUT_MS, stallTimeoutMs: 60_000, retry: { attempts: 1 } };
  const client = clientOf(t, server.address, options);
  await client.setMany({ a: 'A', b: 'B' }, PATIENT);
  server.pause();
  const began = performance.now();
  const errors = await Promise.all(Object.values(VERBS).map((verb) => rejection(verb(client))));
  const took = performance.now() - began;
  assert.ok(took < TIMEOUT_MS + SLACK_MS, `${took} ms`);
  for (const { code } of errors) assert.match(code, /^ERR_MEMCACHE_(TIMEOUT|MANY)$/);
  // Asked behind answers that nobody waits for any more.
  const behind = Promise.all([
    client.set('mine', 'M', PATIENT),
    client.get('mine', PATIENT),
    client.get('none', PATIENT),
  ]);
  server.resume();
  assert.deepEqual(await behind, [true, 'M', undefined]);
  await assertInStep(client);
  assert.equal(client.metrics().reconnects, 0, 'on the same connection');
});

test('a frozen server: its connection is given up after a stall, and made anew when it goes on', async (t) => {
  const [server] = await startFleet(t, 1);
  const client = clientOf(t, server.address, {
    timeoutMs: TIMEOUT_MS,
    connectTimeoutMs: 500,
    stallTimeoutMs: 200,
    reconnect: { minMs: 10, maxMs: 40 },
  });
  await client.set('a', 'A', PATIENT);
  server.pause();
  const codes = new Set<string>();
  const end = performance.now() + 800;
  while (performance.now() < end) {
    const began = performance.now();
    codes.add((await rejection(client.get('a'))).code);
    assert.ok(performance.now() - began < TIMEOUT_MS + SLACK_MS);
    await sleep(5);
  }
  for (const code of codes)
    assert.match(code, /^ERR_MEMCACHE_(TIMEOUT|CONNECTION_LOST|CONNECT|UNAVAILABLE)$/);
  assert.ok(client.metrics().connectionErrors > 0, [...codes].join());
  server.resume();
  let value: unknown;
  await until(() => {
    client.get('a').then(
      (answer) => (value = answer),
      () => {},
    );
    return value !== undefined;
  });
  assert.equal(value, 'A');
  await assertInStep(client);
});

test('a peer that reads no more: what fits is lost with the connection, the rest goes to the next', async (t) => {
  const { server, client } = await lab(t, { ...STUFFABLE, stallTimeoutMs: 1000 });
  server.itemSizeMax = 2 ** 30;
  server.next.push((request, peer) => peer.answerAndPause(request));
  await client.set('first', 1);
  const stuck = client.set('large', stuffing());
  await sleep(20);
  const began = performance.now();
  const queued = rejects(client.get('a', { timeoutMs: 80 }), 'ERR_MEMCACHE_TIMEOUT', 'no');
  const patient = [client.get('first'), client.set('b', 'B'), client.get('b')];
  await queued;
  assert.ok(performance.now() - began < 80 + SLACK_MS, 'its own deadline');
  await rejects(stuck, 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
  assert.deepEqual(await Promise.all(patient), [1, true, 'B']);
  const took = performance.now() - began;
  assert.ok(took < 1000 + 3 * SLACK_MS, `${took} ms`);
  assert.doesNotMatch(server.record, /get a\r/);
  await assertInStep(client);
  assert.equal(server.users.length, 2);
});
