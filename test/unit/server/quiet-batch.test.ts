import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemcacheError } from '../../../src/errors.ts';
import { MemcacheConnectionError } from '../../../src/errors.ts';
import { RequestWriter } from '../../../src/protocol/request-writer.ts';
import type { ServerLimits } from '../../../src/server/limits.ts';
import { QuietBatch, type QuietHost } from '../../../src/server/quiet-batch.ts';
import { quietCommandOf, type QuietRequest } from '../../../src/server/quiet-commands.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';

const META: Partial<ServerLimits> = { speaksMeta: true };
const PROXY: Partial<ServerLimits> = { administration: false };
const LOST = new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost', { sent: 'maybe' });

const set = (key: string, data: string | Uint8Array = 'v', release?: () => void): QuietRequest => ({
  verb: 'set',
  key,
  flags: 0,
  exptime: 0,
  cas: undefined,
  data,
  release,
});
const remove = (key: string): QuietRequest => ({ verb: 'delete', key });

interface Made {
  readonly batch: QuietBatch;
  readonly waiters: AnswerWaiter<undefined>[];
  readonly told: { served: number; rejected: [MemcacheError, number][] };
  /** Its answer, line by line; what the last one is to it. */
  answer(...lines: string[]): string;
  refuse(status: 'SERVER_ERROR' | 'CLIENT_ERROR', text?: string): string;
}

function batchOf(
  limits: Partial<ServerLimits>,
  requests: readonly QuietRequest[],
  {
    most = 10_000,
    crowded = false,
    port = new Port(limits),
  }: { most?: number; crowded?: boolean; port?: Port } = {},
): Made {
  const told: Made['told'] = { served: 0, rejected: [] };
  const host: QuietHost = {
    port,
    mostQuietBytes: most,
    crowded,
    served: () => void told.served++,
    rejected: (error, commands) => void told.rejected.push([error, commands]),
  };
  const batch = new QuietBatch(host);
  const waiters = requests.map((request) => {
    const waiter = new AnswerWaiter<undefined>();
    batch.join(quietCommandOf(request, undefined), waiter, 0);
    return waiter;
  });
  const answer = (...lines: string[]): string => {
    let verdict = '';
    for (const line of lines) {
      const bytes = Buffer.from(line, 'latin1');
      verdict = batch.line(bytes, 0, bytes.length);
    }
    return verdict;
  };
  const refuse: Made['refuse'] = (status, text = 'out of memory') =>
    batch.refusedPart({ status, text });
  return { batch, waiters, told, answer, refuse };
}

/** Sends it; what went on the wire. */
function sent({ batch }: Made): string {
  const text = wireText(batch);
  batch.written();
  return text;
}

const outcomes = ({ waiters }: Made): unknown[] =>
  waiters.map(({ told }) => told.map((what) => (what === undefined ? 'left' : what.code)));

test('commands leave in their order with a barrier behind them', () => {
  const requests = [set('a'), remove('b'), { verb: 'incr', key: 'a', delta: 2n } as const];
  assert.equal(
    sent(batchOf(META, requests)),
    'ms a 1 F0 T0 MS q\r\nv\r\nmd b q\r\nma a MI D2 q\r\nmn\r\n',
  );
  assert.equal(
    sent(batchOf({}, requests)),
    'set a 0 0 1 noreply\r\nv\r\ndelete b noreply\r\nincr a 2 noreply\r\nversion\r\n',
  );
});

test('a lone command is answered, and so is every one through a proxy', () => {
  assert.equal(sent(batchOf(META, [set('a')])), 'set a 0 0 1\r\nv\r\n');
  assert.equal(sent(batchOf({}, [remove('a')])), 'delete a\r\n');
  assert.equal(sent(batchOf(PROXY, [set('a'), remove('b')])), 'set a 0 0 1\r\nv\r\ndelete b\r\n');
});

test('callers are told when it has left, once, whatever comes then', () => {
  const made = batchOf(META, [set('a'), set('b')]);
  assert.deepEqual(outcomes(made), [[], []]);
  assert.equal(wireText(made.batch).length > 0, true);
  assert.deepEqual(outcomes(made), [[], []], 'encoded is not left');
  made.batch.written();
  assert.deepEqual(outcomes(made), [['left'], ['left']]);
  assert.deepEqual(
    made.waiters.map((waiter) => waiter.sent),
    ['maybe', 'maybe'],
  );
  made.batch.fail(LOST);
  assert.equal(made.batch.expire(Infinity, 'maybe'), 0);
  assert.deepEqual(outcomes(made), [['left'], ['left']]);
});

