import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isServer } from '../../../src/routing/fleet.ts';
import type { Server } from '../../../src/server/server.ts';
import { until } from '../../support/fault-lab.ts';
import { silence } from '../../support/scripted-server.ts';
import { AnswerWaiter, ReadWaiter } from '../../support/waiters.ts';
import { GET } from '../../../src/server/read-form.ts';
import { addressesOf, byNumber, fleetFor, LOST, scripted } from './fleets.ts';

const THREE = addressesOf('a:1', 'b:1', 'c:1');

test('before it is told of its servers there is nowhere to go', (t) => {
  const { fleet, route } = fleetFor(t);
  assert.deepEqual([fleet.known, fleet.servers, fleet.addresses], [false, [], []]);
  assert.equal(fleet.owner('0'), undefined);
  assert.equal(fleet.lone, undefined);
  assert.equal(route('0'), 'ERR_MEMCACHE_UNAVAILABLE');
});

test('a key goes to the server that owns it', (t) => {
  const { fleet, route, changes } = fleetFor(t);
  fleet.begin(THREE);
  assert.equal(fleet.known, true);
  assert.deepEqual(['0', '1', '2', '3'].map(route), ['a:1', 'b:1', 'c:1', 'a:1']);
  assert.equal(fleet.owner('1')?.name, 'b:1');
  assert.equal(fleet.lone, undefined);
  assert.deepEqual(changes, [], 'the first list is no change');
});

test('a server that is alone has every key, whatever its health', (t) => {
  const { fleet, route, lose } = fleetFor(t, { failover: 'error' });
  fleet.begin(addressesOf('a:1'));
  lose('a:1');
  assert.equal(fleet.lone?.name, 'a:1');
  assert.equal(route('7'), 'a:1');
});

test("failover 'next': the next candidate has the keys of a lost server, the others keep theirs", (t) => {
  const { fleet, metrics, route, lose } = fleetFor(t);
  fleet.begin(THREE);
  lose('b:1');
  assert.deepEqual(['0', '1', '2'].map(route), ['a:1', 'c:1', 'c:1']);
  assert.equal(metrics.failovers, 1);
  assert.equal(fleet.owner('1')?.name, 'b:1', 'it is still its own');
  lose('c:1');
  assert.deepEqual(['0', '1', '2'].map(route), ['a:1', 'a:1', 'a:1']);
  lose('a:1');
  assert.deepEqual(['0', '1', '2'].map(route), ['a:1', 'b:1', 'c:1'], 'nobody is spared any more');
  assert.equal(metrics.failovers, 3);
});

for (const failover of ['error', 'miss'] as const) {
  test(`failover '${failover}': nobody stands in, and the error says who is missing and why`, (t) => {
    const { fleet, metrics, route, lose } = fleetFor(t, { failover });
    fleet.begin(THREE);
    lose('b:1');
    assert.deepEqual(['0', '2'].map(route), ['a:1', 'c:1']);
    const error = fleet.route('1');
    assert.ok(!isServer(error));
    const { code, server, cause, sent, retryable } = error;
    assert.deepEqual(
      { code, server, cause, sent, retryable },
      { code: 'ERR_MEMCACHE_UNAVAILABLE', server: 'b:1', cause: LOST, sent: 'no', retryable: true },
    );
    assert.equal(metrics.failovers, 0);
  });
}

test("failover 'gutter': a spare server stands in, also for one that is alone", (t) => {
  for (const servers of [THREE, addressesOf('b:1')]) {
    const { fleet, metrics, route, lose } = fleetFor(
      t,
      { failover: 'gutter' },
      { gutter: addressesOf('s:1', 's:2') },
    );
    fleet.begin(servers);
    assert.equal(fleet.lone, undefined);
    assert.equal(route('1'), 'b:1');
    lose('b:1');
    assert.equal(route('1'), 's:2');
    assert.equal(metrics.failovers, 1);
    lose('s:2');
    assert.equal(route('1'), 's:1');
    lose('s:1');
    assert.equal(route('1'), 'ERR_MEMCACHE_UNAVAILABLE');
    assert.deepEqual(
      fleet.servers.map(({ name }) => name),
      servers.map(({ name }) => name),
      'the spare ones are none of the fleet',
    );
  }
});

