import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/fault-lab.ts';
import { End, Wires } from './wires.ts';

test('refuse: nobody listens, those who are connected stay, and the address comes back', async (t) => {
  const wires = await Wires.lay(t);
  const { address } = wires.proxy;
  const { client, server } = await wires.connection();
  await wires.proxy.admit('refuse');
  await assert.rejects(wires.client(), { code: 'ECONNREFUSED' });
  server.send('still there');
  await client.got(11);
  await wires.proxy.admit('all');
  assert.equal(wires.proxy.address, address);
  await wires.connection();
});

test('silent: accepted, heard, never answered', async (t) => {
  const wires = await Wires.lay(t, { record: true });
  await wires.proxy.admit('silent');
  const client = await wires.client();
  client.send('version\r\n');
  await until(() => wires.proxy.connections[0]?.recorded.toServer.length === 9);
  assert.equal(wires.servers.length, 0);
  assert.ok(!client.ended);
  client.socket.end();
  await until(() => client.closed);
});

test('reset: accepted and thrown out', async (t) => {
  const wires = await Wires.lay(t);
  await wires.proxy.admit('reset');
  const client = new End(connect(wires.proxy.port, '127.0.0.1'));
  await until(() => client.closed);
  assert.equal(client.error, 'ECONNRESET');
  assert.equal(wires.proxy.counters.connections, 0);
});

test('cut ends everything there is, by RST or by FIN', async (t) => {
  const wires = await Wires.lay(t);
  const pairs = [await wires.connection(), await wires.connection()];
  wires.proxy.connections[0].cut('end');
  await until(() => pairs[0].client.closed && pairs[0].server.closed);
  assert.equal(pairs[0].client.error, undefined);
  assert.ok(!pairs[1].client.closed);
  wires.proxy.cut();
  await until(() => pairs[1].client.closed && pairs[1].server.closed);
  assert.equal(pairs[1].client.error, 'ECONNRESET');
  assert.equal(wires.proxy.counters.open, 0);
});

test('flap: up, down, up again, until it is healed', async (t) => {
  const wires = await Wires.lay(t);
  const { client } = await wires.connection();
  wires.proxy.flap({ upMs: 30, downMs: 30 });
  await until(() => client.closed);
  await until(() => wires.proxy.counters.faults['flap'] >= 4);
  await wires.proxy.heal();
  const flaps = wires.proxy.counters.faults['flap'];
  const calm = await wires.connection();
  await sleep(100);
  assert.equal(wires.proxy.counters.faults['flap'], flaps);
  assert.ok(!calm.client.closed);
});

test('stop resets everybody and frees the address', async (t) => {
  const wires = await Wires.lay(t);
  const { client } = await wires.connection();
  await wires.proxy.stop();
  await until(() => client.closed);
  await assert.rejects(wires.client(), { code: 'ECONNREFUSED' });
});

test('it listens on a Unix socket', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const unixSocket = join(folder, 'chaos.sock');
  const wires = await Wires.lay(t, { unixSocket });
  assert.equal(wires.proxy.address, `unix:${unixSocket}`);
  assert.equal(wires.proxy.port, 0);
  const client = new End(connect(unixSocket));
  client.send('hello');
  await until(() => wires.servers.length === 1);
  assert.equal(await wires.servers[0].got(5), 'hello');
  wires.proxy.cut();
  await until(() => client.closed);
});
