import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { SERVER_DEFAULTS } from '../../../src/server/options.ts';
import { Server } from '../../../src/server/server.ts';
import { until } from '../../support/fault-lab.ts';
import { startLineServer } from '../../support/line-server.ts';
import { silence } from '../../support/scripted-server.ts';
import { AnswerWaiter, ReadWaiter } from '../../support/waiters.ts';
import { GET, GETS } from '../../../src/server/read-form.ts';
import { outcome, QUIET, serverFor, told } from './servers.ts';

test('gets of one moment are one request', async (t) => {
  const { peer, get, set, metrics } = await serverFor(t);
  assert.equal(await outcome(set('b', '2')), 'stored');
  const [first, second] = [get('a', 'b'), get('b', 'c')];
  await until(() => second.told.length === 2);
  assert.deepEqual(peer.lines, ['set b 0 0 1', 'get a b c']);
  assert.deepEqual(
    [told(first), told(second)],
    [
      ['miss', '2'],
      ['2', 'miss'],
    ],
  );
  assert.deepEqual(
    [metrics.gets, metrics.volleys, metrics.volleyKeys, metrics.sharedKeys],
    [4, 1, 3, 1],
  );
  assert.deepEqual([metrics.hits, metrics.misses], [2, 2]);
});

test('get and gets do not share a request', async (t) => {
  const { peer, server, get, set } = await serverFor(t);
  await set('a', '1').done;
  const plain = get('a');
  const withCas = new ReadWaiter();
  server.read(GETS, 'a', withCas, 0);
  await until(() => plain.told.length === 1 && withCas.told.length === 1);
  assert.deepEqual(peer.lines.slice(1), ['get a', 'gets a']);
  assert.equal(withCas.cas, '1');
});

test('a write parts the gets of its key before it from those behind it', async (t) => {
  const { peer, get, set } = await serverFor(t);
  await set('a', 'old').done;
  const before = get('a', 'x');
  const write = set('a', 'new');
  const after = get('a', 'x');
  await until(() => after.told.length === 2);
  await write.done;
  assert.deepEqual(
    [told(before), told(after)],
    [
      ['old', 'miss'],
      ['new', 'miss'],
    ],
  );
  assert.deepEqual(peer.lines.slice(1), ['get a x', 'set a 0 0 3', 'get a x']);
});

test('a write of another key does not part a volley', async (t) => {
  const { peer, get, set } = await serverFor(t);
  await set('z', '0').done;
  const waiter = get('a');
  const write = set('b', '1');
  const more = get('b');
  await until(() => waiter.told.length + more.told.length === 2);
  await write.done;
  assert.deepEqual(peer.lines.slice(1), ['set b 0 0 1', 'get a b']);
});

test('a volley ends at volleyKeys keys and at volleyBytes bytes', async (t) => {
  const { peer, get } = await serverFor(t, { volleyKeys: 3, volleyBytes: 256 });
  const keys = Array.from({ length: 7 }, (_, i) => `k${i}`);
  const long = ['a', 'b', 'c'].map((letter) => letter.repeat(100));
  const waiters = [get(...keys), get(...long)];
  await until(() => waiters[0].told.length + waiters[1].told.length === 10);
  assert.deepEqual(peer.lines, [
    'get k0 k1 k2',
    'get k3 k4 k5',
    `get k6 ${long[0]} ${long[1]}`,
    `get ${long[2]}`,
  ]);
  for (const line of peer.lines) assert.ok(line.length <= 256);
});

test('every command has the answers that are its own', async (t) => {
  const { peer, server } = await serverFor(t);
  peer.items.set('k', { flags: '0', data: Buffer.from('7'), cas: 1 });
  const yes = [0, 1, 2].map(() => new AnswerWaiter<boolean>());
  server.touch('k', 60, { sink: yes[0], tag: 0 });
  server.delete('k', { sink: yes[1], tag: 0 });
  server.flushAll(0, { sink: yes[2], tag: 0 });
  assert.deepEqual(await Promise.all(yes.map(outcome)), [true, true, true]);
  const no = [0, 1].map(() => new AnswerWaiter<boolean>());
  server.touch('k', 60, { sink: no[0], tag: 0 });
  server.delete('k', { sink: no[1], tag: 0 });
  assert.deepEqual(await Promise.all(no.map(outcome)), [false, false]);
  const count = new AnswerWaiter<bigint | undefined>();
  server.count({ verb: 'incr', key: 'k', delta: 1n }, { sink: count, tag: 0 });
  assert.equal(await outcome(count), undefined);
  const version = new AnswerWaiter<string>();
  server.version({ sink: version, tag: 0 });
  assert.equal(await outcome(version), '1.6.18');
});

