import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineAsker } from '../../support/line-asker.ts';
import { silence } from '../../support/scripted-server.ts';
import { connectionFor, peerOf, settled } from './connections.ts';

test('that callers gave up is told once, with how long no byte has come', async (t) => {
  const { server, connection, room, ask } = await connectionFor(t);
  await settled(ask('first'));
  server.script = silence;
  const sent = performance.now();
  const late = [1, 2, 3].map((i) => new LineAsker(`late:${i}`, sent + 150));
  for (const command of late) connection.send(command);
  await settled(late);
  assert.equal(room.silences.length, 1);
  const [ms] = room.silences;
  assert.ok(ms >= 100 && ms < 5000, `${ms} ms`);
  ask('patient');
  await sleep(60);
  assert.equal(room.silences.length, 1);
});

test('bytes that came meanwhile make the silence short', async (t) => {
  const { server, connection, room, ask } = await connectionFor(t);
  await settled(ask('first'));
  server.script = silence;
  const late = new LineAsker('late', performance.now() + 200);
  connection.send(late);
  // An answer without an end: there are bytes, but nobody is answered.
  while (late.outcome === undefined) {
    peerOf(server).send('x');
    await sleep(5);
  }
  assert.equal(room.silences.length, 1);
  assert.ok(room.silences[0] < 150, `${room.silences[0]} ms`);
});

test('a pause that is ended lets the next command dial', async (t) => {
  const { server, connection, ask } = await connectionFor(t, {
    reconnect: { minMs: 60_000, maxMs: 60_000 },
  });
  await server.away();
  const [refused] = ask('a');
  await settled([refused]);
  assert.equal(connection.refusal()?.code, 'ERR_MEMCACHE_UNAVAILABLE');
  await server.listen();
  connection.endPause();
  assert.equal(connection.refusal(), undefined);
  const [answered] = ask('b');
  await settled([answered]);
  assert.equal(answered.outcome, 'answer re b');
  connection.endPause();
  assert.equal(connection.refusal(), undefined);
});

test('to end a pause opens no connection that is closed', async (t) => {
  const { connection } = await connectionFor(t);
  await connection.close(0);
  connection.endPause();
  assert.equal(connection.refusal()?.code, 'ERR_MEMCACHE_CLOSED');
});
