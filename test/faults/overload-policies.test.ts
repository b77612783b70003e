// Where there is no room: what `whenFull` says, in order, without a byte of what is failed.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type FleetClient, type MemcacheError } from '../../src/index.ts';
import {
  assertInStep,
  lab,
  type LabOptions,
  rejection,
  rejects,
  until,
} from '../support/fault-lab.ts';
import { answer, type ScriptedServer, silence } from '../support/scripted-server.ts';

interface Full {
  readonly server: ScriptedServer;
  readonly client: FleetClient;
  readonly shed: { error: MemcacheError; operations: number }[];
  /** Stores that are queued; of these so many as `maxInFlight` allows have left. */
  readonly taken: Promise<boolean>[];
}

/** A client whose server has as much as may wait: one store is written, four are queued. */
async function full(t: TestContext, options: LabOptions): Promise<Full> {
  const { server, client } = await lab(t, {
    maxInFlight: { operations: 1 },
    maxQueued: { operations: 5 },
    connectTimeoutMs: 10_000,
    ...options,
  });
  const shed: Full['shed'] = [];
  // A loaded machine may take longer for the connection than anything may be queued.
  while (!(await client.set('warm', 1).catch(() => false)));
  client.on('shed', (event) => shed.push(event));
  server.script = silence;
  const taken = Array.from({ length: 5 }, (_, i) => client.set(`taken:${i}`, i));
  for (const call of taken) call.catch(() => {});
  await until(() => server.requests.length >= 2);
  return { server, client, shed, taken };
}

/** From now on the server answers, what it owes first. */
function goOn({ server }: Full): void {
  server.script = answer;
  server.users[0].send('STORED\r\n');
}

test('wait: what finds no room waits for it, in the order of the calls, and all is done', async (t) => {
  const made = await full(t, { whenFull: 'wait' });
  const { server, client, taken, shed } = made;
  const waiting = [
    client.get('a'),
    client.set('a', 'new'),
    client.get('a'),
    client.delete('a'),
    client.set('b', 'quiet', { noreply: true }),
    client.get('a'),
    client.getMany(['a', 'b']),
  ];
  await sleep(20);
  assert.equal(server.requests.length, 2, 'nothing was written');
  goOn(made);
  assert.deepEqual(await Promise.all(taken), [true, true, true, true, true]);
  assert.deepEqual(await Promise.all(waiting), [
    undefined,
    true,
    'new',
    true,
    undefined,
    undefined,
    new Map([['b', 'quiet']]),
  ]);
  assert.deepEqual(shed, []);
  assert.equal(client.metrics().shed, 0);
  await assertInStep(client);
});

test('wait: a deadline that comes first is a timeout, and nothing was sent', async (t) => {
  const made = await full(t, { whenFull: 'wait' });
  const { server, client, taken } = made;
  const release = new AbortController();
  const late = [
    client.set('late', 1, { timeoutMs: 40 }),
    client.get('late', { timeoutMs: 40 }),
    client.delete('late', { timeoutMs: 40, noreply: true }),
  ];
  const aborted = client.set('late', 1, { signal: release.signal });
  const patient = client.set('patient', 1);
  for (const call of late) await rejects(call, 'ERR_MEMCACHE_TIMEOUT', 'no');
  release.abort();
  await rejects(aborted, 'ERR_MEMCACHE_ABORTED', 'no');
  goOn(made);
  await Promise.all(taken);
  assert.equal(await patient, true);
  assert.doesNotMatch(server.record, /late/);
  await assertInStep(client);
});

test('wait: calls of more keys than may wait are answered in full', async (t) => {
  const { client } = await lab(t, {
    whenFull: 'wait',
    maxQueued: { operations: 7 },
    volleyKeys: 3,
  });
  const entries = Array.from({ length: 100 }, (_, i) => [`k${i}`, i] as const);
  assert.equal(await client.setMany(entries), true);
  const keys = entries.map(([key]) => key);
  assert.deepEqual(await client.getMany(keys), new Map(entries));
  assert.equal((await client.deleteMany(keys)).size, 100);
  assert.deepEqual(client.metrics().pending, { operations: 0, bytes: 0 });
});

