import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askItem,
  askLease,
  type LeaseQuestion,
  NO_ITEM,
  unreadable,
} from '../../../src/client/lease-question.ts';
import { LeaseManyRead } from '../../../src/client/lease-many-read.ts';
import { LeaseRead, type ReadEnd } from '../../../src/client/lease-read.ts';
import { readInSteps } from '../../../src/client/lease-steps.ts';
import { MemcacheError } from '../../../src/errors.ts';
import type { ItemView } from '../../../src/protocol/reply.ts';
import type { Look } from '../../../src/stampede/look.ts';
import { planOf, Room, viewOf } from './reads.ts';

const lost = new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'lost');
const PARTS = { verb: 'fetch', options: undefined, emptyIsNothing: true };
const LEASE = askLease(PARTS, { lock: 10, recache: 60, staleFor: 50 });

interface Facts {
  readonly ttl?: number;
  readonly won?: boolean;
  readonly lost?: boolean;
  readonly stale?: boolean;
}

function itemOf(text: string, facts: Facts = {}, flags = 16): ItemView {
  const view = viewOf(text, flags, '7');
  return { ...view, facts: { ...view.facts, ttl: -1, ...facts } };
}

/** What the end of a read was told. */
class End implements ReadEnd<unknown> {
  readonly signal = undefined;
  readonly told: unknown[] = [];
  takesFresh = true;
  wanted = true;

  sighted(look: Look): boolean {
    this.told.push(['sighted', look.kind, look.won]);
    return this.wanted;
  }

  found(look: Look): unknown {
    this.told.push('found');
    return { ...look };
  }

  failed(error: MemcacheError, look: Look | undefined): unknown {
    this.told.push(['failed', error.code, look?.kind]);
    return look?.lease ?? 'failed';
  }
}

interface Reading {
  readonly read: LeaseRead<unknown>;
  readonly end: End;
  readonly room: Room;
  readonly answer: Promise<unknown>;
}

function reading({ form, shape }: LeaseQuestion = LEASE, room = new Room()): Reading {
  const end = new End();
  const read = new LeaseRead<unknown>(planOf(room, { form, shape }), 0, 'a', 'a');
  read.end = end;
  return { read, end, room, answer: read.handOut() };
}

test('a fresh value is the answer, and nobody is told', async () => {
  for (const ttl of [-1, 50, 1000]) {
    const { read, end, answer } = reading();
    read.item(0, itemOf('A', { ttl }));
    assert.equal(await answer, 'A');
    assert.deepEqual(end.told, []);
  }
});

test('how an item stands', async () => {
  const table: [item: ItemView, look: Partial<Look>][] = [
    [itemOf('A', { ttl: 49, won: true }), { kind: 'value', value: 'A', stale: true, won: true }],
    [itemOf('A', { ttl: 55, won: true }), { kind: 'value', stale: false, won: true }],
    [itemOf('A', { ttl: 55, lost: true }), { kind: 'value', stale: false, lost: true }],
    [itemOf('A', { stale: true, lost: true }), { kind: 'value', stale: true, lost: true }],
    [itemOf('', { won: true }, 0), { kind: 'empty', value: undefined, won: true, stale: false }],
    [itemOf('', { ttl: 9, lost: true }, 0), { kind: 'empty', lost: true }],
    [itemOf('', { ttl: 90 }, 4096), { kind: 'nothing', value: undefined, stale: false }],
    [itemOf('', { ttl: 20, won: true }, 4096), { kind: 'nothing', stale: true, won: true }],
    [itemOf('', {}, 16), { kind: 'value', value: '', stale: false }],
  ];
  for (const [item, expected] of table) {
    const { read, answer } = reading();
    read.item(0, item);
    const look = (await answer) as Look;
    assert.equal(look.lease, '7');
    for (const [name, value] of Object.entries(expected))
      assert.equal(look[name as keyof Look], value, `${expected.kind}: ${name}`);
  }
});

test('where an empty item may be a value, only a lease makes it a placeholder', async () => {
  const foreign = askLease(
    { ...PARTS, emptyIsNothing: false },
    { lock: 1, recache: 0, staleFor: 0 },
  );
  for (const [facts, kind] of [
    [{}, 'value'],
    [{ won: true }, 'empty'],
    [{ lost: true }, 'empty'],
  ] as const) {
    const { read, answer } = reading(foreign);
    read.item(0, itemOf('', facts, 0));
    assert.equal(((await answer) as Look).kind, kind);
  }
});

test('it is told of an item before the value is decoded, and the value only if that is wanted', async () => {
  const { read, end, answer } = reading();
  end.wanted = false;
  read.item(0, itemOf('A', { won: true }));
  assert.equal(((await answer) as Look).value, undefined);
  assert.deepEqual(end.told, [['sighted', 'value', true], 'found']);
  const all = reading();
  all.end.takesFresh = false;
  all.read.item(0, itemOf('A'));
  assert.equal(((await all.answer) as Look).value, 'A');
});

