import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/fault-lab.ts';
import { LineAsker } from '../../support/line-asker.ts';
import { silence } from '../../support/scripted-server.ts';
import { answers, connectionFor, echo, peerOf, settled } from './connections.ts';

test('it is dialled by its first command, and every answer finds its own', async (t) => {
  const { server, ask, connection, metrics, room } = await connectionFor(t);
  assert.equal(connection.busy, false);
  assert.equal(server.peers.length, 0);
  const commands = ask('a', 'b', 'c');
  assert.equal(connection.busy, true);
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re a', 'answer re b', 'answer re c']);
  for (const { fate } of commands) assert.equal(fate[0], 'written');
  assert.equal(connection.busy, false);
  assert.equal(room.gone, 3);
  assert.deepEqual([metrics.connects, metrics.reconnects], [1, 0]);
  assert.equal(metrics.bytesWritten, 'a\r\nb\r\nc\r\n'.length);
  assert.equal(metrics.bytesRead, 'VERSION 1.6.18\r\n'.length + 're a\r\n'.length * 3);
});

test('commands of one moment leave in one write, and their data is released after it', async (t) => {
  const { server, ask, metrics } = await connectionFor(t);
  await settled(ask('first'));
  const flushes = metrics.flushes;
  const chunks: string[] = [];
  peerOf(server).socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const commands = ask('a', 'b');
  await Promise.resolve();
  commands.push(...ask('c'));
  process.nextTick(() => ask('of the next moment'));
  await settled(commands);
  await until(() => metrics.flushes === flushes + 2);
  assert.equal(chunks.join(''), 'a\r\nb\r\nc\r\nof the next moment\r\n');
  for (const { fate } of commands)
    assert.equal(fate.filter((what) => what === 'released').length, 1);
});

test('with answers due, the next flush waits for the poll', async (t) => {
  const { server, ask } = await connectionFor(t);
  await settled(ask('first'));
  server.script = silence;
  const [under] = ask('under way');
  await until(() => under.fate.includes('written'));
  const [next] = ask('next');
  process.nextTick(() => process.nextTick(() => ask('after promises')));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  assert.equal(next.fate.length, 0);
  await until(() => server.lines.includes('after promises'));
  assert.equal(next.fate[0], 'written');
});

test('the policy of flushing is the option’s', async (t) => {
  for (const [flush, expected] of [
    ['tick', true],
    ['auto', true],
    ['poll', false],
  ] as const) {
    const { ask } = await connectionFor(t, { flush });
    await settled(ask('first'));
    await new Promise(setImmediate);
    const [command] = ask('next');
    await new Promise<void>((resolve) => {
      queueMicrotask(() => process.nextTick(() => process.nextTick(resolve)));
    });
    assert.equal(command.fate.includes('written'), expected, flush);
    await settled([command]);
  }
});

test('what the room has collected is sealed behind the other commands of the flush', async (t) => {
  const { server, ask, connection, room } = await connectionFor(t);
  await settled(ask('first'));
  const collected = new LineAsker('collected');
  room.collected.push(collected);
  connection.wake();
  const commands = [...ask('a', 'b'), collected];
  await settled(commands);
  assert.deepEqual(server.lines, ['first', 'a', 'b', 'collected']);
});

test('a command that was abandoned while queued is not written', async (t) => {
  const { server, ask, room } = await connectionFor(t);
  const commands = ask('a', 'b', 'c');
  commands[1].abandoned = true;
  await settled([commands[0], commands[2]]);
  assert.deepEqual(server.lines, ['a', 'c']);
  assert.deepEqual(commands[1].fate, ['released']);
  assert.equal(room.gone, 3);
});

test('a command that refuses to be written fails alone', async (t) => {
  const { server, ask, room } = await connectionFor(t);
  const commands = ask('a', 'b', 'c');
  commands[1].stumbles = 'before';
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re a', 'fail before', 'answer re c']);
  assert.deepEqual(server.lines, ['a', 'c']);
  assert.equal(room.gone, 3);
});

test('a command that breaks off in the middle costs the connection, and not a byte is sent', async (t) => {
  const { server, ask, connection } = await connectionFor(t);
  await settled(ask('first'));
  const commands = ask('a', 'b', 'c');
  commands[1].stumbles = 'after';
  await settled(commands);
  assert.deepEqual(answers(commands), [
    'fail ERR_MEMCACHE_CONNECTION_LOST',
    'fail after',
    'answer re c',
  ]);
  assert.deepEqual(server.lines, ['first', 'c']);
  assert.equal(server.users.length, 2);
  for (const { fate } of commands) {
    assert.equal(fate.filter((what) => what === 'released').length, 1, 'data is released once');
  }
  assert.equal(connection.busy, false);
});