test('wait: a lost server fails those who wait, so that they can go elsewhere', async (t) => {
  const { server, client, taken } = await full(t, {
    whenFull: 'wait',
    reconnect: { minMs: 60_000, maxMs: 60_000 },
  });
  const waiting = client.set('waiting', 1);
  await server.away();
  const { code, sent } = await rejection(waiting);
  assert.match(code, /^ERR_MEMCACHE_(CONNECT|UNAVAILABLE)$/);
  assert.equal(sent, 'no');
  await rejects(taken[0], 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe');
});

test('wait: a client that closes has what waits answered; what is not in time is failed', async (t) => {
  const made = await full(t, { whenFull: 'wait' });
  const waiting = made.client.set('waiting', 1);
  const closing = made.client.close({ timeoutMs: 5000 });
  goOn(made);
  assert.equal(await waiting, true);
  await closing;
  const other = await full(t, { whenFull: 'wait' });
  const unanswered = other.client.set('waiting', 1);
  await Promise.all([
    other.client.close({ timeoutMs: 30 }),
    rejects(unanswered, 'ERR_MEMCACHE_CLOSED', 'no'),
  ]);
});

test('shed-oldest: the oldest request that has not left makes room, whatever it is', async (t) => {
  const made = await full(t, { whenFull: 'shed-oldest' });
  const { server, client, taken, shed } = made;
  const next = [client.set('new:1', 1), client.set('new:2', 2)];
  for (const call of [taken[1], taken[2]]) {
    const error = await rejects(call, 'ERR_MEMCACHE_OVERLOADED', 'no');
    assert.equal(error.server, server.address);
  }
  assert.deepEqual(
    shed.map(({ error, operations }) => [error.code, operations]),
    [
      ['ERR_MEMCACHE_OVERLOADED', 1],
      ['ERR_MEMCACHE_OVERLOADED', 1],
    ],
  );
  assert.equal(client.metrics().shed, 2);
  assert.equal(client.metrics().retries, 0, 'what is shed is not tried again');
  goOn(made);
  assert.deepEqual(await Promise.all([taken[0], taken[3], taken[4], ...next]), Array(5).fill(true));
  assert.doesNotMatch(server.record, /taken:[12]/);
  await assertInStep(client);
});

test('shed-oldest: a volley goes as a whole, and is counted by its callers', async (t) => {
  const made = await full(t, { whenFull: 'shed-oldest', maxQueued: { operations: 8 } });
  const { server, client, shed } = made;
  const reads = client.getMany(['a', 'b', 'c']);
  reads.catch(() => {});
  await sleep(20);
  for (let i = 0; i < 5; i++) client.set(`new:${i}`, 1).catch(() => {});
  await rejects(reads, 'ERR_MEMCACHE_MANY');
  assert.deepEqual(
    shed.map(({ operations }) => operations),
    [1, 1, 1, 1, 3],
  );
  goOn(made);
  await until(() => client.metrics().pending.operations === 0);
  assert.doesNotMatch(server.record, /get/);
  await assertInStep(client);
});

test('shed-oldest: where everything has left, the new one is refused', async (t) => {
  const { server, client, taken } = await full(t, {
    whenFull: 'shed-oldest',
    maxInFlight: { operations: 100 },
    maxQueued: { operations: 5 },
  });
  await until(() => server.requests.length === 6);
  await rejects(client.set('new', 1), 'ERR_MEMCACHE_OVERLOADED', 'no');
  server.users[0].send('STORED\r\n'.repeat(5));
  assert.deepEqual(await Promise.all(taken), Array(5).fill(true));
});

test('maxQueueMs: what is queued for longer is failed, in line and in the queue; what was written is not', async (t) => {
  const made = await full(t, { whenFull: 'wait', maxQueueMs: 100 });
  const { server, client, taken, shed } = made;
  const began = performance.now();
  const waiting = client.set('waiting', 1);
  const errors = await Promise.all(
    [...taken.slice(1), waiting].map((call) => rejects(call, 'ERR_MEMCACHE_OVERLOADED', 'no')),
  );
  assert.ok(performance.now() - began >= 90);
  assert.match(errors[0].message, /100 ms/);
  assert.equal(shed.length, 5);
  goOn(made);
  assert.equal(await taken[0], true);
  assert.doesNotMatch(server.record, /waiting|taken:[1-4]/);
  await assertInStep(client);
});

for (const whenFull of ['reject', 'wait', 'shed-oldest'] as const) {
  test(`maxPending with ${whenFull}: bounded over everything the client has begun`, async (t) => {
    const made = await full(t, { whenFull, maxPending: { operations: 8 } });
    const { server, client, taken, shed } = made;
    const calls = Array.from({ length: 20 }, (_, i) => client.set(`new:${i}`, 1));
    const outcomes = Promise.allSettled([...taken, ...calls]);
    assert.ok(client.metrics().pending.operations <= 8);
    goOn(made);
    const settled = await outcomes;
    const done = settled.filter(({ status }) => status === 'fulfilled').length;
    assert.equal(done, whenFull === 'wait' ? 8 : 5);
    assert.equal(client.metrics().shed, 25 - done);
    assert.equal(shed.length, 25 - done);
    assert.equal(server.requests.length, 1 + done);
    assert.deepEqual(client.metrics().pending, { operations: 0, bytes: 0 });
  });
}

test('maxPending with shed-oldest: no more is failed than makes the room', async (t) => {
  const { server, client } = await lab(t, {
    whenFull: 'shed-oldest',
    volleyKeys: 2,
    maxInFlight: { operations: 1 },
    maxPending: { operations: 7 },
    timeoutMs: 20_000,
  });
  await client.set('warm', 1);
  server.script = silence;
  const written = client.set('a', 1);
  await until(() => server.requests.length === 2);
  const reads = ['b', 'c', 'd', 'e', 'f', 'g'].map((key) => client.get(key));
  const shed: number[] = [];
  client.on('shed', ({ operations }) => void shed.push(operations));
  const last = client.getMany(['h', 'i']);
  assert.deepEqual(shed, [2]);
  for (const read of reads.slice(0, 2)) await rejects(read, 'ERR_MEMCACHE_OVERLOADED', 'no');
  server.script = answer;
  server.users[0].send('STORED\r\n');
  assert.deepEqual(await Promise.all([written, ...reads.slice(2)]), [true, ...Array(4)]);
  assert.deepEqual(await last, new Map());
});

test('maxPending.bytes: values that are on their way are bounded', async (t) => {
  const { server, client } = await lab(t, { maxPending: { bytes: 1000 }, compressor: 'none' });
  await client.set('warm', 1);
  server.next.push(silence);
  const first = client.set('a', Buffer.alloc(1000));
  assert.equal(client.metrics().pending.bytes, 1000);
  await rejects(client.set('b', 'x'), 'ERR_MEMCACHE_OVERLOADED', 'no');
  await until(() => server.requests.length === 2);
  server.users[0].send('STORED\r\n');
  assert.equal(await first, true);
  await assertInStep(client);
});

for (const whenFull of ['reject', 'wait', 'shed-oldest'] as const) {
  test(`before the servers are known, with ${whenFull}`, async (t) => {
    const { server, client: unused } = await lab(t);
    await unused.close();
    let find: (servers: string[]) => void = () => {};
    const client = createClient({
      discovery: () => new Promise<string[]>((resolve) => (find = resolve)),
      discoveryLimits: { allowLocal: true },
      whenFull,
      maxQueued: { operations: 3 },
      timeoutMs: 10_000,
    });
    t.after(() => client.close({ timeoutMs: 0 }));
    const calls = Array.from({ length: 5 }, (_, i) => client.set(`k${i}`, i));
    const outcomes = Promise.allSettled(calls);
    await sleep(5);
    find([server.address]);
    const done = (await outcomes).map(({ status }) => status === 'fulfilled');
    const [yes, no] = [true, false];
    const expected = {
      reject: [yes, yes, yes, no, no],
      wait: [yes, yes, yes, yes, yes],
      'shed-oldest': [no, no, yes, yes, yes],
    };
    assert.deepEqual(done, expected[whenFull]);
  });
}
