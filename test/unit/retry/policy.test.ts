import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MemcacheConnectionError,
  MemcacheError,
  type MemcacheErrorCode,
  type Sent,
  TimeoutError,
} from '../../../src/errors.ts';
import {
  asSent,
  type Failure,
  RETRY_DEFAULTS,
  retryDelay,
  type RetryOptions,
} from '../../../src/retry/policy.ts';

const LOST: MemcacheErrorCode[] = ['ERR_MEMCACHE_CONNECTION_LOST', 'ERR_MEMCACHE_PROTOCOL'];
const UNREACHED: MemcacheErrorCode[] = [
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_AUTH',
  'ERR_MEMCACHE_UNAVAILABLE',
];
const OTHERS: MemcacheErrorCode[] = [
  'ERR_MEMCACHE_TIMEOUT',
  'ERR_MEMCACHE_ABORTED',
  'ERR_MEMCACHE_CLOSED',
  'ERR_MEMCACHE_SERVER',
  'ERR_MEMCACHE_CLIENT',
  'ERR_MEMCACHE_UNKNOWN_COMMAND',
  'ERR_MEMCACHE_UNSUPPORTED',
  'ERR_MEMCACHE_KEY',
  'ERR_MEMCACHE_VALUE',
  'ERR_MEMCACHE_TOO_LARGE',
  'ERR_MEMCACHE_OPTION',
  'ERR_MEMCACHE_ENCODE',
  'ERR_MEMCACHE_DECODE',
  'ERR_MEMCACHE_OVERLOADED',
  'ERR_MEMCACHE_MANY',
];
const SENT: Sent[] = ['no', 'maybe', 'yes'];

/** The first failure of a get that may have been sent, with the whole pause of 100, 200 ... ms. */
function delayOf(failure: Partial<Failure>, options: Partial<RetryOptions> = {}, random = 1) {
  return retryDelay(
    {
      code: 'ERR_MEMCACHE_CONNECTION_LOST',
      sent: 'maybe',
      verb: 'get',
      attempt: 1,
      elsewhere: false,
      ...failure,
    },
    { ...RETRY_DEFAULTS, attempts: 10, delayMs: 100, ...options },
    () => random,
  );
}

test('a lost or broken connection is worth another try at once, and further ones after a pause', () => {
  for (const code of LOST) {
    assert.equal(delayOf({ code }), 0, code);
    assert.equal(delayOf({ code, attempt: 2 }), 200, code);
    assert.equal(delayOf({ code, attempt: 2 }, { delayMs: 0 }), 0, code);
  }
});

test('a server that was not reached is tried after a pause, or at once where another has its keys', () => {
  for (const code of UNREACHED) {
    const unreached = { code, sent: 'no' } as const;
    assert.equal(delayOf(unreached), 100, code);
    assert.equal(delayOf(unreached, { delayMs: 0 }), undefined, code);
    for (const delayMs of [0, 100]) {
      assert.equal(delayOf({ ...unreached, elsewhere: true }, { delayMs }), 0, code);
    }
  }
});

test('a server that forgot who asks is told at once, for what may be repeated', () => {
  const forgotten = { code: 'ERR_MEMCACHE_AUTH', sent: 'yes' } as const;
  assert.equal(delayOf(forgotten), 0);
  assert.equal(delayOf({ ...forgotten, verb: 'set' }), undefined);
});

test('what a server that has left did not answer is tried where its keys are now', () => {
  const code = 'ERR_MEMCACHE_CLOSED';
  assert.equal(delayOf({ code, elsewhere: true }), 0);
  assert.equal(delayOf({ code, elsewhere: true, verb: 'set', sent: 'no' }), 0);
  assert.equal(delayOf({ code, elsewhere: true, verb: 'set', sent: 'maybe' }), undefined);
});

test('nothing else is tried again, wherever and however it failed', () => {
  for (const code of OTHERS) {
    for (const sent of SENT) {
      for (const elsewhere of [true, false]) {
        // But for a connection that was closed with a server that has left.
        if (elsewhere && code === 'ERR_MEMCACHE_CLOSED') continue;
        assert.equal(delayOf({ code, sent, elsewhere }, { maybeSent: 'sets' }), undefined, code);
      }
    }
  }
});

test('the codes of this table are all there are', () => {
  const all: Record<MemcacheErrorCode, true> = Object.fromEntries(
    [...LOST, ...UNREACHED, ...OTHERS].map((code) => [code, true]),
  ) as Record<MemcacheErrorCode, true>;
  const known: Record<MemcacheErrorCode, true> = {
    ERR_MEMCACHE_TIMEOUT: true,
    ERR_MEMCACHE_ABORTED: true,
    ERR_MEMCACHE_CONNECT: true,
    ERR_MEMCACHE_AUTH: true,
    ERR_MEMCACHE_UNAVAILABLE: true,
    ERR_MEMCACHE_CLOSED: true,
    ERR_MEMCACHE_CONNECTION_LOST: true,
    ERR_MEMCACHE_PROTOCOL: true,
    ERR_MEMCACHE_SERVER: true,
    ERR_MEMCACHE_CLIENT: true,
    ERR_MEMCACHE_UNKNOWN_COMMAND: true,
    ERR_MEMCACHE_UNSUPPORTED: true,
    ERR_MEMCACHE_KEY: true,
    ERR_MEMCACHE_VALUE: true,
    ERR_MEMCACHE_TOO_LARGE: true,
    ERR_MEMCACHE_OPTION: true,
    ERR_MEMCACHE_ENCODE: true,
    ERR_MEMCACHE_DECODE: true,
    ERR_MEMCACHE_OVERLOADED: true,
    ERR_MEMCACHE_MANY: true,
  };
  assert.deepEqual(all, known);
});

