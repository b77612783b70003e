// Bytes that trickle in, bytes that do not leave: every one of them is right and in its place.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemcacheClient } from '../../src/index.ts';
import {
  assertInStep,
  hit,
  lab,
  STUFFABLE,
  stuffing,
  until,
  valueOf,
} from '../support/fault-lab.ts';
import type { Peer, ScriptedServer } from '../support/scripted-server.ts';

const MIB = 2 ** 20;

test('one byte at a time: every value is right', async (t) => {
  const { server, client } = await lab(t);
  const text = `größer als ein Byte ${'€'.repeat(20)}`;
  server.next.push((_request, peer) => {
    const reply = Buffer.from(`${hit('a', text)}${hit('c', '')}END\r\n`);
    void peer.sendApart(...Array.from(reply, (byte) => Buffer.of(byte)));
  });
  const values = await Promise.all(['a', 'b', 'c'].map((key) => client.get(key)));
  assert.deepEqual(values, [text, undefined, '']);
  assert.equal(server.users.length, 1);
});

test('every cut of a pipeline of answers gives the same values', async (t) => {
  const { server, client } = await lab(t, { volleyKeys: 2 });
  const replies = `${hit('a')}END\r\n${hit('c')}${hit('d')}END\r\nSTORED\r\nNOT_FOUND\r\n`;
  for (let at = 1; at < replies.length; at++) {
    let came = 0;
    server.script = (_request, peer) => {
      if (++came === 4) void peer.sendApart(replies.slice(0, at), replies.slice(at));
    };
    const values = await Promise.all([
      ...['a', 'b', 'c', 'd'].map((key) => client.get(key)),
      client.set('e', 1),
      client.delete('f'),
    ]);
    assert.deepEqual(values, [valueOf('a'), undefined, valueOf('c'), valueOf('d'), true, false]);
  }
  assert.equal(server.users.length, 1);
});

test('a large value in uneven pieces, small ones around it', async (t) => {
  const { server, client } = await lab(t, { readBufferBytes: 4096 });
  const large = randomBytes(300_000).toString('base64');
  const reply = Buffer.from(`${hit('a')}${hit('b', large)}${hit('c')}END\r\n`);
  server.script = (_request, peer) => {
    const pieces: Buffer[] = [];
    for (let at = 0, size = 1; at < reply.length; at += size, size = ((size * 7) % 30_011) + 1)
      pieces.push(reply.subarray(at, at + size));
    void peer.sendApart(...pieces);
  };
  const values = await Promise.all(['a', 'b', 'c'].map((key) => client.get(key)));
  assert.equal(values[1], large);
  assert.deepEqual([values[0], values[2]], [valueOf('a'), valueOf('c')]);
});

test('a value handed out is not written to by later reads', async (t) => {
  const { server, client } = await lab(t);
  const kept: { sum: string; bytes: Buffer }[] = [];
  for (let round = 0; round < 60; round++) {
    const bytes = randomBytes(round % 2 === 0 ? 50 : 40_000);
    server.items.set('a', { flags: '0', data: bytes, cas: 1 });
    kept.push({ sum: digest(bytes), bytes: (await client.get<Buffer>('a')) as Buffer });
  }
  for (const { sum, bytes } of kept) assert.equal(digest(bytes), sum);
});

test('a reader that stops: no block is overwritten before it has left', async (t) => {
  const { server, client, peer } = await slowReader(t);
  const sums = new Map<string, string>();
  const pending: Promise<unknown>[] = [client.set('stuffing', stuffing())];
  // Copied, by reference, and mixed: what the outbox gathers in its own blocks and what it refers to.
  for (let i = 0; i < 160; i++) {
    const bytes = randomBytes(i % 3 === 0 ? 60_000 : 16_000);
    sums.set(`block:${i}`, digest(bytes));
    pending.push(client.set(`block:${i}`, bytes));
    if (i % 8 === 0) await sleep(2);
  }
  const beat = beats(t, peer);
  await Promise.all(pending);
  clearInterval(beat);
  peer.resume();
  let wrong = 0;
  for (const [key, sum] of sums) {
    const item = server.items.get(key);
    if (item === undefined || digest(item.data) !== sum) wrong++;
  }
  assert.equal(wrong, 0, `${wrong} wrong blocks of ${sums.size}`);
  await assertInStep(client);
});

test('a reader that stops and goes on, many times: thousands of small stores arrive in order', async (t) => {
  const { client, peer } = await slowReader(t);
  const beat = beats(t, peer);
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 6000; i++) {
    calls.push(client.set(`k${i % 50}`, `${i} ${'x'.repeat(i % 900)}`));
    if (i % 100 === 0) await sleep(1);
  }
  await Promise.all(calls);
  clearInterval(beat);
  peer.resume();
  for (let key = 0; key < 50; key++) {
    const last = 5950 + key;
    assert.equal(await client.get(`k${key}`), `${last} ${'x'.repeat(last % 900)}`);
  }
});

test('a reader that stops keeps memory bounded by what may be queued', async (t) => {
  const { server, client } = await slowReader(t, { operations: 100_000, bytes: 4 * MIB });
  const value = randomBytes(50_000);
  const calls = Array.from({ length: 400 }, (_, i) => client.set(`k${i}`, value));
  const settled = Promise.allSettled(calls);
  await until(() => client.metrics().shed > 0);
  assert.ok(client.metrics().shed >= 300, `${client.metrics().shed}`);
  server.users.forEach((peer) => peer.resume());
  for (const outcome of await settled) {
    if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'ERR_MEMCACHE_OVERLOADED');
  }
  await assertInStep(client);
});

/** A connection whose peer has stopped reading. */
async function slowReader(
  t: TestContext,
  maxQueued?: { operations: number; bytes: number },
): Promise<{ server: ScriptedServer; client: MemcacheClient; peer: Peer }> {
  const made = await lab(t, { ...STUFFABLE, ...(maxQueued && { maxQueued }), timeoutMs: 30_000 });
  made.server.itemSizeMax = 2 ** 30;
  made.server.next.push((request, peer) => peer.answerAndPause(request));
  await made.client.set('first', 1);
  return { ...made, peer: made.server.users[0] };
}

/** Reads and stops, again and again. */
function beats(t: TestContext, peer: Peer): NodeJS.Timeout {
  const beat = setInterval(() => (peer.socket.isPaused() ? peer.resume() : peer.pause()), 3);
  t.after(() => clearInterval(beat));
  return beat;
}

const digest = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
