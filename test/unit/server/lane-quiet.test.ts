import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { TICK_MS, Ticker } from '../../../src/primitives/ticker.ts';
import { SERVER_DEFAULTS } from '../../../src/server/options.ts';
import type { QuietRequest } from '../../../src/server/quiet-commands.ts';
import { GET } from '../../../src/server/read-form.ts';
import { Server } from '../../../src/server/server.ts';
import { until } from '../../support/fault-lab.ts';
import { startLineServer } from '../../support/line-server.ts';
import { AnswerWaiter, ReadWaiter } from '../../support/waiters.ts';
import { type Options, QUIET } from './servers.ts';

const VALUE = 'v';

/** What memcached says to a line; '' to those that are quiet, and to values. */
function reply(line: string): string {
  if (line === 'version') return 'VERSION 1.6.18\r\n';
  if (line === 'mn') return 'MN\r\n';
  if (line === 'flush_all') return 'OK\r\n';
  if (/ q$| noreply$/.test(line)) return '';
  if (line.startsWith('get ')) return 'END\r\n';
  if (line.startsWith('delete ')) return 'DELETED\r\n';
  return line.startsWith('set ') ? 'STORED\r\n' : '';
}

interface Lab {
  readonly server: Server;
  readonly metrics: Metrics;
  readonly rejected: [string, number][];
  /** What was sent but the questions of readiness, with the connection it came on. */
  readonly lines: [number, string][];
  readonly sockets: readonly Socket[];
  /** Commands of one line each, values left out. */
  verbs(this: void): string[];
  quietly(this: void, request: QuietRequest): AnswerWaiter<undefined>;
  get(this: void, ...keys: string[]): ReadWaiter;
}

/** `answer` says what is answered instead of what memcached says. */
async function labFor(
  t: TestContext,
  given: Options = {},
  answer: (line: string, socket: Socket) => string | undefined = () => undefined,
): Promise<Lab> {
  const lines: [number, string][] = [];
  let ready = 0;
  const peer = await startLineServer(t, (line, socket) => {
    if (line !== 'version' || ready++ >= peer.sockets.length)
      lines.push([peer.sockets.indexOf(socket), line]);
    return (line === 'version' ? undefined : answer(line, socket)) ?? reply(line);
  });
  const metrics = new Metrics();
  const rejected: [string, number][] = [];
  const server = new Server({
    address: parseServer(peer.address),
    options: {
      ...CONNECTION_DEFAULTS,
      ...SERVER_DEFAULTS,
      dialect: 'meta',
      maxValueBytes: 1_000_000,
      ...given,
    },
    ticker: new Ticker(),
    metrics,
    events: {
      ...QUIET,
      rejected: (name, { code }, commands) => {
        assert.equal(name, peer.address);
        rejected.push([code, commands]);
      },
    },
  });
  t.after(() => server.close(0));
  const quietly = (request: QuietRequest): AnswerWaiter<undefined> => {
    const waiter = new AnswerWaiter<undefined>();
    server.quietly(request, { sink: waiter, tag: 0 });
    return waiter;
  };
  const get = (...keys: string[]): ReadWaiter => {
    const waiter = new ReadWaiter();
    keys.forEach((key, tag) => server.read(GET, key, waiter, tag));
    return waiter;
  };
  const verbs = (): string[] =>
    lines.map(([, line]) => line).filter((line) => !/^x*$|^v$/.test(line));
  return { server, metrics, rejected, lines, sockets: peer.sockets, verbs, quietly, get };
}

const set = (key: string, data = VALUE, release?: () => void): QuietRequest => ({
  verb: 'set',
  key,
  flags: 0,
  exptime: 0,
  cas: undefined,
  data,
  release,
});

const remove = (server: Server, key: string): AnswerWaiter<boolean> => {
  const waiter = new AnswerWaiter<boolean>();
  server.delete(key, { sink: waiter, tag: 0 });
  return waiter;
};

test('commands of one moment leave as one batch, in one slot', async (t) => {
  const { server, metrics, verbs, quietly } = await labFor(t);
  const waiters = [quietly(set('a')), quietly({ verb: 'delete', key: 'b' }), quietly(set('c'))];
  assert.deepEqual(await Promise.all(waiters.map(({ done }) => done)), Array(3).fill(undefined));
  await server.close(5000);
  assert.deepEqual(verbs(), ['ms a 1 F0 T0 MS q', 'md b q', 'ms c 1 F0 T0 MS q', 'mn']);
  assert.deepEqual([metrics.stores, metrics.deletes, metrics.flushes], [2, 1, 1]);
});

test('reads of a key stay on their side of it', async (t) => {
  const { verbs, quietly, get } = await labFor(t);
  const before = get('a', 'other');
  quietly(set('a'));
  quietly(set('b'));
  const after = get('a');
  await until(() => before.told.length + after.told.length === 3);
  assert.deepEqual(verbs(), [
    'get a other',
    'ms a 1 F0 T0 MS q',
    'ms b 1 F0 T0 MS q',
    'mn',
    'get a',
  ]);
});

test('a read of another key does not end it', async (t) => {
  const { verbs, quietly, get } = await labFor(t);
  quietly(set('a'));
  const waiter = get('other');
  quietly(set('b'));
  await until(() => waiter.told.length === 1);
  assert.deepEqual(verbs(), ['ms a 1 F0 T0 MS q', 'ms b 1 F0 T0 MS q', 'mn', 'get other']);
});

