import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { RequestWriter } from '../../../src/protocol/request-writer.ts';
import { GETS } from '../../../src/server/read-form.ts';
import type { Volley } from '../../../src/server/volley.ts';
import { ReadWaiter, wireText } from '../../support/waiters.ts';
import { formVolley, itemOf, send, volleyOf } from './volleys.ts';

const find = (volley: Volley, key: string): number => {
  const bytes = Buffer.from(`VALUE ${key} `, 'latin1');
  return volley.match(bytes, 6, 6 + key.length);
};

function answer(volley: Volley, key: string, value: string): void {
  const index = find(volley, key);
  assert.ok(index >= 0, `${key} is awaited`);
  volley.item(index, itemOf(value));
}

test('keys leave in the order they came, each once', () => {
  const { volley, waiter } = volleyOf('b', 'a');
  assert.equal(volley.join('a', waiter, 2), true);
  assert.equal(volley.join('c', waiter, 3), false);
  assert.deepEqual([volley.size, volley.operations], [3, 4]);
  assert.equal(wireText(volley), 'get b a c\r\n');
});

test('its bytes are those of its keys in the request', () => {
  const { volley } = volleyOf('a', 'bb', '\xc3\xa9');
  assert.equal(wireText(volley).length, 'get'.length + volley.bytes + '\r\n'.length);
});

test('gets asks with its own verb', () => {
  assert.equal(wireText(formVolley(GETS, 'a').volley), 'gets a\r\n');
});

test('gets that is answered without a token breaks the stream', () => {
  const { volley, waiter } = formVolley(GETS, 'a');
  send(volley);
  assert.throws(() => answer(volley, 'a', 'x'), {
    code: 'ERR_MEMCACHE_PROTOCOL',
    server: 'a:1',
    command: 'gets',
    sent: 'maybe',
    retryable: true,
  });
  assert.deepEqual(waiter.told, []);
});

test('a hundred keys of the greatest length are written whole', () => {
  const keys = Array.from({ length: 100 }, (_, i) => `${i}:`.padEnd(250, 'k'));
  const { volley } = volleyOf(...keys);
  assert.equal(wireText(volley), `get ${keys.join(' ')}\r\n`);
});

test('hits are told as they come, misses at the end', () => {
  const { volley, waiter, host } = volleyOf('a', 'b', 'c', 'd');
  send(volley);
  answer(volley, 'b', '2');
  assert.deepEqual(waiter.told, [[1, '2']]);
  answer(volley, 'd', '4');
  assert.deepEqual(waiter.told, [
    [1, '2'],
    [3, '4'],
  ]);
  volley.end();
  assert.deepEqual(waiter.told.slice(2), [
    [0, 'miss'],
    [2, 'miss'],
  ]);
  assert.deepEqual(host.counts, { hits: 2, misses: 2 });
  assert.equal(volley.abandoned, true);
});

test('a key that was passed over or answered is not awaited any more', () => {
  const { volley } = volleyOf('a', 'b', 'c');
  send(volley);
  answer(volley, 'b', '2');
  assert.deepEqual([find(volley, 'a'), find(volley, 'b'), find(volley, 'c')], [-1, -1, 2]);
});

test('only the whole key matches', () => {
  const { volley } = volleyOf('ab');
  for (const other of ['a', 'b', 'abc', 'aB', '']) assert.equal(find(volley, other), -1);
});

test('callers of one key share its item, and its miss', () => {
  const { volley, host } = volleyOf();
  const waiters = Array.from({ length: 6 }, () => new ReadWaiter());
  waiters.forEach((waiter, i) => volley.join(i % 2 === 0 ? 'a' : 'b', waiter, i));
  send(volley);
  answer(volley, 'a', 'x');
  volley.end();
  waiters.forEach(({ told }, i) => assert.deepEqual(told, [[i, i % 2 === 0 ? 'x' : 'miss']]));
  assert.deepEqual(host.counts, { hits: 3, misses: 3 });
});

test('a buffer that is given away has one owner, and only the first caller may be it', () => {
  const { volley } = volleyOf();
  const seen: [string, boolean][] = [];
  for (const name of ['first', 'second', 'third']) {
    const waiter = new ReadWaiter();
    waiter.item = (_tag, { owned }) => void seen.push([name, owned]);
    volley.join('a', waiter, 0);
  }
  send(volley);
  volley.item(0, { ...itemOf('x'), owned: true });
  assert.deepEqual(seen, [
    ['first', true],
    ['second', false],
    ['third', false],
  ]);
});

test('an open volley knows its keys, a written one is joined no more', () => {
  const { volley } = volleyOf('a', 'b');
  assert.deepEqual([volley.has('a'), volley.has('b'), volley.has('c')], [true, true, false]);
  send(volley);
  assert.equal(volley.has('a'), false);
  assert.deepEqual([volley.asks('a'), volley.asks('c')], [true, false]);
});

test('what was handed to a socket is marked as perhaps sent, for every waiter', () => {
  const { volley, waiter } = volleyOf('a');
  const sharer = new ReadWaiter();
  volley.join('a', sharer, 0);
  wireText(volley);
  assert.deepEqual([waiter.sent, sharer.sent], ['no', 'no']);
  volley.written();
  assert.deepEqual([waiter.sent, sharer.sent], ['maybe', 'maybe']);
});

