import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import {
  asMeta,
  GET,
  getAndTouch,
  GETS,
  metaRead,
  type ReadForm,
} from '../../../src/server/read-form.ts';
import { until } from '../../support/fault-lab.ts';
import { type Script, silence } from '../../support/scripted-server.ts';
import type { ReadWaiter } from '../../support/waiters.ts';
import { laneFor } from './lane-support.ts';

const GAT = getAndTouch(5, false);
const FACTS = metaRead('s t');
const LEASE = metaRead('v f N30');

/** Nothing is stored here. */
const nothing: Script = ({ verb }, user) => {
  if (verb === 'delete') user.send('NOT_FOUND\r\n');
  else if (verb === 'flush_all') user.send('OK\r\n');
  else user.send(verb === 'mg' ? 'EN\r\n' : 'END\r\n');
};

const answered = (...waiters: ReadWaiter[]): Promise<void> =>
  until(() => waiters.every(({ told }) => told.length > 0));

test('reads of one moment leave in one volley for each form', async (t) => {
  const { peer, lane, metrics, read, readAs } = await laneFor(t, false);
  peer.script = nothing;
  const waiters = [
    readAs(FACTS, 'a'),
    read('a'),
    readAs(GETS, 'a'),
    readAs(FACTS, 'b', 'a'),
    read('b', 'a'),
    readAs(GETS, 'b'),
    readAs(GAT, 'd', 'e'),
  ];
  assert.deepEqual([lane.collected, lane.collecting, lane.load], [10, true, 1]);
  await until(() => lane.load === 0);
  await answered(...waiters);
  const expected = ['get a b', 'mg a k s t', 'mg b k s t', 'gets a b', 'gat 5 d e'];
  assert.deepEqual(peer.lines, expected);
  assert.deepEqual([metrics.volleys, metrics.volleyKeys, metrics.sharedKeys], [4, 8, 2]);
});

test('forms made twice are one form', async (t) => {
  const { peer, readAs } = await laneFor(t, false);
  peer.script = nothing;
  const blank = wireKey(Buffer.from('a b'), '');
  const waiters = [
    readAs(getAndTouch(9, true), 'a'),
    readAs(getAndTouch(9, true), 'b'),
    readAs(asMeta(GET), blank),
    readAs(metaRead('v f'), 'c'),
  ];
  await answered(...waiters);
  const lines = peer.lines.map((line) => line.replace(/ O\d+/, ' O#'));
  assert.deepEqual(lines, ['gats 9 a b', 'mg YSBi b O# v f', 'mg c k v f']);
});

test('a write seals every volley that asks for its key, and no other', async (t) => {
  const { peer, lane, read, readAs, remove } = await laneFor(t, false);
  peer.script = nothing;
  const waiters = [
    readAs(LEASE, 'x'),
    readAs(GETS, 'a'),
    readAs(FACTS, 'b', 'a'),
    read('b', 'a'),
    readAs(GAT, 'c'),
  ];
  const removed = remove('a');
  assert.equal(lane.collected, 2, 'x and c may still be joined');
  waiters.push(read('a'), readAs(GAT, 'd'));
  await removed.done;
  await answered(...waiters);
  assert.deepEqual(peer.lines, [
    ...['get b a', 'gets a', 'mg b k s t', 'mg a k s t', 'delete a'],
    ...['get a', 'mg x k v f N30', 'gat 5 c d'],
  ]);
});

test('a command about the whole server seals them all', async (t) => {
  const { peer, lane, read, readAs, remove } = await laneFor(t, false);
  peer.script = nothing;
  const waiters = [readAs(FACTS, 'a'), readAs(GAT, 'b'), read('c')];
  const flushed = remove('');
  assert.deepEqual([lane.collected, lane.collecting], [0, false]);
  await flushed.done;
  await answered(...waiters);
  assert.deepEqual(peer.lines, ['get c', 'mg a k s t', 'gat 5 b', 'flush_all']);
});

/** Reads of a key in the order they are issued, and the requests that keep it. */
const ORDERS: [name: string, reads: [ReadForm, string][], lines: string[]][] = [
  [
    'a get behind a touch to the past misses',
    [
      [GET, 'x'],
      [getAndTouch(-1, false), 'a'],
      [GET, 'a'],
    ],
    ['gat -1 a', 'get x a'],
  ],
  [
    'a second touch to the past misses, a second touch elsewhere is the same one',
    [
      [getAndTouch(-1, false), 'a'],
      [getAndTouch(5, false), 'b'],
      [getAndTouch(5, false), 'b'],
      [getAndTouch(-1, false), 'a'],
      [metaRead('T-1 v f'), 'c'],
      [metaRead('T-1 v f'), 'c'],
    ],
    ['gat -1 a', 'mg c k T-1 v f', 'gat 5 b', 'gat -1 a', 'mg c k T-1 v f'],
  ],
  [
    'a get before one hits',
    [
      [GET, 'a'],
      [GET, 'x'],
      [getAndTouch(-1, false), 'a'],
      [GET, 'a'],
    ],
    ['get a x', 'gat -1 a', 'get a'],
  ],
  [
    'the last of several touches stands',
    [
      [getAndTouch(100, false), 'b'],
      [getAndTouch(200, false), 'a'],
      [getAndTouch(100, false), 'a'],
      [getAndTouch(200, false), 'a'],
    ],
    ['gat 200 a', 'gat 100 b a', 'gat 200 a'],
  ],
  [
    'what was won is seen by those who come later, not by those before',
    [
      [FACTS, 'a'],
      [GETS, 'a'],
      [LEASE, 'a'],
      [FACTS, 'a'],
    ],
    ['mg a k s t', 'gets a', 'mg a k v f N30', 'mg a k s t'],
  ],
  [
    'reads that change nothing wait for nothing',
    [
      [FACTS, 'a'],
      [GET, 'a'],
      [GETS, 'a'],
      [GET, 'b'],
      [FACTS, 'b'],
      [GETS, 'a'],
    ],
    ['get a b', 'mg a k s t', 'mg b k s t', 'gets a'],
  ],
  [
    'nor do reads of other keys',
    [
      [GET, 'a'],
      [GAT, 'b'],
      [GET, 'c'],
      [LEASE, 'd'],
      [GAT, 'e'],
    ],
    ['get a c', 'gat 5 b e', 'mg d k v f N30'],
  ],
];