const FOREIGN: [string, (server: Server, sink: AnswerWaiter<never>) => void, string[]][] = [
  [
    'delete',
    (server, sink) => server.delete('k', { sink, tag: 0 }),
    ['TOUCHED', 'OK', 'HD', 'NF', 'EN', 'STORED', 'END', '1'],
  ],
  [
    'touch',
    (server, sink) => server.touch('k', 1, { sink, tag: 0 }),
    ['DELETED', 'OK', 'HD', 'NF', 'EN', 'STORED', 'END', '1'],
  ],
  [
    'flush_all',
    (server, sink) => server.flushAll(5, { sink, tag: 0 }),
    ['DELETED', 'TOUCHED', 'NOT_FOUND', 'HD', 'END'],
  ],
  [
    'incr',
    (server, sink) => server.count({ verb: 'incr', key: 'k', delta: 1n }, { sink, tag: 0 }),
    ['STORED', '-1', '1.5', '', '123456789012345678901', 'END'],
  ],
];

for (const [verb, issue, words] of FOREIGN) {
  test(`the answer to another command is none to ${verb}`, async (t) => {
    const { peer, server } = await serverFor(t, { reconnect: { minMs: 1, maxMs: 1 } });
    for (const word of words) {
      peer.next.push((_request, user) => user.send(`${word}\r\n`));
      const waiter = new AnswerWaiter<never>();
      issue(server, waiter);
      assert.equal(await outcome(waiter), 'ERR_MEMCACHE_PROTOCOL', word);
      await until(() => peer.users.every((user) => user.closed));
      // Two early losses in a row make it wait, for a millisecond here.
      await sleep(5);
    }
  });
}

test('keys in base64 go by meta commands', async (t) => {
  const { peer, server } = await serverFor(t);
  const key = wireKey(Buffer.from('a b'), '');
  peer.script = ({ verb }, user) => user.send(verb === 'mg' ? 'EN\r\n' : 'HD\r\n');
  const read = new ReadWaiter();
  server.read(GET, key, read, 0);
  const answers = [0, 1].map(() => new AnswerWaiter<boolean>());
  server.delete(key, { sink: answers[0], tag: 0 });
  server.touch(key, 9, { sink: answers[1], tag: 0 });
  assert.deepEqual(await Promise.all(answers.map(outcome)), [true, false]);
  assert.deepEqual(told(read), ['miss']);
  assert.match(peer.lines[0], /^mg YSBi b O\d+ v f$/);
  assert.deepEqual(peer.lines.slice(1), ['md YSBi b', 'mg YSBi b T9']);
});

test('a key in base64 may be touched whoever is to renew its item', async (t) => {
  const { peer, server } = await serverFor(t);
  const key = wireKey(Buffer.from('a b'), '');
  for (const line of ['HD', 'HD W', 'HD X W', 'HD Z X', 'HD Z']) {
    peer.next.push((_request, user) => user.send(`${line}\r\n`));
    const waiter = new AnswerWaiter<boolean>();
    server.touch(key, 9, { sink: waiter, tag: 0 });
    assert.equal(await outcome(waiter), true, line);
  }
});

test('what is queued is bounded by number, and comes free again', async (t) => {
  const { peer, get, shed, set } = await serverFor(t, {
    maxQueued: { operations: 2, bytes: 1000 },
  });
  peer.script = silence;
  const held = get('a', 'b');
  let released = 0;
  assert.equal(await outcome(set('c', '1', () => released++)), 'ERR_MEMCACHE_OVERLOADED');
  assert.equal(released, 1);
  await until(() => peer.lines.length === 1);
  assert.equal(await outcome(set('d', '1')), 'ERR_MEMCACHE_OVERLOADED');
  assert.equal(shed.length, 2);
  assert.match(shed[0].message, /already has 2 operations waiting/);
  peer.users[0].send('END\r\n');
  await until(() => held.told.length === 2);
  const [user] = peer.users;
  peer.script = (_request, one) => one.send('STORED\r\n');
  assert.equal(await outcome(set('d', '1')), 'stored');
  assert.equal(peer.users[0], user);
});