test('a flush hands over about a megabyte: the rest can still be taken back', async (t) => {
  const { server, ask, metrics } = await connectionFor(t);
  await settled(ask('first'));
  server.script = silence;
  peerOf(server).pause();
  const before = metrics.bytesWritten;
  const commands = ask(...Array.from({ length: 100 }, (_, i) => String(i % 10).repeat(100_000)));
  await until(() => commands[0].fate.includes('written'));
  await sleep(20);
  const queued = commands.filter(({ fate }) => fate.length === 0);
  assert.ok(metrics.bytesWritten - before < 8_000_000);
  assert.ok(queued.length > 20, `${queued.length} of 100 are still queued`);
});

test('a deadline settles the callers and leaves the slot: later answers find their own', async (t) => {
  const { server, ask, connection, metrics } = await connectionFor(t);
  await settled(ask('first'));
  const held: (() => void)[] = [];
  server.script = (request, peer) => void held.push(() => echo(request, peer));
  const late = new LineAsker('late', performance.now() + 30);
  connection.send(late);
  const [patient] = ask('patient');
  await settled([late]);
  assert.deepEqual(late.fate, ['written', 'released', 'expired maybe']);
  assert.equal(connection.busy, true);
  await until(() => held.length === 2);
  for (const answer of held) answer();
  await settled([patient]);
  assert.equal(patient.outcome, 'answer re patient');
  assert.equal(late.fate.at(-1), 'answer re late', 'its slot has taken its answer');
  assert.equal(metrics.timeouts, 1);
  assert.equal(server.users.length, 1);
});

test('a deadline that passes while queued says that nothing was sent', async (t) => {
  const { server, connection } = await connectionFor(t, { connectTimeoutMs: 5000 });
  server.probed = () => {};
  const command = new LineAsker('a', performance.now() + 20);
  connection.send(command);
  await settled([command]);
  assert.deepEqual(command.fate, ['expired no', 'released']);
});

test('without a byte for stallTimeoutMs it is given up: written is lost, queued moves on', async (t) => {
  const { server, ask, connection } = await connectionFor(t, { stallTimeoutMs: 60 });
  await settled(ask('first'));
  server.script = silence;
  const start = performance.now();
  const [stuck] = ask('stuck');
  await until(() => stuck.fate.includes('written'));
  await settled([stuck]);
  const took = performance.now() - start;
  assert.ok(took >= 55 && took < 1000, `${took} ms`);
  assert.equal(stuck.error?.code, 'ERR_MEMCACHE_CONNECTION_LOST');
  assert.equal(stuck.error.sent, 'maybe');
  server.script = echo;
  const [next] = ask('next');
  await settled([next]);
  assert.equal(next.outcome, 'answer re next');
  assert.equal(server.users.length, 2);
  assert.equal(connection.busy, false);
});

test('a slow answer whose bytes trickle in is no stall', async (t) => {
  const { server, ask } = await connectionFor(t, { stallTimeoutMs: 80 });
  await settled(ask('first'));
  server.script = silence;
  const commands = ask('slow');
  await until(() => server.lines.includes('slow'));
  for (const byte of 're slow\r\n') {
    peerOf(server).send(byte);
    await sleep(30);
  }
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re slow']);
});

test('more than a thousand tombstones are not worth their replies', async (t) => {
  const { server, ask, connection } = await connectionFor(t, { stallTimeoutMs: 60_000 });
  await settled(ask('first'));
  server.script = silence;
  const asked = (count: number): LineAsker[] => {
    const deadline = performance.now() + 30;
    return Array.from({ length: count }, (_, i) => {
      const command = new LineAsker(`late:${i}`, deadline);
      connection.send(command);
      return command;
    });
  };
  const first = asked(1000);
  await settled(first);
  await sleep(30);
  assert.equal(peerOf(server).closed, false);
  const [last] = asked(1);
  await until(() => last.error !== undefined);
  assert.equal(last.error?.code, 'ERR_MEMCACHE_CONNECTION_LOST');
  assert.match(last.error.message, /came too late/);
  await until(() => peerOf(server).closed);
});

