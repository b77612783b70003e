import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import type { ConnectionState } from '../../../src/connection/state.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { LineCommand } from '../../../src/server/answer-command.ts';
import { Capabilities } from '../../../src/server/capabilities.ts';
import type { Lane } from '../../../src/server/lane.ts';
import { Lanes } from '../../../src/server/lanes.ts';
import { SERVER_DEFAULTS, type ServerOptions } from '../../../src/server/options.ts';
import { until } from '../../support/fault-lab.ts';
import { ScriptedServer, silence } from '../../support/scripted-server.ts';
import { GET } from '../../../src/server/read-form.ts';
import { AnswerWaiter, Port, ReadWaiter } from '../../support/waiters.ts';

type Options = Partial<ServerOptions & ConnectionOptions>;

const refusalOf = (lanes: Lanes, lane: Lane): MemcacheError | undefined =>
  lane.connection.refusal() ?? (lanes.hasRoom(lane) ? undefined : lanes.overload(lane));

async function lanesFor(t: TestContext, given: Options = {}) {
  const peer = await ScriptedServer.start();
  t.after(() => peer.stop());
  const options = { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS, bulkBytes: 1000, ...given };
  const parts = {
    address: parseServer(peer.address),
    options,
    ticker: new Ticker(),
    metrics: new Metrics(),
    guarded: () => {},
  };
  const capabilities = new Capabilities(options, parts);
  const states: ConnectionState[] = [];
  const told = { late: 0, served: 0, left: 0, shed: [] as [string, number][] };
  const lanes = new Lanes(options, parts, {
    capabilities,
    events: {
      changed: (state) => void states.push(state),
      late: () => void told.late++,
      served: () => void told.served++,
      mayRepeat: () => true,
      rejected: () => {},
      left: () => void told.left++,
      shed: (error, operations) => void told.shed.push([error.code, operations]),
    },
  });
  t.after(() => lanes.close(0));
  t.after(() => capabilities.close());
  const read = (key: string, bytes = 0): { lane: Lane; waiter: ReadWaiter } => {
    const waiter = new ReadWaiter();
    const lane = lanes.laneFor(key, bytes);
    lane.read(GET, key, waiter, 0);
    return { lane, waiter };
  };
  const remove = (key: string): AnswerWaiter<boolean> => {
    const waiter = new AnswerWaiter<boolean>();
    const request = { verb: 'delete', key, text: `delete ${key}` };
    const yes = (): { answer: boolean } => ({ answer: true });
    lanes
      .laneFor(key, 0)
      .send(new LineCommand(request, yes, { server: new Port(), sink: waiter, tag: 0 }));
    return waiter;
  };
  return { peer, lanes, states, told, read, remove };
}

test('by size a command is for the small lane or the bulk one', async (t) => {
  const { lanes } = await lanesFor(t);
  const small = lanes.laneFor('a', 999);
  const bulk = lanes.laneFor('a', 1000);
  assert.deepEqual([small.bulk, bulk.bulk], [false, true]);
  assert.equal(lanes.laneFor('b', 0), small);
  assert.equal(lanes.laneFor('b', Infinity), bulk);
});

test('a key that was seen large is read on the bulk lane, until it is seen small', async (t) => {
  const { lanes } = await lanesFor(t);
  lanes.isLarge('a');
  assert.deepEqual([lanes.laneFor('a', 0).bulk, lanes.laneFor('b', 0).bulk], [true, false]);
  lanes.misplaced('a', true);
  assert.equal(lanes.laneFor('a', 0).bulk, false);
  lanes.misplaced('a', false);
  assert.equal(lanes.laneFor('a', 0).bulk, true);
});

test('a key keeps to the lane where anything about it is unanswered', async (t) => {
  const { peer, lanes, read } = await lanesFor(t);
  peer.script = silence;
  const { lane: small } = read('a');
  const { lane: bulk } = read('b', 5000);
  await until(() => peer.lines.length === 2);
  assert.deepEqual([small.bulk, bulk.bulk], [false, true]);
  assert.equal(lanes.laneFor('a', 5000), small);
  assert.equal(lanes.laneFor('b', 0), bulk);
  for (const user of peer.users) user.send('END\r\n');
  await until(() => !small.connection.busy && !bulk.connection.busy);
  assert.equal(lanes.laneFor('a', 5000), bulk);
  assert.equal(lanes.laneFor('b', 0), small);
});