test('gets that only share one key are bounded by number, too', async (t) => {
  const { get, shed } = await serverFor(t, { maxQueued: { operations: 10, bytes: 1000 } });
  const waiter = get(...Array<string>(15).fill('a'));
  assert.equal(shed.length, 5);
  assert.equal(waiter.told.length, 5);
  await until(() => waiter.told.length === 15);
  assert.deepEqual(told(waiter).slice(0, 10), Array<string>(10).fill('miss'));
  assert.deepEqual(told(get('a', 'b')), [], 'there is room again');
});

test('what is queued is bounded by bytes', async (t) => {
  const { peer, set, shed } = await serverFor(t, { maxQueued: { operations: 100, bytes: 1000 } });
  peer.script = silence;
  const held = set('a', Buffer.alloc(1000));
  assert.equal(await outcome(set('b', '1')), 'ERR_MEMCACHE_OVERLOADED');
  assert.match(shed[0].message, /already has 1000 bytes waiting/);
  assert.deepEqual(held.told, []);
});

test('large values travel on a connection of their own', async (t) => {
  const { peer, set, get } = await serverFor(t, { bulkBytes: 1000 });
  await Promise.all([set('small', 's').done, set('large', 'l'.repeat(1000)).done]);
  const waiters = [get('small'), get('large')];
  await until(() => waiters.every((waiter) => waiter.told.length === 1));
  const lines = peer.users.map((user) => user.requests.map(({ line }) => line));
  assert.deepEqual(
    new Set(lines.map((sent) => sent.join(', '))),
    new Set(['set large 0 0 1000, get large', 'set small 0 0 1, get small']),
  );
});

test('operations on one key keep to one connection while any of them is unanswered', async (t) => {
  const { peer, set, get } = await serverFor(t, { bulkBytes: 1000 });
  const answers = [set('k', 'small'), set('k', 'l'.repeat(2000)), set('k', 'small again')];
  const read = get('k');
  await Promise.all(answers.map(outcome));
  await until(() => read.told.length === 1);
  assert.deepEqual(told(read), ['small again']);
  assert.equal(peer.users.filter((user) => user.requests.length > 0).length, 1);
});

test('keys are spread over several connections, each key always on the same', async (t) => {
  const { peer, get } = await serverFor(t, { connections: 4, volleyKeys: 1 });
  const keys = Array.from({ length: 40 }, (_, i) => `key:${i}`);
  for (let round = 0; round < 2; round++) {
    const waiter = get(...keys);
    await until(() => waiter.told.length === keys.length);
  }
  const used = peer.users.filter((user) => user.requests.length > 0);
  assert.equal(used.length, 4);
  for (const key of keys) {
    const askers = used.filter((user) => user.requests.some(({ line }) => line === `get ${key}`));
    assert.equal(askers.length, 1, key);
  }
});

test('a server is asked once for what it takes, and again after a loss', async (t) => {
  const { peer, set, get } = await serverFor(t, { bulkBytes: 100 });
  peer.itemSizeMax = 1000;
  await Promise.all([set('a', '1').done, set('b', 'x'.repeat(100)).done]);
  assert.equal(peer.peers.length - peer.users.length, 1);
  assert.equal(await outcome(set('a', 'x'.repeat(1000))), 'ERR_MEMCACHE_TOO_LARGE');
  for (const user of peer.users) user.end();
  await until(() => peer.users.every((user) => user.closed));
  peer.itemSizeMax = 5000;
  const read = get('a');
  await until(() => read.told.length === 1);
  assert.equal(await outcome(set('a', 'x'.repeat(1000))), 'stored');
  assert.equal(peer.peers.length - peer.users.length, 2);
});

test('nothing is asked where everything is configured', async (t) => {
  const { peer, set } = await serverFor(t, { dialect: 'classic', maxValueBytes: 1000 });
  await set('a', '1').done;
  assert.equal(peer.peers.length, 1);
  assert.equal(await outcome(set('a', 'x'.repeat(1001))), 'ERR_MEMCACHE_TOO_LARGE');
});

