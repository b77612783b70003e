// After everything a client can go through, no handle, no timer and no promise is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { block, lab } from '../support/fault-lab.ts';
import { type Script, ScriptedServer, silence } from '../support/scripted-server.ts';

/** What keeps the process alive, without what the test runner itself holds. */
const handles = (): string[] => process.getActiveResourcesInfo();

/** The garbage collector, without a flag for the whole process. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Waits until nothing is there that was not there before; sockets take a moment to close. */
async function assertNothingLeft(before: readonly string[]): Promise<void> {
  let left: string[] = [];
  for (let i = 0; i < 200; i++) {
    const known = [...before];
    left = handles().filter((handle) => {
      const at = known.indexOf(handle);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
    if (left.length === 0) return;
    await sleep(10);
  }
  assert.deepEqual(left, []);
}

test('a client that met every fault leaves no handle behind', async (t) => {
  const { server, client } = await lab(t, {
    timeoutMs: 60,
    stallTimeoutMs: 100,
    idleProbeMs: 40,
    connectTimeoutMs: 100,
    reconnect: { minMs: 1, maxMs: 5 },
    maxQueued: { operations: 40 },
    volleyKeys: 3,
    bulkBytes: 2000,
  });
  await sleep(20);
  const before = handles();
  const faults: Script[] = [
    (request, peer) => peer.answer(request),
    silence,
    (_request, peer) => peer.end(),
    (_request, peer) => void peer.reset(),
    (_request, peer) => peer.send('VALUE k1 16 900\r\nabc'),
    (_request, peer) => peer.send('nonsense\r\n'),
    (_request, peer) => peer.send('SERVER_ERROR of some kind\r\n'),
    (_request, peer) => peer.send('CLIENT_ERROR of some kind\r\n'),
    (_request, peer) => peer.pause(),
  ];
  const codes = new Set<string>();
  for (let round = 0; round < 27; round++) {
    server.script = faults[round % faults.length];
    const controller = new AbortController();
    const { signal } = controller;
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 12; i++) {
      calls.push(
        client.get(`k${i}`, { signal }),
        client.set(`k${i}`, 'x'.repeat(i * 400)),
        client.getMany([`k${i}`, 'k1', 'none']),
        client.delete(`k${i}`),
        client.incr('n', 1, { initial: 1 }),
      );
    }
    if (round % 3 === 0) setTimeout(() => controller.abort(), 5);
    if (round % 7 === 0) block(30);
    for (const outcome of await Promise.allSettled(calls))
      if (outcome.status === 'rejected') codes.add(outcome.reason.code);
  }
  assert.ok(codes.size >= 4, [...codes].join());
  for (const code of codes) assert.match(code, /^ERR_MEMCACHE_[A-Z_]+$/);
  await client.close({ timeoutMs: 0 });
  for (const peer of server.peers) peer.socket.destroy();
  await assertNothingLeft(before);
});

test('an idle client holds its connection and no timer', async (t) => {
  const { client } = await lab(t);
  await client.get('a');
  await sleep(60);
  assert.ok(!handles().includes('Timeout'), handles().join());
  assert.ok(!handles().includes('Immediate'), handles().join());
});

test('answered and abandoned calls are not kept', async (t) => {
  const { server, client } = await lab(t, { timeoutMs: 30, stallTimeoutMs: 60_000 });
  await client.get('warm');
  const kept: WeakRef<object>[] = [];
  const use = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) {
      const value = { i, text: 'x'.repeat(100) };
      kept.push(new WeakRef(value));
      await client.set(`k${i}`, value).catch(() => {});
      if (i === 25) server.script = silence;
    }
  };
  await use();
  await sleep(10);
  const collect = collector();
  collect();
  await sleep(10);
  collect();
  // The last one may still be in a register of somebody.
  assert.ok(kept.filter((ref) => ref.deref() !== undefined).length <= 1);
});

test('a hundred clients, made and closed, leave nothing', async (t) => {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  const { createClient } = await import('../../src/index.ts');
  const before = handles();
  for (let i = 0; i < 100; i++) {
    const client = createClient({ servers: server.address });
    if (i % 2 === 0) await client.set('a', i);
    else client.get('a').catch(() => {});
    await client.close({ timeoutMs: i % 3 });
  }
  for (const peer of server.peers) peer.socket.destroy();
  await assertNothingLeft(before);
});