test('of several connections those with the least to do are taken, a key keeps to its own', async (t) => {
  const { peer, lanes, read, remove } = await lanesFor(t, { connections: 3 });
  peer.script = silence;
  const used: Lane[] = [];
  for (const key of ['a', 'b', 'c']) {
    used.push(read(key).lane);
    await until(() => peer.lines.length === used.length);
  }
  assert.equal(new Set(used).size, 3);
  assert.equal(peer.users.length, 3);
  for (let i = 0; i < 3; i++) assert.equal(lanes.laneFor('abc'[i], 0), used[i]);
  const removed = remove('b');
  assert.equal(lanes.laneFor('b', 0), used[1]);
  await until(() => peer.lines.length === 4);
  const owner = peer.users.find(({ requests }) => requests.length === 2);
  assert.deepEqual(
    owner?.requests.map(({ line }) => line),
    ['get b', 'delete b'],
  );
  for (const user of peer.users) user.send('END\r\n');
  owner?.send('DELETED\r\n');
  await removed.done;
});

test('what leaves together travels together, however many connections there may be', async (t) => {
  const { peer, read } = await lanesFor(t, { connections: 3 });
  const reads = ['a', 'b', 'c', 'd'].map((key) => read(key));
  await until(() => reads.every(({ waiter }) => waiter.told.length === 1));
  assert.deepEqual(peer.lines, ['get a b c d']);
});

test('too many operations or bytes, over all lanes together, are refused', async (t) => {
  const { peer, lanes, read } = await lanesFor(t, { maxQueued: { operations: 2, bytes: 1000 } });
  peer.script = silence;
  const { lane } = read('a');
  assert.equal(refusalOf(lanes, lane), undefined);
  read('b', 5000);
  await until(() => peer.lines.length === 2);
  const refusal = refusalOf(lanes, lane);
  assert.equal(refusal?.code, 'ERR_MEMCACHE_OVERLOADED');
  assert.equal(refusal?.server, peer.address);
  for (const user of peer.users) user.send('END\r\n');
  await until(() => refusalOf(lanes, lane) === undefined);
  lanes.queued(1, 1000);
  assert.match(refusalOf(lanes, lane)?.message ?? '', /1000 bytes/);
});

test('a lane that pauses refuses, until the pauses are ended', async (t) => {
  const { peer, lanes, states, read } = await lanesFor(t, {
    reconnect: { minMs: 60_000, maxMs: 60_000 },
  });
  await peer.away();
  const reads = [read('a'), read('b', 5000)];
  await until(() => reads.every(({ waiter }) => waiter.told.length === 1));
  for (const { lane } of reads)
    assert.equal(refusalOf(lanes, lane)?.code, 'ERR_MEMCACHE_UNAVAILABLE');
  assert.deepEqual(states, ['backoff', 'backoff']);
  lanes.endPauses();
  for (const { lane } of reads) assert.equal(refusalOf(lanes, lane), undefined);
});

test('a lost connection has the server asked anew what it can do', async (t) => {
  const { peer, states, read } = await lanesFor(t, { reconnect: { minMs: 1, maxMs: 1 } });
  const { waiter } = read('a');
  await until(() => waiter.told.length === 1);
  const asked = (): number => peer.peers.filter(({ negotiates }) => negotiates).length;
  assert.equal(asked(), 1);
  await peer.users[0].reset();
  await until(() => states.length === 2);
  const again = read('a');
  await until(() => again.waiter.told.length === 1);
  assert.equal(asked(), 2);
});

test('answers and late calls of every lane are told', async (t) => {
  const { peer, lanes, told, read } = await lanesFor(t);
  const reads = [read('a'), read('b', 5000)];
  await until(() => reads.every(({ waiter }) => waiter.told.length === 1));
  assert.ok(told.served >= 2);
  peer.script = silence;
  const late = [0, 5000].map((bytes) => {
    const waiter = new ReadWaiter(performance.now() + 20);
    lanes.laneFor(`late:${bytes}`, bytes).read(GET, `late:${bytes}`, waiter, 0);
    return waiter;
  });
  await until(() => late.every(({ told: [first] }) => first !== undefined));
  assert.equal(told.late, 2);
});

test('closed it makes no further lane, and every lane is closed', async (t) => {
  const { peer, lanes, read } = await lanesFor(t);
  const reads = [read('a'), read('b')];
  await until(() => reads.every(({ waiter }) => waiter.told.length === 1));
  await lanes.close(100);
  const lane = lanes.laneFor('b', 5000);
  assert.equal(lane.bulk, false);
  assert.equal(refusalOf(lanes, lane)?.code, 'ERR_MEMCACHE_CLOSED');
  await until(() => peer.users.every(({ closed }) => closed));
});