test('one bad key behind a proxy is not everybody’s error', async (t) => {
  const { peer, get } = await serverFor(t);
  peer.script = (request, user) => {
    if (request.keys.includes('bad')) user.send('SERVER_ERROR Connection refused\r\n');
    else user.answer(request);
  };
  const waiter = get('a', 'b', 'bad', 'd', 'e');
  await until(() => waiter.told.length === 5);
  assert.deepEqual(told(waiter), ['miss', 'miss', 'ERR_MEMCACHE_SERVER', 'miss', 'miss']);
  assert.equal(peer.users.length, 1);
});

test('while it cannot be reached calls are turned away at once, their data released', async (t) => {
  const { peer, get, set } = await serverFor(t, { reconnect: { minMs: 5000, maxMs: 5000 } });
  await peer.away();
  const first = get('a');
  await until(() => first.told.length === 1);
  assert.deepEqual(told(first), ['ERR_MEMCACHE_CONNECT']);
  let released = 0;
  const refused = set('a', '1', () => released++);
  assert.equal(refused.told.length, 1, 'at once');
  assert.equal(await outcome(refused), 'ERR_MEMCACHE_UNAVAILABLE');
  assert.equal(released, 1);
  assert.deepEqual(told(get('a')), ['ERR_MEMCACHE_UNAVAILABLE']);
});

test('what failed makes room before it is tried again', async (t) => {
  const { peer, server, shed } = await serverFor(t, {
    maxQueued: { operations: 20, bytes: 1000 },
  });
  peer.next.push((_request, user) => void user.reset());
  const waiter = new ReadWaiter();
  waiter.fail = (tag) => server.read(GET, 'same', waiter, tag);
  for (let tag = 0; tag < 20; tag++) server.read(GET, 'same', waiter, tag);
  await until(() => waiter.told.length === 20);
  assert.deepEqual(told(waiter), Array<string>(20).fill('miss'));
  assert.equal(shed.length, 0);
});

test('closed while it is still asked for what it takes, it leaves no connection', async (t) => {
  const peer = await startLineServer(t, (line) => (line === 'version' ? 'VERSION 1\r\n' : ''));
  const ticker = new Ticker();
  const server = new Server({
    address: parseServer(peer.address),
    options: { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS },
    ticker,
    metrics: new Metrics(),
    events: QUIET,
  });
  const waiter = new ReadWaiter();
  server.read(GET, 'a', waiter, 0);
  await until(() => peer.lines.includes('stats settings'));
  await server.close(0);
  ticker.stop();
  assert.deepEqual(told(waiter), ['ERR_MEMCACHE_CLOSED']);
  await until(() => peer.sockets.every(({ destroyed }) => destroyed));
});

test('what is tried again while it closes opens no connection', async (t) => {
  const { peer, server, get } = await serverFor(t, { bulkBytes: 10 });
  const warm = get('warm');
  await until(() => warm.told.length === 1);
  peer.script = silence;
  const first = get('k');
  await until(() => peer.lines.includes('get k'));
  const again = new ReadWaiter();
  const failed = new ReadWaiter();
  again.fail = (tag) => server.read(GET, 'k', failed, tag);
  server.read(GET, 'k', again, 0);
  await until(() => peer.lines.filter((line) => line === 'get k').length === 2);
  const closing = server.close(1000);
  peer.users[0].send('VALUE k 0 10\r\n0123456789\r\nEND\r\n');
  await until(() => first.told.length === 1);
  await peer.users[0].reset();
  await closing;
  assert.deepEqual(told(failed), ['ERR_MEMCACHE_CLOSED']);
  await sleep(20);
  assert.equal(peer.users.length, 1);
});

test('a key in base64 goes the way of large values where that is asked for', async (t) => {
  const { peer, server, get } = await serverFor(t);
  peer.script = ({ verb }, user) => user.send(verb === 'mg' ? 'EN\r\n' : 'END\r\n');
  const plain = get('plain');
  const read = new ReadWaiter();
  read.bulk = true;
  server.read(GET, wireKey(Buffer.from('a b'), ''), read, 0);
  await until(() => plain.told.length === 1 && read.told.length === 1);
  const lines = peer.users.map((user) => user.requests.map(({ line }) => line).join());
  const [small, bulk] = lines.toSorted();
  assert.equal(small, 'get plain');
  assert.match(bulk, /^mg YSBi b O\d+ v f$/);
});