test('after idleProbeMs it is probed before it carries a command', async (t) => {
  const { server, ask } = await connectionFor(t, { idleProbeMs: 40 });
  await settled(ask('first'));
  await settled(ask('second'));
  assert.equal(peerOf(server).probes, 1);
  await sleep(60);
  const commands = ask('third');
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re third']);
  assert.deepEqual([server.users.length, peerOf(server).probes], [1, 2]);
});

test('a peer that vanished while nobody talked to it costs a probe, not a command', async (t) => {
  const { server, ask, metrics } = await connectionFor(t, {
    idleProbeMs: 40,
    connectTimeoutMs: 60,
  });
  await settled(ask('first'));
  await sleep(60);
  const [vanished] = server.users;
  server.probed = (peer) => {
    if (peer !== vanished) peer.send('VERSION 1\r\n');
  };
  const commands = ask('second');
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re second']);
  assert.deepEqual([server.users.length, metrics.connectionErrors], [2, 0]);
});

test('what was written is lost with its connection, what was queued goes over the next', async (t) => {
  const { server, ask, metrics } = await connectionFor(t);
  await settled(ask('first'));
  server.next.push(silence, (_request, peer) => peer.end());
  const written = ask('a', 'b');
  await until(() => written[1].fate.includes('written'));
  const queued = ask('c');
  await settled([...written, ...queued]);
  assert.deepEqual(answers(written), Array(2).fill('fail ERR_MEMCACHE_CONNECTION_LOST'));
  for (const { error } of written) assert.equal(error?.sent, 'maybe');
  assert.deepEqual(answers(queued), ['answer re c']);
  assert.deepEqual([metrics.connects, metrics.reconnects], [1, 1]);
});

test('a reply that makes no sense is counted and costs the connection', async (t) => {
  const { server, ask, metrics, guards } = await connectionFor(t);
  server.next.push((_request, peer) => peer.send('re a\r\nre nobody\r\n'));
  const commands = ask('a');
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re a']);
  await until(() => guards.length === 1);
  assert.deepEqual(guards, ['unsolicited']);
  await until(() => peerOf(server).closed);
  assert.equal(metrics.connectionErrors, 1);
});

test('an error line is told to its command; the connection lives if it may', async (t) => {
  const { server, ask } = await connectionFor(t);
  server.next.push(
    (_request, peer) => peer.send('SERVER_ERROR busy\r\n'),
    (_request, peer) => peer.send('CLIENT_ERROR bad data chunk\r\nERROR\r\n'),
  );
  const commands = ask('a', 'b', 'c');
  await settled(commands);
  assert.deepEqual(answers(commands), [
    'refused SERVER_ERROR',
    'refused CLIENT_ERROR',
    'fail ERR_MEMCACHE_PROTOCOL',
  ]);
  const next = ask('d');
  await settled(next);
  assert.deepEqual(answers(next), ['answer re d']);
  assert.equal(server.users.length, 2);
});

test('while the first dial fails, what is queued fails unsent; then commands are turned away', async (t) => {
  const { server, ask, connection, room } = await connectionFor(t, {
    reconnect: { minMs: 200, maxMs: 200 },
  });
  await server.away();
  const commands = ask('a', 'b');
  await settled(commands);
  for (const { error } of commands) {
    assert.equal(error?.code, 'ERR_MEMCACHE_CONNECT');
    assert.equal(error.sent, 'no');
  }
  const refusal = connection.refusal();
  assert.equal(refusal?.code, 'ERR_MEMCACHE_UNAVAILABLE');
  assert.deepEqual([refusal.sent, refusal.retryable], ['no', true]);
  assert.equal((refusal.cause as Error & { code: string }).code, 'ERR_MEMCACHE_CONNECT');
  assert.deepEqual(room.states, ['backoff']);
  await server.listen();
  await until(() => connection.refusal() === undefined);
  const next = ask('c');
  await settled(next);
  assert.deepEqual(answers(next), ['answer re c']);
});

test('close waits for what is under way and for what was collected', async (t) => {
  const { server, ask, connection, room } = await connectionFor(t);
  await settled(ask('first'));
  server.script = (request, peer) => void setTimeout(() => echo(request, peer), 30);
  const commands = ask('a');
  room.collected.push(new LineAsker('collected'));
  commands.push(room.collected[0]);
  const closing = connection.close(5000);
  assert.equal(connection.refusal()?.code, 'ERR_MEMCACHE_CLOSED');
  await closing;
  assert.deepEqual(answers(commands), ['answer re a', 'answer re collected']);
  await until(() => peerOf(server).closed);
});