test('the barrier ends it', () => {
  const meta = batchOf(META, [set('a'), remove('b')]);
  sent(meta);
  assert.equal(meta.told.served, 0);
  assert.equal(meta.answer('MN'), 'last');
  assert.equal(meta.told.served, 1);
  const classic = batchOf({}, [set('a'), remove('b')]);
  sent(classic);
  assert.equal(classic.answer('VERSION 1.4.39'), 'last');
});

test('its own barrier ends it, whatever the server is found to speak meanwhile', () => {
  for (const [barrier, after] of [
    ['MN', false],
    ['VERSION 1.6.18', true],
  ] as const) {
    const port = new Port({ speaksMeta: !after });
    const made = batchOf({}, [set('a'), remove('b')], { port });
    sent(made);
    Object.assign(port.limits, { speaksMeta: after });
    assert.equal(made.answer(barrier), 'last');
  }
});

test('what q does not hide is passed over, one line for each command', () => {
  for (const line of ['HD', 'HD W', 'HD Z X', 'NS', 'NF', 'EX', 'EN']) {
    const made = batchOf(META, [set('a'), remove('b')]);
    sent(made);
    assert.equal(made.answer(line, line), 'more');
    assert.equal(made.answer('MN'), 'last');
    assert.deepEqual(made.told.rejected, []);
    const flooded = batchOf(META, [set('a'), remove('b')]);
    sent(flooded);
    assert.equal(flooded.answer(line, line, line), 'foreign');
  }
});

test('nothing else is taken for a part of its answer', () => {
  for (const line of ['STORED', 'DELETED', '7', 'VERSION 1.6.18', 'MN ', 'HD k', 'END', '']) {
    const made = batchOf(META, [set('a'), remove('b')]);
    sent(made);
    assert.equal(made.answer(line), 'foreign', line);
  }
  for (const line of ['STORED', 'MN', 'HD', 'NOT_FOUND', '7', '']) {
    const made = batchOf({}, [set('a'), remove('b')]);
    sent(made);
    assert.equal(made.answer(line), 'foreign', line);
  }
  const made = batchOf(META, [set('a')]);
  sent(made);
  assert.equal(made.answer('DELETED'), 'foreign');
});

test('answers come one for each command, and are dropped', () => {
  const made = batchOf(PROXY, [set('a'), remove('b'), { verb: 'incr', key: 'c', delta: 1n }]);
  sent(made);
  assert.equal(made.answer('STORED'), 'more');
  assert.equal(made.answer('NOT_FOUND'), 'more');
  assert.equal(made.answer('12'), 'last');
  assert.equal(made.told.served, 3);
  const swapped = batchOf(PROXY, [set('a'), remove('b')]);
  sent(swapped);
  assert.equal(swapped.answer('DELETED'), 'foreign');
});

test('an error among them is told with how many it may concern', () => {
  const made = batchOf(META, [set('a'), set('b'), set('c')]);
  sent(made);
  assert.equal(made.refuse('SERVER_ERROR'), 'more');
  assert.equal(made.answer('NS'), 'more');
  assert.equal(made.refuse('SERVER_ERROR'), 'more');
  assert.equal(made.answer('MN'), 'last');
  assert.deepEqual(
    made.told.rejected.map(([{ code, server, command, sent: how }, commands]) => [
      code,
      server,
      command,
      how,
      commands,
    ]),
    [
      ['ERR_MEMCACHE_SERVER', 'a:1', 'set', 'yes', 3],
      ['ERR_MEMCACHE_SERVER', 'a:1', 'set', 'yes', 3],
    ],
  );
  assert.deepEqual(outcomes(made), [['left'], ['left'], ['left']]);
});

test('errors beyond one for each command are not taken', () => {
  const made = batchOf(META, [set('a'), set('b')]);
  sent(made);
  assert.equal(made.refuse('SERVER_ERROR'), 'more');
  assert.equal(made.refuse('SERVER_ERROR'), 'more');
  assert.equal(made.refuse('SERVER_ERROR'), 'foreign');
  assert.equal(made.told.rejected.length, 2);
});

test('an error in the place of an answer is that of its command', () => {
  const made = batchOf(PROXY, [set('a'), remove('b'), set('c')]);
  sent(made);
  made.answer('STORED');
  assert.equal(made.refuse('SERVER_ERROR', 'Connection refused'), 'more');
  assert.equal(made.refuse('SERVER_ERROR', 'Connection refused'), 'last');
  assert.deepEqual(
    made.told.rejected.map(([{ command }, commands]) => [command, commands]),
    [
      ['delete', 1],
      ['set', 1],
    ],
  );
});

