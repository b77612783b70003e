// A caller that changes a value's bytes after set(): what is sent is as long as it says, and the next command is read.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MemcacheClient, MemcacheError } from '../../src/index.ts';
import { assertInStep, lab, rejects } from '../support/fault-lab.ts';
import type { Peer, ScriptedServer } from '../support/scripted-server.ts';

const SIZES = { 'copied by the outbox': 1000, 'passed by reference': 40_000, large: 500_000 };

interface Changed {
  make(bytes: number): Uint8Array;
  change(value: Uint8Array): void;
}

/** Resizable ArrayBuffers are newer than the library the types are of. */
interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}
const resizable = (bytes: number): Resizable => {
  const Class = ArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => Resizable;
  return new Class(bytes, { maxByteLength: bytes * 2 });
};
const filled = (value: Uint8Array): Uint8Array => value.fill(0x61);

const CHANGES: Record<string, Changed> = {
  transferred: {
    make: (bytes) => filled(new Uint8Array(bytes)),
    change: (value) =>
      void structuredClone(value.buffer, { transfer: [value.buffer as ArrayBuffer] }),
  },
  shrunk: {
    make: (bytes) => filled(new Uint8Array(resizable(bytes))),
    change: (value) => (value.buffer as Resizable).resize(10),
  },
  'shrunk to nothing': {
    make: (bytes) => filled(new Uint8Array(resizable(bytes))),
    change: (value) => (value.buffer as Resizable).resize(0),
  },
  grown: {
    make: (bytes) => filled(new Uint8Array(resizable(bytes))),
    change: (value) => (value.buffer as Resizable).resize(value.length + 10),
  },
  mutated: {
    make: (bytes) => filled(new Uint8Array(bytes)),
    change: (value) => void value.fill(0x62),
  },
};

for (const [size, bytes] of Object.entries(SIZES)) {
  for (const [how, { make, change }] of Object.entries(CHANGES)) {
    for (const where of ['first', 'again'] as const) {
      const when = where === 'first' ? 'while connecting' : 'in the moment of the call';
      test(`${size}, ${how} ${when}: refused or whole`, async (t) => {
        const { server, client } = await lab(t, { compressor: 'none' });
        if (where === 'again') await client.set('first', 1);
        const value = make(bytes);
        const call = outcomeOf(client.set('a', value));
        const after = client.set('b', 'after');
        change(value);
        await assertWhole(server, await call, bytes);
        assert.equal(await after, true);
        await assertInStep(client);
      });
    }

    test(`${size}, ${how} while a slow reader takes it: whole, or the connection is given up`, async (t) => {
      const { server, client, peer } = await slowReader(t);
      const values = Array.from({ length: 40 }, () => make(bytes));
      const calls = values.map((value, i) => outcomeOf(client.set(`a${i}`, value)));
      await sleep(20);
      for (const value of values) change(value);
      peer.resume();
      for (const [i, call] of calls.entries())
        await assertWhole(server, await call, bytes, `a${i}`);
      await assertInStep(client);
    });
  }
}

test('a value that was detached before the call is refused: it would be stored as empty', async (t) => {
  const { server, client } = await lab(t);
  const value = new Uint8Array(1000);
  structuredClone(value.buffer, { transfer: [value.buffer] });
  await rejects(client.set('a', value), 'ERR_MEMCACHE_VALUE', 'no');
  assert.equal(server.record, '');
});

async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return error;
  }
}

async function assertWhole(
  server: ScriptedServer,
  outcome: unknown,
  bytes: number,
  key = 'a',
): Promise<void> {
  const item = server.items.get(key);
  if (outcome === true) {
    assert.equal(item?.data.length, bytes);
    assert.match(item.data.toString('latin1'), /^[ab]*$/);
    return;
  }
  assert.ok(outcome instanceof MemcacheError, String(outcome));
  if (outcome.code === 'ERR_MEMCACHE_VALUE') {
    assert.equal(outcome.sent, 'no');
    assert.equal(item, undefined);
    return;
  }
  assert.equal(outcome.code, 'ERR_MEMCACHE_CONNECTION_LOST');
}

async function slowReader(
  t: TestContext,
): Promise<{ server: ScriptedServer; client: MemcacheClient; peer: Peer }> {
  const made = await lab(t, { compressor: 'none', bulkBytes: 2 ** 30 });
  made.server.next.push((request, peer) => {
    peer.answerAndPause(request);
  });
  await made.client.set('first', 1);
  return { ...made, peer: made.server.users[0] };
}