test('failoverPerSecond bounds what goes to stand-ins, all servers together, and nothing else', (t) => {
  const { fleet, metrics, route, lose } = fleetFor(t, { failoverPerSecond: 5 });
  fleet.begin(THREE);
  lose('b:1', 'c:1');
  const routes = Array.from({ length: 20 }, (_, i) => route(String(1 + (i % 2))));
  const elsewhere = routes.filter((name) => name === 'a:1').length;
  assert.ok(elsewhere >= 5 && elsewhere <= 6, `${elsewhere} went elsewhere`);
  assert.equal(metrics.failovers, elsewhere);
  assert.equal(route('1'), 'ERR_MEMCACHE_UNAVAILABLE');
  for (let i = 0; i < 100; i++) assert.equal(route('0'), 'a:1');
});

test('a change puts another list to use, keeps the servers it has, and says what changed', async (t) => {
  const peers = await scripted(t, 3);
  const [a, b, c] = peers.map(({ address }) => address);
  const { fleet, made, changes, route } = fleetFor(t);
  fleet.begin(addressesOf(a, b));
  await fleet.change(addressesOf(b, c));
  assert.deepEqual(['0', '1'].map(route), [b, c]);
  assert.deepEqual(changes, [{ servers: [b, c], added: [c], removed: [a] }]);
  assert.equal(made.filter(({ name }) => name === b).length, 1);
  assert.equal(fleet.servers[0], made[1]);
  await fleet.change(addressesOf(b, c));
  assert.equal(changes.length, 1, 'the same list is no change');
  await fleet.change(addressesOf(b));
  assert.equal(fleet.lone?.name, b);
});

test('an order or weight of its own is a change that moves keys and makes no server anew', async (t) => {
  const { fleet, made, changes, route } = fleetFor(t);
  fleet.begin(addressesOf('a:1', 'b:1'));
  await fleet.change(addressesOf('b:1', 'a:1'));
  assert.deepEqual(['0', '1'].map(route), ['b:1', 'a:1']);
  assert.deepEqual(changes, [{ servers: ['b:1', 'a:1'], added: [], removed: [] }]);
  assert.equal(made.length, 2);
});

test('a first list that comes late is put to use without a question, and is told', async (t) => {
  const { fleet, changes } = fleetFor(t);
  await fleet.change(THREE);
  assert.deepEqual(
    fleet.servers.map(({ health }) => health.state),
    ['up', 'up', 'up'],
  );
  const names = ['a:1', 'b:1', 'c:1'];
  assert.deepEqual(changes, [{ servers: names, added: names, removed: [] }]);
});

test('a new server is asked for an answer before keys move to it', async (t) => {
  const [a, b] = await scripted(t, 2);
  let answer = (): void => {};
  b.probed = (peer) => {
    answer = () => peer.send('VERSION 1.6.18\r\n');
  };
  const { fleet, route } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  const changed = fleet.change(addressesOf(a.address, b.address));
  await until(() => b.peers.length === 1 && b.peers[0].probes === 1);
  assert.equal(route('1'), a.address);
  answer();
  await until(() => b.peers[0].probes === 2);
  assert.equal(route('1'), a.address);
  answer();
  await changed;
  assert.equal(route('1'), b.address);
});

test('a new server that gives no answer is out until it does', async (t) => {
  const [a, b] = await scripted(t, 2);
  await b.away();
  const { fleet, route } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  await fleet.change(addressesOf(a.address, b.address));
  const [, added] = fleet.servers;
  assert.equal(added.health.state, 'down');
  assert.equal(added.health.lastError?.code, 'ERR_MEMCACHE_CONNECT');
  assert.equal(route('1'), a.address);
  await b.listen();
  await until(() => added.health.state === 'up');
  assert.equal(route('1'), b.address);
});

test('what is under way on a removed server is answered there, then it is let go', async (t) => {
  const [a, b] = await scripted(t, 2);
  a.script = silence;
  const { fleet } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  const reader = new ReadWaiter();
  fleet.owner('0')?.read(GET, '0', reader, 0);
  await until(() => a.lines.length === 1);
  await fleet.change(addressesOf(b.address));
  assert.deepEqual(reader.told, []);
  a.users[0].send('VALUE 0 0 1\r\nx\r\nEND\r\n');
  await until(() => reader.told.length === 1);
  assert.deepEqual(reader.told, [[0, 'x']]);
  await until(() => a.users.every(({ closed }) => closed));
});