for (const [name, reads, lines] of ORDERS) {
  test(`of one key: ${name}`, async (t) => {
    const { peer, readAs } = await laneFor(t, false);
    peer.script = nothing;
    await answered(...reads.map(([form, key]) => readAs(form, key)));
    assert.deepEqual(peer.lines, lines);
  });
}

test('a line of gat ends within 2 KiB, however many keys are asked for', async (t) => {
  const { peer, readAs } = await laneFor(t, false);
  peer.script = nothing;
  const keys = Array.from({ length: 60 }, (_, i) => `${i}:`.padEnd(100 + i * 2, 'k'));
  const waiter = readAs(getAndTouch(2_147_483_647, true), ...keys);
  await until(() => waiter.told.length === keys.length);
  assert.ok(peer.lines.length > 1);
  for (const line of peer.lines) assert.ok(line.length + 2 <= 2048, `${line.length}`);
  const asked = peer.lines.flatMap((line) => line.split(' ').slice(2));
  assert.deepEqual(asked, keys);
});

test('over TLS a volley of many commands fits one record', async (t) => {
  const stream = (): Duplex => new Duplex({ read() {}, write() {} });
  const keys = Array.from({ length: 100 }, (_, i) => `${i}:`.padEnd(240, 'k'));
  const requests = async (form: ReadForm, tls: boolean): Promise<number> => {
    const { metrics, lane, readAs } = await laneFor(t, false, {
      tls,
      connect: stream,
      volleyBytes: 100_000,
    });
    readAs(form, ...keys);
    lane.seal();
    return metrics.volleys;
  };
  assert.deepEqual([await requests(LEASE, false), await requests(LEASE, true)], [1, 2]);
  assert.deepEqual([await requests(GET, false), await requests(GET, true)], [1, 1]);
});

test('a refused gat is asked again in halves, with its exptime', async (t) => {
  const { peer, readAs } = await laneFor(t, false);
  peer.script = nothing;
  peer.next.push((_request, user) => user.send('SERVER_ERROR busy\r\n'));
  const waiter = readAs(GAT, 'a', 'b', 'c');
  await until(() => waiter.told.length === 3);
  assert.deepEqual(peer.lines, ['gat 5 a b c', 'gat 5 a', 'gat 5 b c']);
});

test('one meta read that is refused fails alone', async (t) => {
  const { peer, readAs, told } = await laneFor(t, false);
  peer.next.push(
    (_request, user) => user.send('HD ka s5 t-1\r\n'),
    (_request, user) => user.send('SERVER_ERROR busy\r\n'),
    (_request, user) => user.send('EN\r\n'),
  );
  const waiter = readAs(FACTS, 'a', 'b', 'c');
  await until(() => waiter.told.length === 3);
  assert.deepEqual(peer.lines, ['mg a k s t', 'mg b k s t', 'mg c k s t']);
  assert.deepEqual(
    waiter.told.toSorted(([a], [b]) => a - b),
    [
      [0, ''],
      [1, 'ERR_MEMCACHE_SERVER'],
      [2, 'miss'],
    ],
  );
  assert.ok(told.served > 0);
});

test('it holds and pins the keys of every form', async (t) => {
  const { peer, lane, readAs } = await laneFor(t, true);
  peer.script = silence;
  const waiters = [readAs(GAT, 'a'), readAs(FACTS, 'b', 'c'), readAs(GETS, 'a')];
  const held = (): boolean[] => ['a', 'b', 'c', 'd'].map((key) => lane.holds(key));
  const pinned = (): boolean[] => ['a', 'b', 'c', 'd'].map((key) => lane.pinned(key));
  const all = [true, true, true, false];
  assert.deepEqual([held(), pinned()], [all, all]);
  await until(() => peer.lines.length === 4);
  assert.deepEqual([held(), pinned()], [all, all]);
  assert.deepEqual(peer.lines, ['gat 5 a', 'mg b k s t', 'mg c k s t', 'gets a']);
  peer.users[0].send('END\r\nEN\r\nEN\r\n');
  await answered(...waiters.slice(0, 2));
  assert.deepEqual(pinned(), [true, false, false, false]);
  peer.users[0].send('END\r\n');
  await answered(...waiters);
  assert.deepEqual([held(), pinned()], [Array(4).fill(false), Array(4).fill(false)]);
});

test('volleys go from form to form', async (t) => {
  const { peer, queued, readAs } = await laneFor(t, false);
  peer.script = nothing;
  const forms = [GET, FACTS, GAT, GETS, LEASE];
  for (let round = 0; round < 10; round++) {
    const waiters = forms.map((_, i) => readAs(forms[(i + round) % forms.length], `${i}`, 'x'));
    await until(() => waiters.every(({ told }) => told.length === 2));
    for (const { told } of waiters)
      assert.deepEqual(
        told.map(([, what]) => what),
        ['miss', 'miss'],
      );
  }
  assert.deepEqual(queued, { operations: 0, bytes: 0 });
});