test('a key whose waiters are all gone stays out of the request', () => {
  const { volley, host } = volleyOf('a');
  const gone = new ReadWaiter();
  const alsoGone = new ReadWaiter();
  const stays = new ReadWaiter();
  volley.join('b', gone, 0);
  volley.join('b', alsoGone, 1);
  volley.join('c', gone, 2);
  volley.join('c', stays, 3);
  gone.settled = true;
  alsoGone.settled = true;
  assert.equal(volley.abandoned, false);
  assert.equal(send(volley), 'get a c\r\n');
  assert.deepEqual(host.droppedKeys, ['b']);
  assert.deepEqual([find(volley, 'b'), find(volley, 'c')], [-1, 2]);
  answer(volley, 'c', 'x');
  volley.end();
  assert.deepEqual(stays.told, [[3, 'x']]);
  assert.deepEqual([gone.told, alsoGone.told], [[], []]);
  assert.equal(gone.sent, 'maybe', 'it waited for c, too');
  assert.equal(alsoGone.sent, 'no');
});

test('it is abandoned once nobody waits for anything', () => {
  const { volley, waiter } = volleyOf('a', 'b');
  send(volley);
  answer(volley, 'b', '2');
  assert.equal(volley.abandoned, false, 'a is still a miss to be told');
  waiter.settled = true;
  assert.equal(volley.abandoned, true);
});

test('waiters that settled meanwhile hear nothing more, others do', () => {
  const { volley, waiter } = volleyOf('a', 'b');
  const other = new ReadWaiter();
  volley.join('a', other, 0);
  send(volley);
  waiter.settled = true;
  assert.deepEqual([volley.wants(0), volley.wants(1)], [true, false]);
  answer(volley, 'a', 'x');
  volley.end();
  assert.deepEqual(waiter.told, []);
  assert.deepEqual(other.told, [[0, 'x']]);
});

test('expire fails those whose time is over, and keeps the next deadline', () => {
  const { volley } = volleyOf();
  const [soon, later, latest] = [10, 20, 30].map((deadline) => new ReadWaiter(deadline));
  volley.join('a', latest, 0);
  assert.equal(volley.deadline, 30);
  volley.join('a', soon, 1);
  volley.join('b', soon, 2);
  volley.join('b', later, 3);
  assert.equal(volley.deadline, 10);
  assert.equal(volley.expire(10, 'maybe'), 2);
  assert.deepEqual(soon.told, [
    [1, 'ERR_MEMCACHE_TIMEOUT'],
    [2, 'ERR_MEMCACHE_TIMEOUT'],
  ]);
  const [{ server, command, sent, retryable }] = soon.errors;
  assert.deepEqual(
    { server, command, sent, retryable },
    { server: 'a:1', command: 'get', sent: 'maybe', retryable: true },
  );
  assert.equal(volley.deadline, 20);
  send(volley);
  answer(volley, 'a', 'x');
  assert.equal(volley.expire(25, 'maybe'), 1);
  assert.equal(volley.deadline, Infinity);
  assert.equal(volley.abandoned, true);
  volley.end();
  assert.deepEqual(latest.told, [[0, 'x']]);
  assert.deepEqual(later.told, [[3, 'ERR_MEMCACHE_TIMEOUT']]);
  assert.equal(soon.told.length, 2);
});

test('expire passes over those who settled by themselves', () => {
  const { volley } = volleyOf();
  const waiter = new ReadWaiter(10);
  volley.join('a', waiter, 0);
  volley.join('a', waiter, 1);
  waiter.settled = true;
  assert.equal(volley.expire(10, 'no'), 0);
  assert.deepEqual(waiter.told, []);
});

test('fail tells everybody who is not answered yet', () => {
  const { volley, waiter } = volleyOf('a', 'b');
  send(volley);
  answer(volley, 'a', 'x');
  volley.refused({ status: 'CLIENT_ERROR', text: 'no' });
  assert.deepEqual(waiter.told, [
    [0, 'x'],
    [1, 'ERR_MEMCACHE_CLIENT'],
  ]);
});

test('SERVER_ERROR asks for what is not answered again, in halves', () => {
  const { volley, waiter, host } = volleyOf('a', 'b', 'c', 'd', 'e');
  const sharer = new ReadWaiter();
  volley.join('c', sharer, 9);
  send(volley);
  answer(volley, 'a', 'x');
  volley.refused({ status: 'SERVER_ERROR', text: 'Connection refused' });
  assert.deepEqual(waiter.told, [[0, 'x']]);
  const [first, second] = host.halves;
  assert.equal(send(first), 'get b\r\n');
  assert.equal(send(second), 'get c d e\r\n');
  answer(first, 'b', '2');
  answer(second, 'c', '3');
  second.end();
  assert.deepEqual(waiter.told.slice(1), [
    [1, '2'],
    [2, '3'],
    [3, 'miss'],
    [4, 'miss'],
  ]);
  assert.deepEqual(sharer.told, [[9, '3']]);
  assert.deepEqual([second.operations, second.size], [4, 3]);
});