/** The least `maybeSent` that lets a verb be tried again although it may have been carried out. */
const LEAST: [string, RetryOptions['maybeSent'] | 'never'][] = [
  ['get', 'reads'],
  ['gets', 'reads'],
  ['mg', 'reads'],
  ['gat', 'idempotent'],
  ['gats', 'idempotent'],
  ['lease', 'never'],
  ['touch', 'idempotent'],
  ['delete', 'idempotent'],
  ['set', 'sets'],
  ['add', 'never'],
  ['replace', 'never'],
  ['append', 'never'],
  ['prepend', 'never'],
  ['cas', 'never'],
  ['incr', 'never'],
  ['decr', 'never'],
  ['flush_all', 'never'],
  ['version', 'never'],
  ['constructor', 'never'],
];
const WIDTHS = ['none', 'reads', 'idempotent', 'sets', 'never'] as const;

for (const [verb, least] of LEAST) {
  test(`what may have been sent of ${verb} is repeated from maybeSent '${least}' on`, () => {
    for (const maybeSent of ['none', 'reads', 'idempotent', 'sets'] as const) {
      const may = WIDTHS.indexOf(maybeSent) >= WIDTHS.indexOf(least);
      for (const code of [...LOST, ...UNREACHED]) {
        for (const sent of ['maybe', 'yes'] as const) {
          for (const elsewhere of [true, false]) {
            const delay = delayOf({ verb, code, sent, elsewhere }, { maybeSent });
            assert.equal(delay !== undefined, may, `${maybeSent} ${code} ${sent}`);
          }
        }
        assert.notEqual(delayOf({ verb, code, sent: 'no' }, { maybeSent }), undefined, 'not sent');
      }
    }
  });
}

test('attempts are counted, the first one with them', () => {
  for (const [attempts, expected] of [
    [1, [false, false, false]],
    [2, [true, false, false]],
    [3, [true, true, false]],
  ] as const) {
    assert.deepEqual(
      [1, 2, 3].map((attempt) => delayOf({ attempt, elsewhere: true }, { attempts }) !== undefined),
      expected,
    );
  }
});

test('the pause is a random part of one that doubles up to maxDelayMs', () => {
  const pauses = (random: number): (number | undefined)[] =>
    [1, 2, 3, 4, 5].map((attempt) =>
      delayOf({ code: 'ERR_MEMCACHE_CONNECT', attempt }, { maxDelayMs: 500 }, random),
    );
  assert.deepEqual(pauses(1), [100, 200, 400, 500, 500]);
  assert.deepEqual(pauses(0.5), [50, 100, 200, 250, 250]);
  assert.deepEqual(pauses(0), [0, 0, 0, 0, 0]);
});

test('left to itself it spreads over the whole pause', () => {
  const failure = { code: UNREACHED[0], sent: 'no', verb: 'get', attempt: 2, elsewhere: false };
  const options = { ...RETRY_DEFAULTS, attempts: 3, delayMs: 100 };
  const delays = Array.from({ length: 400 }, () => retryDelay(failure as Failure, options) ?? -1);
  assert.ok(delays.every((delay) => delay >= 0 && delay < 200));
  assert.ok(Math.min(...delays) < 50);
  assert.ok(Math.max(...delays) > 150);
});

test('by default one further attempt is made of what was lost, and of nothing that was refused', () => {
  const delay = (failure: Partial<Failure>): number | undefined => delayOf(failure, RETRY_DEFAULTS);
  assert.equal(delay({}), 0);
  assert.equal(delay({ verb: 'set' }), undefined);
  assert.equal(delay({ verb: 'set', sent: 'no' }), 0);
  assert.equal(delay({ attempt: 2 }), undefined);
  assert.equal(delay({ code: 'ERR_MEMCACHE_CONNECT', sent: 'no' }), undefined);
  assert.equal(delay({ code: 'ERR_MEMCACHE_CONNECT', sent: 'no', elsewhere: true }), 0);
});

test('a later attempt that never left does not hide that an earlier one did', () => {
  const cause = new Error('refused');
  const late = new TimeoutError('ERR_MEMCACHE_TIMEOUT', 'late', {
    server: 'a:1',
    command: 'get',
    retryable: true,
    cause,
  });
  const told = asSent(late);
  assert.ok(told instanceof TimeoutError);
  assert.deepEqual(
    [told.code, told.message, told.server, told.command, told.sent, told.retryable, told.cause],
    ['ERR_MEMCACHE_TIMEOUT', 'late', 'a:1', 'get', 'maybe', true, cause],
  );
  assert.equal(late.sent, 'no');
});

test('what was sent or answered stays as it is', () => {
  for (const sent of ['maybe', 'yes'] as const) {
    const error = new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'x', { sent });
    assert.equal(asSent(error), error);
  }
  const plain = new MemcacheError('ERR_MEMCACHE_CLOSED', 'x', { sent: 'no' });
  assert.equal(asSent(plain).sent, 'maybe');
});