test('an error that costs the connection is told, too', () => {
  const made = batchOf(META, [set('a'), remove('b')]);
  sent(made);
  made.batch.refused({ status: 'CLIENT_ERROR', text: 'bad data chunk' });
  made.batch.fail(LOST);
  assert.deepEqual(
    made.told.rejected.map(([{ code, command }, commands]) => [code, command, commands]),
    [['ERR_MEMCACHE_CLIENT', 'noreply', 2]],
  );
});

test('its verb is that of its commands where they have one', () => {
  assert.equal(batchOf({}, [set('a'), set('b')]).batch.verb, 'set');
  assert.equal(batchOf({}, [set('a'), remove('b')]).batch.verb, 'noreply');
  assert.equal(batchOf({}, [remove('a')]).batch.verb, 'delete');
});

test('a command that must not go fails alone', () => {
  const made = batchOf({ configured: 3 }, [set('a'), set('b', 'large'), set('c')]);
  assert.equal(
    wireText(made.batch),
    'set a 0 0 1 noreply\r\nv\r\nset c 0 0 1 noreply\r\nv\r\nversion\r\n',
  );
  assert.deepEqual(outcomes(made), [[], [], []], 'nobody hears of it in the middle of a flush');
  made.batch.written();
  assert.deepEqual(outcomes(made), [['left'], ['ERR_MEMCACHE_TOO_LARGE'], ['left']]);
});

test('where none may go, none is sent, and each hears why', () => {
  const made = batchOf({ configured: 3 }, [set('a', 'large'), set('b', 'larger')]);
  const writer = new RequestWriter();
  let thrown: unknown;
  try {
    made.batch.write(writer);
  } catch (error) {
    thrown = error;
  }
  assert.equal(writer.length, 0);
  made.batch.fail(thrown as MemcacheError);
  assert.deepEqual(outcomes(made), [['ERR_MEMCACHE_TOO_LARGE'], ['ERR_MEMCACHE_TOO_LARGE']]);
});

test('before it has left everybody hears why it does not', () => {
  const made = batchOf(META, [set('a'), set('b')]);
  made.waiters[0].settled = true;
  made.batch.fail(LOST);
  assert.deepEqual(outcomes(made), [[], ['ERR_MEMCACHE_CONNECTION_LOST']]);
});

test('who gave up before it left is not sent', () => {
  const made = batchOf(META, [set('a'), set('b'), set('c')]);
  assert.equal(made.batch.abandoned, false);
  made.waiters[1].settled = true;
  assert.equal(sent(made), 'ms a 1 F0 T0 MS q\r\nv\r\nms c 1 F0 T0 MS q\r\nv\r\nmn\r\n');
  assert.deepEqual(outcomes(made), [['left'], [], ['left']]);

  const gone = batchOf(META, [set('a'), set('b')]);
  for (const waiter of gone.waiters) waiter.settled = true;
  assert.equal(gone.batch.abandoned, true);
});

test('once it has left it is awaited, although nobody waits', () => {
  const made = batchOf(META, [set('a'), set('b')]);
  sent(made);
  for (const waiter of made.waiters) waiter.settled = true;
  assert.equal(made.batch.abandoned, false);
  assert.equal(made.batch.deadline, Infinity);
});

test('deadlines hold until it leaves, each for its own command', () => {
  const made = batchOf(META, []);
  const deadlines = [30, 10, 20].map((deadline) => new AnswerWaiter<undefined>(deadline));
  deadlines.forEach((waiter, i) =>
    made.batch.join(quietCommandOf(set(`k${i}`), undefined), waiter, 0),
  );
  assert.equal(made.batch.deadline, 10);
  assert.equal(made.batch.expire(20, 'no'), 2);
  assert.equal(made.batch.deadline, 30);
  assert.deepEqual(
    deadlines.map(({ told }) => told.map((what) => [what?.code, what?.command, what?.sent])),
    [[], [['ERR_MEMCACHE_TIMEOUT', 'set', 'no']], [['ERR_MEMCACHE_TIMEOUT', 'set', 'no']]],
  );
  assert.equal(sent(made), 'set k0 0 0 1\r\nv\r\n');
});

test('memory is let go of once, that of what never left included', () => {
  const freed: string[] = [];
  const large = batchOf({ configured: 3 }, [
    set('a', 'v', () => freed.push('a')),
    set('b', 'large', () => freed.push('b')),
    set('c'),
    set('d', 'v', () => freed.push('d')),
  ]);
  large.waiters[3].settled = true;
  sent(large);
  assert.deepEqual(freed, [], 'the socket still has it');
  large.batch.release();
  large.batch.release();
  assert.deepEqual(freed, ['a', 'b', 'd']);
});

