// A value that is larger than somebody wants values to be is told of, and stored all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lab } from '../support/fault-lab.ts';

const OPTIONS = { compressor: 'none', retry: { maybeSent: 'sets' } } as const;

test('largeValue is told of what is over warnValueBytes', async (t) => {
  const { server, client } = await lab(t, { ...OPTIONS, warnValueBytes: 100 });
  const told: unknown[] = [];
  client.on('largeValue', (event) => told.push(event));
  assert.equal(await client.set('a', 'x'.repeat(100)), true);
  assert.equal(await client.set('a', Buffer.alloc(101)), true);
  assert.equal(await client.add('b', 'ü'.repeat(51)), true);
  assert.equal(await client.setMany({ c: 'x', d: 'x'.repeat(200_000) }), true);
  const { address } = server;
  assert.deepEqual(told, [
    { server: address, command: 'set', bytes: 101 },
    { server: address, command: 'add', bytes: 102 },
    { server: address, command: 'set', bytes: 200_000 },
  ]);
});

test('each attempt is told of', async (t) => {
  const { server, client } = await lab(t, { ...OPTIONS, warnValueBytes: 1 });
  let told = 0;
  client.on('largeValue', () => told++);
  server.next.push((_, peer) => peer.end());
  assert.equal(await client.set('a', 'xx'), true);
  assert.equal(told, 2);
});

test('nothing is told by default', async (t) => {
  const { client } = await lab(t, OPTIONS);
  client.on('largeValue', () => assert.fail('told'));
  assert.equal(await client.set('a', 'x'.repeat(500_000)), true);
});
