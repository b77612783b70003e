// Servers that fall silent, and connections that die while nobody talks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertInStep, lab, rejects, until } from '../support/fault-lab.ts';
import { answer, type Peer, sayVersion, silence } from '../support/scripted-server.ts';

test('a server that stops answering is given up, and what waits moves to a new connection', async (t) => {
  const { server, client } = await lab(t, { stallTimeoutMs: 150, retry: { attempts: 1 } });
  await client.set('a', 1);
  server.script = silence;
  const began = performance.now();
  const lost = [client.get('a'), client.set('b', 1), client.delete('c')];
  await Promise.all(lost.map((call) => rejects(call, 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe')));
  const took = performance.now() - began;
  // Silence is counted from the answer before.
  assert.ok(took >= 130 && took < 400, `${took} ms`);
  server.script = answer;
  await assertInStep(client);
  assert.equal(server.users.length, 2);
});

test('a stalled read is asked again on another connection', async (t) => {
  const { server, client } = await lab(t, { stallTimeoutMs: 100 });
  await client.set('a', 'x');
  server.next.push(silence);
  assert.equal(await client.get('a'), 'x');
  assert.equal(server.users.length, 2);
});

test('one byte now and then is no stall', async (t) => {
  const { server, client } = await lab(t, { stallTimeoutMs: 120 });
  server.next.push((_request, peer) => {
    const pieces = ['VALUE a 16 3\r\n', 'x', 'y', 'z', '\r\n', 'END\r\n'];
    const beat = setInterval(() => {
      const piece = pieces.shift();
      if (piece === undefined) clearInterval(beat);
      else peer.send(piece);
    }, 60);
  });
  assert.equal(await client.get('a'), 'xyz');
  assert.equal(server.users.length, 1);
});

test('an answer that trickles in without end holds up nobody for longer than a stall', async (t) => {
  const { server, client } = await lab(t, { stallTimeoutMs: 200 });
  await client.set('b', 'x');
  server.next.push((_request, peer) => {
    peer.hold();
    peer.send('VALUE a 16 900000\r\n');
    const drip = setInterval(() => peer.send('y'), 20);
    t.after(() => clearInterval(drip));
  });
  const began = performance.now();
  const late = rejects(client.get('a', { timeoutMs: 100 }), 'ERR_MEMCACHE_TIMEOUT', 'maybe');
  await until(() => server.requests.length === 2);
  const behind = [client.get('b'), client.get('none')];
  const lost = rejects(client.set('c', 1), 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
  await late;
  assert.ok(performance.now() - began < 400, 'its own deadline');
  assert.deepEqual(await Promise.all(behind), ['x', undefined]);
  await lost;
  const took = performance.now() - began;
  assert.ok(took >= 300 && took < 1000, `${took} ms`);
  await assertInStep(client);
  assert.equal(server.users.length, 2);
});

test('a connection that was idle for longer than a stall is not taken for a stalled one', async (t) => {
  const { server, client } = await lab(t, { stallTimeoutMs: 100 });
  await client.set('a', 'x');
  await sleep(250);
  server.next.push((request, peer) => void setTimeout(() => peer.answer(request), 60));
  assert.equal(await client.get('a'), 'x');
  assert.equal(server.users.length, 1);
});

test('too many answers that nobody waits for cost the connection', async (t) => {
  const { server, client } = await lab(t, { volleyKeys: 1, timeoutMs: 60, stallTimeoutMs: 60_000 });
  await client.get('warm');
  server.script = silence;
  const calls = Array.from({ length: 1200 }, (_, i) => client.get(`k${i}`));
  const outcomes = await Promise.allSettled(calls);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    assert.equal(outcome.reason.code, 'ERR_MEMCACHE_TIMEOUT');
  }
  await until(() => server.users[0].closed);
  server.script = answer;
  await assertInStep(client);
});

test('an idle connection is asked for its version before it carries a command', async (t) => {
  const { server, client } = await lab(t, { idleProbeMs: 80 });
  await client.set('a', 'x');
  assert.equal(server.users[0].probes, 1);
  await client.get('a');
  assert.equal(server.users[0].probes, 1, 'not while it is in use');
  await sleep(160);
  const order: string[] = [];
  server.probed = (peer) => {
    order.push('version');
    sayVersion(peer);
  };
  server.script = (request, peer) => {
    order.push(request.line);
    peer.answer(request);
  };
  const values = await Promise.all([client.get('a'), client.get('none')]);
  assert.deepEqual(values, ['x', undefined]);
  assert.deepEqual(order, ['version', 'get a none']);
  assert.equal(server.users.length, 1);
});

for (const [how, probed] of Object.entries<(peer: Peer) => unknown>({
  'no answer': () => {},
  'a reset': (peer) => peer.reset(),
  'a close': (peer) => peer.end(),
  'another answer': (peer) => peer.send('END\r\n'),
  'an error': (peer) => peer.send('ERROR\r\n'),
})) {
  test(`${how} to the question of an idle connection: the command goes to a new one, without an error`, async (t) => {
    const { server, client } = await lab(t, { idleProbeMs: 60, connectTimeoutMs: 200 });
    await client.set('a', 'x');
    await sleep(130);
    server.probed = (peer) => {
      server.probed = sayVersion;
      probed(peer);
    };
    const [value, stored] = await Promise.all([client.get('a'), client.set('b', 1)]);
    assert.deepEqual([value, stored], ['x', true]);
    assert.equal(server.users.length, 2);
    assert.equal(client.metrics().retries, 0);
    await assertInStep(client);
  });
}

test('SERVER_ERROR to the question of an idle connection is an answer', async (t) => {
  const { server, client } = await lab(t, { idleProbeMs: 60 });
  await client.set('a', 'x');
  await sleep(130);
  server.probed = (peer) => peer.send('SERVER_ERROR Connection refused\r\n');
  assert.equal(await client.get('a'), 'x');
  assert.equal(server.users.length, 1);
});

for (const [how, end] of Object.entries<(peer: Peer) => unknown>({
  'a close': (peer) => peer.end(),
  'a reset': (peer) => peer.reset(),
})) {
  test(`${how} of an idle connection costs no call`, async (t) => {
    const { server, client } = await lab(t, { retry: { attempts: 1 } });
    assert.equal(await client.set('a', 'x'), true);
    await end(server.users[0]);
    await until(() => server.users[0].closed);
    await sleep(5);
    assert.equal(await client.get('a'), 'x');
    assert.equal(server.users.length, 2);
    assert.equal(client.metrics().connectionErrors, how === 'a close' ? 0 : 1);
  });
}

test('clean ends of idle connections, again and again, are no failures', async (t) => {
  const { server, client } = await lab(t, { retry: { attempts: 1 } });
  for (let round = 0; round < 5; round++) {
    assert.equal(await client.set('a', round), true);
    server.users[round].end();
    await until(() => server.users[round].closed);
    await sleep(5);
  }
  assert.equal(await client.get('a'), 4);
  assert.equal(client.metrics().connectionErrors, 0);
});
