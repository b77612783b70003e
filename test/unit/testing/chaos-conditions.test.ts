import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bottleneck, type ChaosConditions, startChaosProxy } from '../../../src/testing/index.ts';
import { until } from '../../support/fault-lab.ts';
import { Wires } from './wires.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

test('without faults everything passes both ways, and is counted', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  client.send('get a\r\n');
  assert.equal(await server.got(7), 'get a\r\n');
  server.send('END\r\n');
  assert.equal(await client.got(5), 'END\r\n');
  const { counters } = wires.proxy;
  assert.deepEqual(counters, {
    connections: 1,
    open: 1,
    toServerBytes: 7,
    toClientBytes: 5,
    faults: {},
  });
  assert.deepEqual(wires.proxy.connections[0].recorded.toClient.length, 0);
});

test('an end passes behind what was sent before it, and leaves nothing open', async (t) => {
  const wires = await Wires.lay(t);
  wires.proxy.set({ delayMs: 20 });
  const { client, server } = await wires.connection();
  server.send(LETTERS);
  server.socket.end();
  await until(() => client.closed);
  assert.equal(client.text, LETTERS);
  assert.equal(client.error, undefined);
  await until(() => wires.proxy.counters.open === 0);
});

test('a client that goes away is not kept by the server', async (t) => {
  const wires = await Wires.lay(t);
  for (const leave of ['destroy', 'resetAndDestroy'] as const) {
    const { client, server } = await wires.connection();
    client.socket[leave]();
    await until(() => server.closed);
  }
});

test('a server that is not there looks like a connection that is reset', async (t) => {
  const wires = await Wires.lay(t, { to: '127.0.0.1:1' });
  const client = await wires.client();
  await until(() => client.closed);
  assert.equal(client.error, 'ECONNRESET');
});

test('record keeps what both sides sent, not what arrived', async (t) => {
  const wires = await Wires.lay(t, { record: true });
  wires.proxy.set({ blackhole: true });
  const { client, server } = await wires.connection();
  client.send('version\r\n');
  await server.got(9);
  server.send('VERSION 1\r\n');
  const [connection] = wires.proxy.connections;
  await until(() => connection.recorded.toClient.length === 11);
  assert.equal(connection.recorded.toServer.toString(), 'version\r\n');
  assert.equal(client.text, '');
});

test('delay keeps chunks back and in their order', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  wires.proxy.set({ delayMs: [5, 60] });
  const begin = performance.now();
  for (const letter of LETTERS) {
    server.send(letter);
    await sleep(1);
  }
  assert.equal(await client.got(26), LETTERS);
  wires.proxy.set({ delayMs: 80 });
  server.send('!');
  await client.got(27);
  assert.ok(performance.now() - begin >= 80);
  assert.ok(wires.proxy.counters.faults['delayMs'] >= 2);
});

test('split by every, upTo and at: each piece in a read of its own', async (t) => {
  const cases: [ChaosConditions['split'], number[]?][] = [
    [{ every: 5 }, [5, 5, 5, 5, 5, 1]],
    [{ every: 1 }, new Array<number>(26).fill(1)],
    [{ at: [3, 20] }, [3, 17, 6]],
    [{ upTo: 4 }],
  ];
  for (const [split, lengths] of cases) {
    const wires = await Wires.lay(t);
    wires.proxy.set({ split: split && { ...split, gapMs: 4 } });
    const { client, server } = await wires.connection();
    server.send(LETTERS);
    assert.equal(await client.got(26), LETTERS);
    const seen = client.reads.map(({ length }) => length);
    if (lengths !== undefined) assert.deepEqual(seen, lengths);
    else assert.ok(seen.length > 6 && Math.max(...seen) <= 4, String(seen));
  }
});

test('without a gap, a turn of the event loop keeps most pieces apart', async (t) => {
  const wires = await Wires.lay(t);
  wires.proxy.set({ split: { every: 2 } });
  const { client, server } = await wires.connection();
  server.send(LETTERS);
  await client.got(26);
  assert.equal(wires.proxy.counters.faults['split'], 13);
  assert.ok(client.reads.length > 6, `${client.reads.length} reads`);
});

test('chance comes from the seed, and chunks do not matter', async (t) => {
  const seen: string[] = [];
  for (const [seed, pieces] of [
    [7, 1],
    [7, 13],
    [8, 1],
  ]) {
    const wires = await Wires.lay(t, { seed });
    wires.proxy.set({ corrupt: 0.1, split: { upTo: 9, gapMs: 3 } });
    const { client, server } = await wires.connection();
    const text = LETTERS.repeat(4);
    for (let at = 0; at < text.length; at += text.length / pieces) {
      server.send(text.slice(at, at + text.length / pieces));
      if (pieces > 1) await sleep(2);
    }
    const got = await client.got(text.length);
    assert.notEqual(got, text);
    assert.ok(wires.proxy.counters.faults['corrupt'] > 0);
    seen.push(got);
  }
  assert.equal(seen[0], seen[1]);
  assert.notEqual(seen[0], seen[2]);
});