test('a value that is not copied is its caller’s again when the socket has let go of it', () => {
  const large = (): Uint8Array => new Uint8Array(20_000);
  const made = batchOf(META, [
    set('a', large()),
    set('b', new Uint8Array(16_384)),
    set('c', 'x'.repeat(20_000)),
  ]);
  wireText(made.batch);
  made.batch.written();
  assert.deepEqual(outcomes(made), [[], ['left'], ['left']]);
  assert.equal(made.waiters[0].sent, 'maybe');
  made.batch.release();
  made.batch.release();
  assert.deepEqual(outcomes(made)[0], ['left']);

  const answered = batchOf(META, [set('a', large())]);
  sent(answered);
  assert.equal(answered.answer('STORED'), 'last');
  assert.deepEqual(outcomes(answered), [['left']], 'the server has all of it');
  answered.batch.release();
  assert.deepEqual(outcomes(answered), [['left']]);

  const lost = batchOf(META, [set('a', large()), set('b')]);
  sent(lost);
  lost.batch.fail(LOST);
  lost.batch.release();
  assert.deepEqual(outcomes(lost), [['ERR_MEMCACHE_CONNECTION_LOST'], ['left']]);

  const late = batchOf(META, []);
  const waiter = new AnswerWaiter<undefined>(50);
  late.batch.join(quietCommandOf(set('a', large()), undefined), waiter, 0);
  sent(late);
  assert.equal(late.batch.deadline, 50);
  assert.equal(late.batch.expire(60, 'maybe'), 1);
  late.batch.release();
  const [error] = waiter.told;
  assert.deepEqual([error?.code, error?.sent], ['ERR_MEMCACHE_TIMEOUT', 'maybe']);
});

test('where too much waits already, callers wait for the answer', () => {
  const crowded = { crowded: true };
  const held = batchOf(META, [set('a'), set('b', new Uint8Array(20_000))], crowded);
  sent(held);
  held.batch.release();
  assert.equal(held.refuse('SERVER_ERROR'), 'more');
  assert.deepEqual(outcomes(held), [[], []]);
  assert.equal(held.answer('MN'), 'last');
  assert.deepEqual(outcomes(held), [['left'], ['left']]);

  const alone = batchOf({}, [set('a')], crowded);
  sent(alone);
  assert.deepEqual(outcomes(alone), [[]]);
  assert.equal(alone.answer('NOT_STORED'), 'last');
  assert.deepEqual(outcomes(alone), [['left']]);

  const refused = batchOf({}, [set('a'), set('b')], crowded);
  sent(refused);
  refused.batch.refused({ status: 'ERROR', text: '' });
  assert.deepEqual(outcomes(refused), [['left'], ['left']]);

  const lost = batchOf({}, [set('a'), set('b')], crowded);
  sent(lost);
  lost.batch.fail(LOST);
  const gone = 'ERR_MEMCACHE_CONNECTION_LOST';
  assert.deepEqual(outcomes(lost), [[gone], [gone]]);
});

test('it knows its keys, and how many commands concern each', () => {
  const { batch } = batchOf(META, [set('a'), remove('b'), set('a')]);
  assert.deepEqual([batch.has('a'), batch.has('b'), batch.has('c')], [true, true, false]);
  assert.deepEqual(batch.keys, ['a', 'b', 'a']);
  assert.equal(batch.operations, 3);
  wireText(batch);
  batch.written();
  assert.deepEqual([batch.asks('a'), batch.asks('c')], [true, false]);
});

test('it is full by commands and by bytes, and one command alone may have any number', () => {
  const many = batchOf(META, [], { most: 100_000 });
  const room = (made: Made, data: string): boolean =>
    made.batch.hasRoomFor(quietCommandOf(set('k', data), undefined));
  for (let i = 0; i < 256; i++) {
    assert.equal(many.batch.full, false);
    many.batch.join(quietCommandOf(remove('k'), undefined), new AnswerWaiter(), 0);
  }
  assert.equal(many.batch.full, true);
  assert.equal(room(many, ''), false);

  const some = batchOf(META, [set('a', 'x'.repeat(100))], { most: 300 });
  assert.equal(some.batch.bytes, 165);
  assert.equal(room(some, 'x'.repeat(70)), true);
  assert.equal(room(some, 'x'.repeat(71)), false);
  assert.equal(batchOf(META, [set('a', 'x'.repeat(1000))], { most: 300 }).batch.full, true);
});

test('what it takes on the wire is within its bytes', () => {
  const requests = Array.from({ length: 100 }, (_, i) => set(`key:${i}`, 'x'.repeat(i)));
  for (const limits of [META, {}, PROXY]) {
    const made = batchOf(limits, requests);
    assert.ok(sent(made).length <= made.batch.bytes);
  }
});
