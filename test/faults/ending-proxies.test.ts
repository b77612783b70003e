// twemproxy with a server lost: a get of several keys that concerns it is answered with SERVER_ERROR and the
// connection ended; one of a single key is answered and the connection goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadRequest } from '../../src/testing/fake-request.ts';
import { assertInStep, hit, lab, rejection, until, valueOf } from '../support/fault-lab.ts';
import type { Script } from '../support/scripted-server.ts';

const KEYS = Array.from({ length: 20 }, (_, i) => `k${i}`);

const REFUSED = 'SERVER_ERROR Connection refused\r\n';

const endingProxy =
  (lost: string): Script =>
  (request: ReadRequest, peer) => {
    const { keys } = request;
    if (!keys.includes(lost)) peer.send(`${keys.map((key) => hit(key)).join('')}END\r\n`);
    else if (keys.length === 1) peer.send(REFUSED);
    else peer.end(REFUSED);
  };

test('only the lost key fails, and the connection is ended once', async (t) => {
  const { server, client } = await lab(t);
  server.script = endingProxy('k7');
  for (let round = 0; round < 3; round++) {
    const outcomes = await Promise.allSettled(KEYS.map((key) => client.get(key)));
    for (const [i, outcome] of outcomes.entries()) {
      if (KEYS[i] !== 'k7')
        assert.deepEqual(outcome, { status: 'fulfilled', value: valueOf(KEYS[i]) });
      else assert.equal(outcome.status, 'rejected');
    }
    const { code } = await rejection(client.get('k7'));
    assert.equal(code, 'ERR_MEMCACHE_SERVER');
  }
  assert.equal(server.users.length, 2);
  // The last round: each key for itself, in one flush.
  const { flushes } = client.metrics();
  const before = server.requests.length;
  assert.deepEqual(
    await client.getMany(['k1', 'k2', 'k3']),
    new Map(['k1', 'k2', 'k3'].map((key) => [key, valueOf(key)])),
  );
  assert.deepEqual(server.lines.slice(before), ['get k1', 'get k2', 'get k3']);
  assert.equal(client.metrics().flushes, flushes + 1);
});

test('a connection that ends for another reason changes nothing', async (t) => {
  const { server, client } = await lab(t);
  await assertInStep(client);
  server.users[0].end();
  await until(() => server.users[0].closed);
  server.script = endingProxy('none');
  const before = server.requests.length;
  await client.getMany(KEYS);
  assert.equal(server.requests.length, before + 1);
});
