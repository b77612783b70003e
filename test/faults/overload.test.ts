// More than a server takes: refused before a byte is written, and bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { assertInStep, lab, rejects, until } from '../support/fault-lab.ts';
import { answer, silence } from '../support/scripted-server.ts';

test('over maxQueued.operations: refused at once, told by event and metric, nothing written', async (t) => {
  const { server, client } = await lab(t, { maxQueued: { operations: 10 } });
  const shed: string[] = [];
  client.on('shed', ({ error }) => shed.push(error.code));
  await client.get('warm');
  server.script = silence;
  const waiting = Array.from({ length: 10 }, (_, i) => client.set(`taken:${i}`, i));
  const refused = [
    client.set('refused:1', 1),
    client.delete('refused:2'),
    client.get('refused:3'),
    client.incr('refused:4'),
    client.version(),
  ];
  for (const call of refused) {
    const error = await rejects(call, 'ERR_MEMCACHE_OVERLOADED', 'no');
    assert.equal(error.server, server.address);
    assert.equal(error.retryable, true);
  }
  await rejects(client.getMany(['refused:5', 'refused:6']), 'ERR_MEMCACHE_MANY', 'no');
  assert.equal(shed.length, 7);
  assert.equal(client.metrics().shed, 7);
  await until(() => server.requests.length === 11);
  assert.doesNotMatch(server.record, /refused/);
  server.script = answer;
  for (let i = 0; i < 10; i++) server.users[0].send('STORED\r\n');
  await Promise.all(waiting);
  await assertInStep(client);
});

test('over maxQueued.bytes: large values are refused, and taken again when there is room', async (t) => {
  const { server, client } = await lab(t, {
    maxQueued: { bytes: 100_000 },
    compressor: 'none',
    bulkBytes: 2 ** 20,
  });
  await client.get('warm');
  server.script = silence;
  const value = Buffer.alloc(60_000, 'x');
  const taken = [client.set('a', value), client.set('b', value)];
  await rejects(client.set('c', value), 'ERR_MEMCACHE_OVERLOADED', 'no');
  await until(() => server.requests.length === 3);
  server.users[0].send('STORED\r\nSTORED\r\n');
  assert.deepEqual(await Promise.all(taken), [true, true]);
  server.script = answer;
  assert.equal(await client.set('c', value), true);
});

test('while the first dial is under way, what waits is bounded too', async (t) => {
  const { server, client } = await lab(t, { maxQueued: { operations: 50 }, volleyKeys: 10 });
  const calls = Array.from({ length: 200 }, (_, i) => client.set(`k${i}`, i));
  const outcomes = await Promise.allSettled(calls);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 50);
  assert.equal(server.requests.length, 50);
});

test('20 000 gets of a server that never answers: all are settled, and what waited was bounded', async (t) => {
  const { server, client } = await lab(t, { timeoutMs: 300, maxQueued: { operations: 5000 } });
  await client.get('warm');
  server.script = silence;
  const began = performance.now();
  const codes = new Map<string, number>();
  const calls = Array.from({ length: 20_000 }, (_, i) =>
    client
      .get(`k${i}`)
      .catch(({ code }: { code: string }) => codes.set(code, (codes.get(code) ?? 0) + 1)),
  );
  await Promise.all(calls);
  assert.ok(
    performance.now() - began < 10_000,
    'within the deadline and the tolerance of a loaded machine',
  );
  assert.equal(
    [...codes.values()].reduce((sum, count) => sum + count),
    20_000,
  );
  const timedOut = codes.get('ERR_MEMCACHE_TIMEOUT') ?? 0;
  assert.ok(timedOut >= 5000 && timedOut <= 5100, `${timedOut} waited`);
  assert.equal(codes.get('ERR_MEMCACHE_OVERLOADED'), 20_000 - timedOut);
});

test('callers that share one key count as many as they are, from the next moment on', async (t) => {
  const { server, client } = await lab(t, { timeoutMs: 500, maxQueued: { operations: 1000 } });
  await client.get('warm');
  server.script = silence;
  const calls: Promise<unknown>[] = [];
  for (let moment = 0; moment < 50; moment++) {
    for (let i = 0; i < 100; i++) calls.push(outcomeOf(client.get('same')));
    await turn();
    await turn();
  }
  const codes = await Promise.all(calls);
  const refused = codes.filter((code) => code === 'ERR_MEMCACHE_OVERLOADED');
  assert.ok(refused.length >= 3700, `${refused.length} of 5000 were refused`);
});

const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.catch(({ code }: { code: string }) => code);

test('refused reads with onError miss are misses with an event', async (t) => {
  const { server, client } = await lab(t, { maxQueued: { operations: 1 }, onError: 'miss' });
  let guarded = 0;
  client.on('guard', () => guarded++);
  await client.set('warm', 1);
  server.script = silence;
  void client.set('taken', 1).catch(() => {});
  assert.equal(await client.get('refused'), undefined);
  assert.equal(guarded, 1);
});