test('a removed server has drainTimeoutMs to answer', async (t) => {
  const [a, b] = await scripted(t, 2);
  a.script = silence;
  const { fleet } = fleetFor(t, {}, { drainTimeoutMs: 30 });
  fleet.begin(addressesOf(a.address));
  const reader = new ReadWaiter();
  fleet.owner('0')?.read(GET, '0', reader, 0);
  await until(() => a.lines.length === 1);
  await fleet.change(addressesOf(b.address));
  await until(() => reader.told.length === 1);
  assert.deepEqual(reader.told, [[0, 'ERR_MEMCACHE_CLOSED']]);
});

test('a removed server that comes back while it is drained is made anew', async (t) => {
  const [a, b] = await scripted(t, 2);
  a.script = silence;
  const { fleet, made, route } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  const reader = new ReadWaiter();
  fleet.owner('0')?.read(GET, '0', reader, 0);
  await until(() => a.lines.length === 1);
  await fleet.change(addressesOf(b.address));
  await fleet.change(addressesOf(a.address));
  assert.equal(route('0'), a.address);
  assert.equal(made.filter(({ name }) => name === a.address).length, 2);
  const version = new AnswerWaiter<string>();
  (fleet.owner('0') as Server).version({ sink: version, tag: 0 });
  assert.equal(await version.done, '1.6.18');
});

test('changes follow each other in the order of the calls', async (t) => {
  const peers = await scripted(t, 3);
  const names = peers.map(({ address }) => address);
  const held: (() => void)[] = [];
  peers[1].probed = (peer) => void held.push(() => peer.send('VERSION 1.6.18\r\n'));
  const { fleet, changes } = fleetFor(t);
  fleet.begin(addressesOf(names[0]));
  const all = Promise.all([
    fleet.change(addressesOf(names[0], names[1])),
    fleet.change(addressesOf(names[2])),
    fleet.change(addressesOf(names[2])),
    fleet.change(addressesOf(names[0])),
  ]);
  await until(() => held.length === 1);
  assert.deepEqual(changes, []);
  while (changes.length === 0) {
    held.shift()?.();
    await until(() => held.length > 0 || changes.length > 0);
  }
  await all;
  assert.deepEqual(
    changes.map(({ servers }) => servers),
    [[names[0], names[1]], [names[2]], [names[0]]],
  );
});

test('a change that fails stands in the way of none after it', async (t) => {
  let fails = true;
  const { fleet, made, route } = fleetFor(
    t,
    {},
    {
      hasher: (nodes) => {
        if (nodes.length === 2 && fails) throw new Error('no such ring');
        return byNumber(nodes);
      },
    },
  );
  fleet.begin(addressesOf('a:1'));
  await assert.rejects(fleet.change(addressesOf('a:1', 'b:1')), /no such ring/);
  assert.equal(route('1'), 'a:1');
  const version = new AnswerWaiter<string>();
  made[1].version({ sink: version, tag: 0 });
  assert.equal((version.told[0] as { code?: string }).code, 'ERR_MEMCACHE_CLOSED');
  fails = false;
  await fleet.change(addressesOf('b:1', 'a:1', 'c:1'));
  assert.equal(fleet.servers.length, 3);
});

test('without a time of grace nobody is asked for former copies', async (t) => {
  const [a, b] = await scripted(t, 2);
  const { fleet } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  await fleet.change(addressesOf(b.address));
  assert.equal(fleet.moving, false);
  assert.equal(fleet.formerOwner('0'), undefined);
});

test('in the time of grace a key that has moved is known by its former server, too', async (t) => {
  const [a, b] = await scripted(t, 2);
  const { fleet, lose } = fleetFor(t, { movedGraceMs: 60_000 });
  fleet.begin(addressesOf(a.address));
  await fleet.change(addressesOf(a.address, b.address));
  assert.equal(fleet.moving, true);
  assert.equal(fleet.formerOwner('1')?.name, a.address);
  assert.equal(fleet.formerOwner('0'), undefined, 'it has not moved');
  lose(a.address);
  assert.equal(fleet.formerOwner('1'), undefined, 'it cannot be counted on');
});

test('a removed server answers as the former one until the grace ends', async (t) => {
  const [a, b] = await scripted(t, 2);
  const { fleet } = fleetFor(t, { movedGraceMs: 100 });
  fleet.begin(addressesOf(a.address));
  const [former] = fleet.servers;
  await fleet.change(addressesOf(b.address));
  assert.equal(fleet.formerOwner('0'), former);
  const reader = new ReadWaiter();
  former.read(GET, '0', reader, 0);
  await until(() => reader.told.length === 1);
  assert.deepEqual(reader.told, [[0, 'miss']]);
  await until(() => !fleet.moving);
  assert.equal(fleet.formerOwner('0'), undefined);
  await until(() => a.users.every(({ closed }) => closed));
});

