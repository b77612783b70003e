// The end of a client: what is under way is answered, what comes later is refused, and nothing is left behind.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MemcacheClient } from '../../src/index.ts';
import { lab, rejection, rejects, until, valueOf } from '../support/fault-lab.ts';
import { sayVersion, type Script, ScriptedServer, silence } from '../support/scripted-server.ts';
import type { Drained } from './programs/drains.ts';

const late =
  (ms: number): Script =>
  (request, peer) => {
    peer.hold();
    setTimeout(() => {
      peer.answer(request);
      peer.goOn();
    }, ms);
  };

const EVERY_VERB: Record<string, (client: MemcacheClient) => Promise<unknown>> = {
  get: (client) => client.get('a'),
  getMany: (client) => client.getMany(['a', 'b']),
  getValues: (client) => client.getValues(['a', 'b']),
  setMany: (client) => client.setMany({ a: 1, b: 2 }),
  deleteMany: (client) => client.deleteMany(['a', 'b']),
  gets: (client) => client.gets('a'),
  set: (client) => client.set('a', 1),
  add: (client) => client.add('a', 1),
  replace: (client) => client.replace('a', 1),
  cas: (client) => client.cas('a', 1, '1'),
  delete: (client) => client.delete('a'),
  touch: (client) => client.touch('a', 1),
  incr: (client) => client.incr('a'),
  decr: (client) => client.decr('a', 1n, { initial: 1 }),
  version: (client) => client.version(),
  stats: (client) => client.stats(),
  cacheMemlimit: (client) => client.cacheMemlimit(64),
  verbosity: (client) => client.verbosity(1),
  shutdown: (client) => client.shutdown(),
  raw: (client) => client.raw('version'),
  keys: (client) => client.keys()[Symbol.asyncIterator]().next(),
  flushAll: (client) => client.flushAll(),
  connect: (client) => client.connect(),
};

test('close waits for what is under way', async (t) => {
  const { server, client } = await lab(t);
  await client.set('a', valueOf('a'));
  server.script = late(30);
  const calls = [
    client.get('a'),
    client.set('b', 1),
    client.incr('b'),
    client.getMany(['a', 'none']),
  ];
  await client.close();
  const settled = await Promise.race([Promise.all(calls), sleep(20, 'still waiting')]);
  assert.deepEqual(settled, [valueOf('a'), true, 2, new Map([['a', valueOf('a')]])]);
  await until(() => server.peers.every(({ closed }) => closed));
});

test('close waits for what was asked in the same moment, and for the dial it needs', async (t) => {
  const { client } = await lab(t);
  const calls = [client.set('a', 1), client.get('a'), client.delete('none')];
  await client.close();
  assert.deepEqual(await Promise.all(calls), [true, 1, false]);
});

test('close twice, and by await using, is one close', async (t) => {
  const { server, client } = await lab(t);
  server.script = late(30);
  const read = client.get('a');
  await Promise.all([
    client.close(),
    client.close({ timeoutMs: 0 }),
    client[Symbol.asyncDispose](),
  ]);
  assert.equal(await read, undefined);
  await client.close();
});

test('close of a client that was never used', async (t) => {
  const { server, client } = await lab(t);
  await client.close();
  assert.equal(server.peers.length, 0);
});

for (const timeoutMs of [0, 60]) {
  test(`close within ${timeoutMs} ms: what is not answered then is ERR_MEMCACHE_CLOSED`, async (t) => {
    const { server, client } = await lab(t);
    await client.get('warm');
    server.script = silence;
    const calls = [client.get('a'), client.set('b', 1), client.delete('c')];
    await until(() => server.requests.length === 4);
    const began = performance.now();
    const closing = client.close({ timeoutMs });
    const errors = await Promise.all(
      calls.map((call) => rejects(call, 'ERR_MEMCACHE_CLOSED', 'maybe')),
    );
    for (const error of errors) assert.equal(error.server, server.address);
    await closing;
    const took = performance.now() - began;
    assert.ok(took >= timeoutMs - 5 && took < timeoutMs + 200, `${took} ms`);
    assert.equal(client.metrics().retries, 0, 'a closed client asks nobody again');
  });
}

/** A codec module that takes its time to load. */
const moduleAfter = (ms: number): string => {
  const source = `
    await new Promise((resolve) => setTimeout(resolve, ${ms}));
    export const encode = (value) => ({ bytes: Buffer.from(String(value)), flags: 0 });
    export const decode = (bytes) => String(bytes);`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
};

test('close waits for values whose codec is still being loaded', async (t) => {
  const { server, client } = await lab(t, { codec: { module: moduleAfter(60) } });
  const calls = [client.set('a', 'A'), client.get('a')];
  await client.close();
  assert.deepEqual(await Promise.all(calls), [true, 'A']);
  assert.deepEqual(server.lines, ['set a 0 0 1', 'get a']);
});