test('a command that is answered stays on its side, one about the server behind everything', async (t) => {
  const { server, verbs, quietly } = await labFor(t);
  quietly(set('a'));
  const elsewhere = remove(server, 'z');
  quietly(set('b'));
  const same = remove(server, 'a');
  quietly(set('a'));
  const flushed = new AnswerWaiter<true>();
  server.flushAll(0, { sink: flushed, tag: 0 });
  await Promise.all([elsewhere.done, same.done, flushed.done]);
  assert.deepEqual(verbs(), [
    'delete z',
    'ms a 1 F0 T0 MS q',
    'ms b 1 F0 T0 MS q',
    'mn',
    'delete a',
    'set a 0 0 1',
    'flush_all',
  ]);
});

test('what would be too much for one makes another', async (t) => {
  const { server, verbs, quietly } = await labFor(t);
  for (let i = 0; i < 300; i++) quietly({ verb: 'delete', key: `k${i}` });
  for (let i = 0; i < 3; i++) quietly(set(`s${i}`, 'x'.repeat(30_000)));
  quietly(set('large', 'x'.repeat(65_500)));
  quietly(set('last'));
  await server.close(5000);
  const lines = verbs().map((line) => line.split(' ').slice(0, 2).join(' '));
  const ends = lines.flatMap((line, i) => (line === 'mn' ? [i] : []));
  assert.deepEqual(ends.slice(0, 2), [256, 256 + 1 + 44 + 2]);
  assert.deepEqual(lines.slice(ends[1] + 1), ['set s2', 'set large', 'set last']);
});

test('with several connections a key stays on its own until the barrier is answered', async (t) => {
  const held: Socket[] = [];
  const { lines, quietly, get } = await labFor(t, { connections: 4 }, (line, socket) => {
    if (line !== 'mn') return undefined;
    held.push(socket);
    return '';
  });
  quietly(set('a'));
  quietly(set('b'));
  await until(() => held.length === 1);
  const [[first]] = lines;
  // Another connection is opened for what is about other keys.
  const other = get('other');
  await until(() => other.told.length === 1);
  const same = get('b');
  await until(() => lines.some(([, line]) => line === 'get b'));
  held[0].write('MN\r\n');
  await until(() => same.told.length === 1);
  const way = new Map(lines.map(([socket, line]) => [line, socket]));
  assert.equal(way.get('get b'), first);
  assert.notEqual(way.get('get other'), first);
});

test('it holds its keys and its room until the barrier is answered', async (t) => {
  const held: Socket[] = [];
  const options = { maxQueued: { operations: 3, bytes: 10_000 } };
  const { quietly } = await labFor(t, options, (line, socket) => {
    if (line !== 'mn') return undefined;
    held.push(socket);
    return '';
  });
  const sent = [quietly(set('a')), quietly(set('b')), quietly(set('c'))];
  let freed = 0;
  const turnedAway = await quietly(set('d', VALUE, () => void freed++)).done;
  assert.ok(turnedAway instanceof MemcacheError);
  assert.deepEqual([turnedAway.code, turnedAway.sent, freed], ['ERR_MEMCACHE_OVERLOADED', 'no', 1]);
  await until(() => held.length === 1);
  assert.deepEqual(
    sent.map(({ told }) => told.length),
    [0, 0, 0],
    'so much waits that they do, too',
  );
  const still = await quietly(set('d')).done;
  assert.ok(still instanceof MemcacheError, 'they have left, and are not answered');
  held[0].write('MN\r\n');
  await Promise.all(sent.map(({ done }) => done));
  let answer: unknown = still;
  while (answer !== undefined) {
    await sleep(1);
    answer = await quietly(set('d')).done;
  }
});

test('bytes that are being collected count, too', async (t) => {
  const { quietly } = await labFor(t, { maxQueued: { operations: 1000, bytes: 5000 } });
  const waiters = Array.from({ length: 10 }, (_, i) => quietly(set(`k${i}`, 'x'.repeat(1000))));
  const outcomes = await Promise.all(waiters.map(({ done }) => done));
  assert.deepEqual(
    outcomes.map((outcome) => outcome?.code),
    [...Array(5).fill(undefined), ...Array(5).fill('ERR_MEMCACHE_OVERLOADED')],
  );
});

test('any number of them may be unanswered, since nobody has given up waiting', async (t) => {
  let barriers = 0;
  const { server, sockets, quietly } = await labFor(t, { stallTimeoutMs: 60_000 }, (line) => {
    if (line !== 'mn') return undefined;
    barriers++;
    return '';
  });
  for (let i = 0; i < 1100; i++) {
    quietly(set('a'));
    await quietly(set('b')).done;
  }
  await until(() => barriers === 1100);
  await sleep(3 * TICK_MS);
  const [socket] = sockets;
  assert.deepEqual([sockets.length, socket.destroyed], [1, false]);
  socket.write('MN\r\n'.repeat(1100));
  await server.close(5000);
});

test('errors are told with the number of commands they may concern', async (t) => {
  const { server, metrics, rejected, quietly, get } = await labFor(t, {}, (line) =>
    line.startsWith('ms b') ? 'SERVER_ERROR out of memory storing object\r\n' : undefined,
  );
  const waiters = ['a', 'b', 'c'].map((key) => quietly(set(key)));
  const after = get('a');
  assert.deepEqual(await Promise.all(waiters.map(({ done }) => done)), Array(3).fill(undefined));
  await until(() => after.told.length === 1);
  assert.deepEqual(rejected, [['ERR_MEMCACHE_SERVER', 3]]);
  assert.deepEqual(after.told, [[0, 'miss']]);
  assert.equal(metrics.protocolErrors, 0);
  await server.close(0);
});