test('a server that comes back in the time of grace is the one it was', async (t) => {
  const [a, b] = await scripted(t, 2);
  const { fleet, made } = fleetFor(t, { movedGraceMs: 100 });
  fleet.begin(addressesOf(a.address));
  await fleet.change(addressesOf(b.address));
  await fleet.change(addressesOf(a.address));
  assert.equal(fleet.servers[0], made[0]);
  assert.equal(fleet.formerOwner('0')?.name, b.address);
  await until(() => !fleet.moving);
  const version = new AnswerWaiter<string>();
  fleet.servers[0].version({ sink: version, tag: 0 });
  assert.equal(await version.done, '1.6.18', 'it was not let go');
});

test('of two changes within the time of grace only the latest former list counts', async (t) => {
  const peers = await scripted(t, 3);
  const [a, b, c] = peers.map(({ address }) => address);
  const { fleet, made } = fleetFor(t, { movedGraceMs: 60_000 });
  fleet.begin(addressesOf(a));
  await fleet.change(addressesOf(b));
  await fleet.change(addressesOf(c));
  assert.equal(fleet.formerOwner('0')?.name, b);
  const waiter = new AnswerWaiter<string>();
  made[0].version({ sink: waiter, tag: 0 });
  assert.equal((waiter.told[0] as { code?: string }).code, 'ERR_MEMCACHE_CLOSED');
});

test('closed it lets go of every server: its own, former, spare and drained ones', async (t) => {
  const peers = await scripted(t, 4);
  const [a, b, c, spare] = peers;
  a.script = silence;
  const { fleet, made } = fleetFor(
    t,
    { failover: 'gutter', movedGraceMs: 60_000 },
    { gutter: addressesOf(spare.address), drainTimeoutMs: 50 },
  );
  fleet.begin(addressesOf(a.address));
  const reader = new ReadWaiter();
  fleet.owner('0')?.read(GET, '0', reader, 0);
  await until(() => a.lines.length === 1);
  await fleet.change(addressesOf(b.address));
  await fleet.change(addressesOf(c.address));
  for (const server of made.slice(0, 1)) server.version({ sink: new AnswerWaiter(), tag: 0 });
  await fleet.close(100);
  assert.deepEqual(reader.told, [[0, 'ERR_MEMCACHE_CLOSED']]);
  for (const server of made) {
    const waiter = new AnswerWaiter<string>();
    server.version({ sink: waiter, tag: 0 });
    assert.equal((waiter.told[0] as { code?: string }).code, 'ERR_MEMCACHE_CLOSED', server.name);
  }
  await until(() => peers.every(({ users }) => users.every(({ closed }) => closed)));
});

test('closed it waits for drained servers no longer than it is told', async (t) => {
  const [a, b] = await scripted(t, 2);
  a.script = silence;
  const { fleet } = fleetFor(t, {}, { drainTimeoutMs: 60_000 });
  fleet.begin(addressesOf(a.address));
  const reader = new ReadWaiter();
  fleet.owner('0')?.read(GET, '0', reader, 0);
  await until(() => a.lines.length === 1);
  await fleet.change(addressesOf(b.address));
  await fleet.close(20);
  assert.deepEqual(reader.told, [[0, 'ERR_MEMCACHE_CLOSED']]);
  await until(() => a.users.every(({ closed }) => closed));
});

test('closed while new servers are asked, it waits for none of them and leaves no connection', async (t) => {
  const [a, b] = await scripted(t, 2);
  b.probed = () => {};
  const { fleet, changes } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  const change = fleet.change(addressesOf(b.address));
  const rejected = assert.rejects(change, { code: 'ERR_MEMCACHE_CLOSED' });
  await until(() => b.peers.length === 1);
  const began = performance.now();
  await fleet.close(5000);
  await rejected;
  await until(() => b.peers.every(({ closed }) => closed));
  assert.ok(performance.now() - began < 500, 'at once');
  assert.deepEqual(changes, []);
});

test('a change after the end rejects and asks nobody', async (t) => {
  const [a, b] = await scripted(t, 2);
  const { fleet, made } = fleetFor(t);
  fleet.begin(addressesOf(a.address));
  await fleet.close(0);
  await assert.rejects(fleet.change(addressesOf(b.address)), { code: 'ERR_MEMCACHE_CLOSED' });
  assert.equal(made.length, 1);
  assert.equal(b.peers.length, 0);
});