test('close waits no longer than it is told; then it says what may have been sent', async (t) => {
  const { server, ask, connection } = await connectionFor(t);
  await settled(ask('first'));
  server.script = silence;
  const [written] = ask('written');
  await until(() => written.fate.includes('written'));
  const start = performance.now();
  await connection.close(40);
  assert.ok(performance.now() - start < 1000);
  assert.deepEqual([written.error?.code, written.error?.sent], ['ERR_MEMCACHE_CLOSED', 'maybe']);
});

test('a second close may be more impatient than the first, and ends both', async (t) => {
  const { server, connection, ask } = await connectionFor(t);
  server.script = silence;
  const [command] = ask('one');
  await until(() => server.lines.length === 1);
  const first = connection.close(60_000);
  await connection.close(10);
  await first;
  assert.equal(command.outcome, 'fail ERR_MEMCACHE_CLOSED');
});

test('close of what never had a connection fails what is queued, unsent', async (t) => {
  const { server, ask, connection } = await connectionFor(t);
  server.probed = () => {};
  const [queued] = ask('queued');
  await connection.close(20);
  assert.deepEqual([queued.error?.code, queued.error?.sent], ['ERR_MEMCACHE_CLOSED', 'no']);
  assert.equal(connection.busy, false);
});

test('close of an idle connection is done at once, and for good', async (t) => {
  const { server, ask, connection } = await connectionFor(t);
  await settled(ask('first'));
  await connection.close(5000);
  await connection.close(5000);
  assert.equal(connection.refusal()?.code, 'ERR_MEMCACHE_CLOSED');
  await until(() => peerOf(server).closed);
});

test('a command is said to leave before its callers hear that it failed', async (t) => {
  const { server, ask, room } = await connectionFor(t);
  const commands = ask('a', 'b', 'c');
  commands[1].stumbles = 'before';
  const seen: [left: number, gone: number][] = [];
  for (const command of commands) command.fail = () => void seen.push([room.left, room.gone]);
  server.script = (_request, peer) => void peer.reset();
  await until(() => room.gone === 3);
  assert.deepEqual(seen, [
    [1, 0],
    [2, 1],
    [3, 2],
  ]);
});

test('no deadline is overlooked when those who came too late ask anew', async (t) => {
  const { server, connection, ask } = await connectionFor(t);
  await settled(ask('first'));
  server.next.push(...Array.from({ length: 30 }, () => echo));
  server.script = silence;
  const answered = ask(...Array.from({ length: 30 }, (_, i) => `answered:${i}`));
  const deadline = performance.now() + 60;
  const late = Array.from({ length: 60 }, (_, i) => new LineAsker(`late:${i}`, deadline));
  for (const command of late.slice(0, 30)) connection.send(command);
  await settled(answered);
  for (const command of late.slice(30)) connection.send(command);
  const [first] = late;
  const expire = first.expire.bind(first);
  first.expire = (now, sent) => {
    ask(...Array.from({ length: 10 }, (_, i) => `anew:${i}`));
    return expire(now, sent);
  };
  await settled(late);
  assert.ok(performance.now() - deadline < 1000);
});

/** Answers what it is sent, but does not say that it has taken more than the first so many pieces. */
class Stuck extends Duplex {
  #pieces: number;

  constructor(pieces: number) {
    super();
    this.#pieces = pieces;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.push(String(chunk) === 'version\r\n' ? 'VERSION 1\r\n' : `re ${String(chunk)}`);
    if (--this.#pieces >= 0) done();
  }
}

test('a peer that answers but takes no more is given up after stallTimeoutMs', async (t) => {
  const streams: Stuck[] = [];
  const { ask } = await connectionFor(t, {
    stallTimeoutMs: 60,
    connect: () => {
      streams.push(new Stuck(streams.length === 0 ? 1 : Infinity));
      return streams[streams.length - 1];
    },
  });
  await settled(ask('first'));
  const commands = ask('second');
  await settled(commands);
  assert.deepEqual(answers(commands), ['answer re second']);
  assert.deepEqual([streams.length, streams[0].destroyed], [2, true]);
});