test('bytesPerSecond: one connection for itself, and a bottleneck for all of several proxies', async (t) => {
  const each = 20_000;
  const wires = await Promise.all([Wires.lay(t), Wires.lay(t)]);
  const timeOf = async (limit: number | Bottleneck): Promise<number> => {
    const begin = performance.now();
    await Promise.all(
      wires.map(async (one) => {
        one.proxy.set({ bytesPerSecond: limit });
        const { client, server } = await one.connection();
        server.send('x'.repeat(each));
        await client.got(each);
      }),
    );
    return performance.now() - begin;
  };
  assert.ok((await timeOf(200_000)) >= 95);
  const link = new Bottleneck(200_000);
  const shared = timeOf(link);
  await until(() => link.queuedMs > 50);
  assert.ok((await shared) >= 190);
});

test('freeze holds everything, an end too, and goes on afterwards', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  wires.proxy.set({ freeze: true });
  server.send('late');
  server.socket.end();
  await sleep(60);
  assert.equal(client.text, '');
  assert.ok(!client.ended);
  wires.proxy.set({ freeze: false });
  await until(() => client.ended);
  assert.equal(client.text, 'late');
});

test('a black hole swallows bytes, and what comes after it arrives', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  wires.proxy.set({ blackhole: true }, { direction: 'both' });
  server.send('lost');
  client.send('lost as well');
  await until(() => wires.proxy.counters.faults['blackhole'] === 16);
  wires.proxy.clear();
  server.send('found');
  assert.equal(await client.got(5), 'found');
  assert.equal(server.text, '');
});

test('stopReading fills the buffers of the sender, and nothing is lost', async (t) => {
  const wires = await Wires.lay(t);
  wires.proxy.set({ stopReading: true }, { direction: 'toServer' });
  const { client, server } = await wires.connection();
  const bytes = 16 * 2 ** 20;
  client.send(Buffer.alloc(bytes, 'x'));
  await sleep(100);
  assert.equal(wires.proxy.counters.toServerBytes, 0);
  assert.ok(client.socket.writableLength > 0);
  wires.proxy.clear();
  await until(() => server.reads.reduce((sum, { length }) => sum + length, 0) === bytes);
});

test('a client that does not read stops the server, not the memory of the proxy', async (t) => {
  const wires = await Wires.lay(t, { bufferBytes: 100_000 });
  const { client, server } = await wires.connection();
  client.socket.pause();
  const bytes = 24 * 2 ** 20;
  server.send(Buffer.alloc(bytes, 'x'));
  await sleep(150);
  assert.ok(server.socket.writableLength > 0);
  client.socket.resume();
  await until(() => client.reads.reduce((sum, { length }) => sum + length, 0) === bytes);
});

test('conditions meant for one connection, the next or a direction leave others alone', async (t) => {
  const wires = await Wires.lay(t);
  wires.proxy.set({ blackhole: true }, { connection: 1 });
  const first = await wires.connection();
  const second = await wires.connection();
  wires.proxy.set({ corrupt: 1 }, { connection: 'next', direction: 'toServer' });
  const third = await wires.connection();
  for (const { client, server } of [first, second, third]) {
    client.send('ask');
    await server.got(3);
    server.send('answer');
  }
  assert.equal(await first.client.got(6), 'answer');
  assert.equal(await third.client.got(6), 'answer');
  assert.equal(second.client.text, '');
  assert.equal(second.server.text, 'ask');
  assert.equal(third.server.text.length, 3);
  for (let i = 0; i < 3; i++) assert.notEqual(third.server.text[i], 'ask'[i]);
});

test('a name or value that means nothing is refused', async (t) => {
  const { proxy } = await Wires.lay(t);
  const cases: Record<string, unknown>[] = [
    { delay: 5 },
    { delayMs: -1 },
    { delayMs: [1, 'x'] },
    { split: { every: 0 } },
    { split: 5 },
    { bytesPerSecond: 0 },
    { freeze: 1 },
    { corrupt: 2 },
  ];
  for (const conditions of cases) {
    assert.throws(
      () => {
        proxy.set(conditions);
      },
      { code: 'ERR_MEMCACHE_OPTION', message: new RegExp(`'${Object.keys(conditions)[0]}'`) },
    );
  }
  await assert.rejects(startChaosProxy({ to: 'nowhere' }), { code: 'ERR_MEMCACHE_OPTION' });
});

test('a proxy keeps no process alive', () => {
  const kit = new URL('../../../src/testing/index.js', import.meta.url).href;
  const program = `
    import { startChaosProxy } from '${kit}';
    const inner = await startChaosProxy({ to: '127.0.0.1:1' });
    await inner.admit('silent');
    const proxy = await startChaosProxy({ to: inner });
    proxy.flap({ upMs: 100000, downMs: 100000 });
    const { connect } = await import('node:net');
    connect(proxy.port, '127.0.0.1').on('connect', function () { this.unref(); });
  `;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    timeout: 20_000,
  });
  assert.equal(status, 0);
});