test('close leaves nobody waiting for a codec that does not load', async (t) => {
  const { client } = await lab(t, { codec: { module: moduleAfter(2000) } });
  const call = client.set('a', 'A');
  const began = performance.now();
  void client.close({ timeoutMs: 20 });
  await rejects(call, 'ERR_MEMCACHE_CLOSED', 'no');
  assert.ok(performance.now() - began < 1000);
});

test('close during the dial: nothing was sent, and that is what it says', async (t) => {
  const { server, client } = await lab(t, { connectTimeoutMs: 5000 });
  server.probed = () => {};
  const calls = [client.get('a'), client.set('b', 1)];
  await until(() => server.peers.length > 0);
  void client.close({ timeoutMs: 20 });
  await Promise.all(calls.map((call) => rejects(call, 'ERR_MEMCACHE_CLOSED', 'no')));
  assert.equal(server.record, '');
  await until(() => server.peers.every(({ closed }) => closed));
});

test('close while an idle connection is asked whether it is there', async (t) => {
  const { server, client } = await lab(t, { idleProbeMs: 30, connectTimeoutMs: 5000 });
  await client.get('a');
  await sleep(80);
  server.probed = () => {};
  const call = client.get('b');
  await until(() => server.users[0].probes === 2);
  void client.close({ timeoutMs: 20 });
  await rejects(call, 'ERR_MEMCACHE_CLOSED', 'no');
  server.probed = sayVersion;
});

test('every verb after close: ERR_MEMCACHE_CLOSED, nothing sent', async (t) => {
  const { server, client } = await lab(t);
  await client.get('warm');
  const before = server.record;
  await client.close();
  for (const [verb, issue] of Object.entries(EVERY_VERB)) {
    const error = await rejection(issue(client));
    assert.equal(error.code, 'ERR_MEMCACHE_CLOSED', verb);
    assert.equal(error.sent, 'no', verb);
  }
  assert.equal(await client.get('a', { onError: 'miss' }), undefined);
  assert.deepEqual(await client.getValues(['a'], { onError: 'miss' }), [undefined]);
  assert.equal(server.record, before);
  assert.equal(server.users.length, 1);
});

test('a call made in the moment of close, behind it, is refused', async (t) => {
  const { server, client } = await lab(t);
  await client.get('warm');
  const closing = client.close();
  const calls = Object.values(EVERY_VERB).map((issue) => issue(client));
  await Promise.all(calls.map((call) => rejects(call, 'ERR_MEMCACHE_CLOSED', 'no')));
  await closing;
  assert.deepEqual(server.lines, ['get warm']);
});

test('a server that is gone does not keep a client from closing', async (t) => {
  const { server, client } = await lab(t);
  await client.get('warm');
  await server.away();
  const calls = [client.get('a').catch(() => {}), client.set('b', 1).catch(() => {})];
  const began = performance.now();
  await client.close();
  await Promise.all(calls);
  assert.ok(performance.now() - began < 500);
});

const ENDS_BY_ITSELF = new URL('./programs/ends-by-itself.js', import.meta.url);
const DRAINS = new URL('./programs/drains.js', import.meta.url);

/** What a process prints that has to end by itself. */
async function printedBy(program: URL, ...args: readonly string[]): Promise<string> {
  const line = [fileURLToPath(program), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, line, { timeout: 60_000 });
  return stdout;
}

for (const what of [
  'closes',
  'letsGo',
  'workerPoolToo',
  'givesUp',
  'neverUsed',
  'closesWhileWaiting',
  'closesWhileWorkersLoad',
]) {
  test(`a process ends by itself: ${what}`, async (t) => {
    const { server } = await lab(t);
    if (what === 'closesWhileWaiting') server.script = silence;
    const began = performance.now();
    assert.equal(await printedBy(ENDS_BY_ITSELF, what, server.address), 'done');
    assert.ok(performance.now() - began < (what === 'closesWhileWorkersLoad' ? 60_000 : 8000));
  });
}

test('a process without workers that closes with calls under way: all settle, nothing is left, it ends by itself', async (t) => {
  const { server } = await lab(t);
  server.script = late(30);
  const mute = await ScriptedServer.start();
  t.after(() => mute.stop());
  mute.script = silence;
  const drained = JSON.parse(await printedBy(DRAINS, server.address, mute.address)) as Drained;
  const { answered, silent, closedMs, later, left } = drained;
  assert.deepEqual(answered, [true, 1, 3, [3, null], false]);
  assert.deepEqual(silent, Array(5).fill('ERR_MEMCACHE_CLOSED maybe'));
  assert.ok(closedMs > 95 && closedMs < 5000, `${closedMs} ms`);
  assert.deepEqual(later, Array(10).fill('ERR_MEMCACHE_CLOSED no'));
  assert.deepEqual(left, []);
});