test('halving ends with the one key that is the cause', () => {
  const keys = Array.from({ length: 16 }, (_, i) => `key:${i}`);
  const { volley, waiter, host } = volleyOf(...keys);
  const waiting = [volley];
  let requests = 0;
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    const request = send(one);
    requests++;
    if (/ key:11\b/.test(request)) one.refused({ status: 'SERVER_ERROR', text: 'backend' });
    else one.end();
    waiting.push(...host.halves.splice(0));
  }
  assert.equal(requests, 9);
  assert.deepEqual(
    waiter.told.filter(([, what]) => what !== 'miss'),
    [[11, 'ERR_MEMCACHE_SERVER']],
  );
  assert.equal(waiter.told.length, 16);
});

test('SERVER_ERROR is everybody’s error where nothing may be asked again', () => {
  const { volley, waiter, host } = volleyOf('a', 'b', 'c');
  host.repeats = 0;
  send(volley);
  answer(volley, 'b', 'x');
  volley.refused({ status: 'SERVER_ERROR', text: 'busy' });
  assert.deepEqual(host.halves, []);
  assert.deepEqual(waiter.told, [
    [1, 'x'],
    [0, 'ERR_MEMCACHE_SERVER'],
    [2, 'ERR_MEMCACHE_SERVER'],
  ]);
});

test('one key alone and other errors cost nothing of what may be asked again', () => {
  const alone = volleyOf('a');
  alone.host.repeats = 5;
  send(alone.volley);
  alone.volley.refused({ status: 'SERVER_ERROR', text: 'busy' });
  const client = volleyOf('a', 'b');
  client.host.repeats = 5;
  send(client.volley);
  client.volley.refused({ status: 'CLIENT_ERROR', text: 'bad' });
  assert.deepEqual([alone.host.repeats, client.host.repeats], [5, 5]);
});

test('an error line that somebody awaits is an answer in time', () => {
  for (const [gone, answers] of [
    [false, 1],
    [true, 0],
  ] as const) {
    const { volley, waiter, host } = volleyOf('a', 'b');
    send(volley);
    waiter.settled = gone;
    volley.refused({ status: 'SERVER_ERROR', text: 'busy' });
    assert.equal(host.answers, answers);
  }
});

test('an item that came the other way than its size wants is reported', () => {
  for (const [bulk, expected] of [
    [false, ['large']],
    [true, ['small']],
  ] as const) {
    const { volley, host } = volleyOf('small', 'large');
    host.bulk = bulk;
    send(volley);
    answer(volley, 'small', '123456789');
    answer(volley, 'large', '1234567890');
    assert.deepEqual(host.misplacedKeys, expected);
  }
});

test('a line is no answer to it', () => {
  for (const text of ['STORED', 'HD', 'OK', '']) {
    const { volley, waiter } = volleyOf('a');
    send(volley);
    assert.equal(volley.line(Buffer.from(text), 0, text.length), 'foreign', text);
    assert.deepEqual(waiter.told, []);
  }
});

test('it is used again as new, and holds nothing of its earlier use', () => {
  const { volley, waiter, host } = volleyOf('a', 'b', 'c');
  volley.join('a', waiter, 9);
  send(volley);
  answer(volley, 'b', '2');
  volley.end();
  volley.reset();
  assert.deepEqual(
    [volley.size, volley.operations, volley.bytes, volley.deadline, volley.abandoned],
    [0, 0, 0, Infinity, true],
  );
  for (const key of ['a', 'b', 'c']) {
    assert.equal(volley.has(key), false);
    assert.equal(volley.asks(key), false);
    assert.equal(find(volley, key), -1);
  }
  assert.deepEqual(
    [0, 1, 2].map((i) => volley.keyAt(i)),
    ['', '', ''],
  );
  const told = waiter.told.length;
  const next = new ReadWaiter(5);
  volley.join('c', next, 0);
  assert.equal(volley.deadline, 5);
  assert.equal(send(volley), 'get c\r\n');
  answer(volley, 'c', 'new');
  volley.end();
  assert.deepEqual(next.told, [[0, 'new']]);
  assert.equal(waiter.told.length, told);
  assert.deepEqual(host.counts, { hits: 2, misses: 3 });
});

/** A volley whose only waiter has settled by itself, and a weak hold on that waiter. */
function abandonedVolley(): { volley: Volley; waiter: WeakRef<ReadWaiter> } {
  const { volley, waiter } = volleyOf('a');
  waiter.settled = true;
  return { volley, waiter: new WeakRef(waiter) };
}

test('one that was never written lets go of its waiters, too', async () => {
  const { volley, waiter } = abandonedVolley();
  volley.reset();
  await new Promise(setImmediate);
  collectGarbage();
  assert.equal(waiter.deref(), undefined);
  assert.equal(volley.size, 0);
});

test('a request is refused before its first byte or written whole', () => {
  const { volley } = volleyOf('a');
  const writer = new RequestWriter();
  volley.write(writer);
  assert.equal(writer.length, 'get a\r\n'.length);
});