test('no item is a look like any other; with a lease no former server is asked', async () => {
  const room = new Room();
  room.moving = true;
  const { read, answer } = reading(LEASE, room);
  read.miss();
  assert.deepEqual(await answer, NO_ITEM);
  assert.deepEqual(room.lookedBack, []);
  const plain = reading(askItem(PARTS), room);
  plain.read.miss();
  assert.deepEqual(room.lookedBack, [{ verb: 'get', key: 'a', tag: 0 }]);
  plain.read.item(0, itemOf('A', { ttl: Number.NaN }));
  assert.equal(await plain.answer, 'A');
});

test('what cannot be decoded is known by its token', async () => {
  for (const facts of [{}, { won: true }]) {
    const { read, answer } = reading();
    read.item(0, itemOf('xxxxxxxx', facts, 1));
    const look = (await answer) as Look;
    assert.deepEqual([look.kind, look.lease, look.value], ['unreadable', '7', undefined]);
  }
  const told = reading(LEASE, new Room({ onUnreadable: 'error' }));
  told.read.item(0, itemOf('xxxxxxxx', {}, 1));
  assert.equal(await told.answer, '7');
  assert.deepEqual(told.end.told, [['failed', 'ERR_MEMCACHE_DECODE', 'unreadable']]);
});

test('a failure is the end’s affair, whatever the plan says; what it throws rejects', async () => {
  const { read, end, answer } = reading();
  read.fail(0, lost);
  assert.equal(await answer, 'failed');
  assert.deepEqual(end.told, [['failed', 'ERR_MEMCACHE_CONNECTION_LOST', undefined]]);
  const other = reading();
  other.end.failed = () => {
    throw lost;
  };
  other.read.fail(0, lost);
  await assert.rejects(other.answer, lost);
  const promised = reading();
  promised.end.found = () => Promise.reject(new Error('of the loader'));
  promised.read.miss();
  await assert.rejects(promised.answer, { message: 'of the loader' });
});

test('it is repeated as a read is, though a lease may be lost by that', () => {
  const { read, room } = reading(LEASE, new Room({ attempts: 2 }));
  read.fail(0, lost);
  assert.deepEqual(room.asked, [{ verb: 'mg', key: 'a', tag: 0 }]);
  assert.equal(room.failures[0].verb, 'mg');
});

test('in steps the end is told the same', async () => {
  const end = new End();
  const parts = { question: LEASE, key: 'a', end };
  const look = { ...NO_ITEM, won: true };
  const calls = (answer: () => Promise<unknown>): never => ({ readMany: answer }) as never;
  assert.deepEqual(
    await readInSteps(
      calls(async () => [look]),
      parts,
    ),
    look,
  );
  assert.deepEqual(end.told, [['sighted', 'empty', true], 'found'], 'who has won begins to load');
  assert.deepEqual(
    await readInSteps(
      calls(async () => [lost]),
      parts,
    ),
    'failed',
  );
  assert.equal(
    await readInSteps(
      calls(() => Promise.reject(lost)),
      parts,
    ),
    'failed',
  );
});

test('in steps the end is told of an item that cannot be decoded', async () => {
  const end = new End();
  const failure = new MemcacheError('ERR_MEMCACHE_DECODE', 'damaged');
  for (const look of [unreadable('7'), { ...unreadable('7'), failure }]) {
    const calls = { readMany: async () => [look] } as never;
    await readInSteps(calls, { question: LEASE, key: 'a', end });
  }
  assert.deepEqual(end.told, [
    ['sighted', 'unreadable', false],
    'found',
    ['sighted', 'unreadable', false],
    ['failed', 'ERR_MEMCACHE_DECODE', 'unreadable'],
  ]);
});

test('of many keys each has its own look, or its own failure', async () => {
  const room = new Room();
  const { form, shape } = LEASE;
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const read = new LeaseManyRead(planOf(room, { form, shape }), 0, keys, keys);
  const answer = read.handOut();
  read.item(0, itemOf('A'));
  read.item(1, itemOf('', { won: true }, 0));
  read.miss(2);
  read.fail(3, lost);
  read.item(4, itemOf('xxxxxxxx', {}, 1));
  read.item(5, itemOf('F', { ttl: 20, lost: true }));
  const found = await answer;
  assert.equal(found[3], lost);
  const looks = found.filter((each): each is Look => !(each instanceof MemcacheError));
  assert.deepEqual(
    looks.map(({ kind, value }) => [kind, value]),
    [
      ['value', 'A'],
      ['empty', undefined],
      ['empty', undefined],
      ['unreadable', undefined],
      ['value', 'F'],
    ],
  );
  assert.deepEqual(
    looks.map(({ lease }) => lease),
    ['7', '7', '', '7', '7'],
  );
  assert.equal(looks[4].stale && looks[4].lost, true);
});
