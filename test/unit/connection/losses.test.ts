import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  broken,
  closed,
  ended,
  lost,
  Refusal,
  stalled,
  tooLate,
  unavailable,
  unread,
} from '../../../src/connection/losses.ts';
import { MemcacheConnectionError, MemcacheError } from '../../../src/errors.ts';

const cause = new Error('ECONNRESET');

const TABLE: [MemcacheError, string, MemcacheError['code'], string, boolean][] = [
  [ended('a:1'), 'a:1 ended the connection', 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe', true],
  [
    broken('a:1'),
    'the connection to a:1 was given up: a request could not be encoded to its end',
    'ERR_MEMCACHE_CONNECTION_LOST',
    'maybe',
    true,
  ],
  [
    tooLate('a:1'),
    'the connection to a:1 was given up: too many of its answers came too late',
    'ERR_MEMCACHE_CONNECTION_LOST',
    'maybe',
    true,
  ],
  [
    stalled('a:1', 'it has not sent a byte for 20 ms'),
    'the connection to a:1 was given up: it has not sent a byte for 20 ms',
    'ERR_MEMCACHE_CONNECTION_LOST',
    'maybe',
    true,
  ],
  [lost('a:1', 'gone', cause), 'gone', 'ERR_MEMCACHE_CONNECTION_LOST', 'maybe', true],
  [
    unavailable('a:1', undefined),
    'a:1 is not reachable and not tried again yet',
    'ERR_MEMCACHE_UNAVAILABLE',
    'no',
    true,
  ],
  [closed('a:1'), 'the client is closed', 'ERR_MEMCACHE_CLOSED', 'no', false],
  [closed('a:1', 'maybe'), 'the client is closed', 'ERR_MEMCACHE_CLOSED', 'maybe', false],
];

for (const [error, message, code, sent, retryable] of TABLE) {
  test(`'${message}' (sent: ${sent})`, () => {
    assert.ok(error instanceof MemcacheConnectionError);
    assert.deepEqual(
      [error.message, error.code, error.sent, error.retryable, error.server],
      [message, code, sent, retryable, 'a:1'],
    );
  });
}

test('causes are kept', () => {
  const refused = new MemcacheError('ERR_MEMCACHE_CONNECT', 'refused');
  assert.equal(lost('a:1', 'gone', cause).cause, cause);
  assert.equal(unavailable('a:1', refused).cause, refused);
});

test('what the parser threw is told with the server it came from', () => {
  const nameless = new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', 'wrong', {
    sent: 'maybe',
    retryable: true,
  });
  const told = unread('a:1', nameless);
  assert.deepEqual(
    [told.code, told.message, told.server, told.sent, told.retryable],
    ['ERR_MEMCACHE_PROTOCOL', 'a:1: wrong', 'a:1', 'maybe', true],
  );
  const named = lost('b:2', 'gone');
  assert.equal(unread('a:1', named), named);
});

test('what a sink threw is a lost connection, with the error as its cause', () => {
  const told = unread('a:1', cause);
  assert.equal(told.code, 'ERR_MEMCACHE_CONNECTION_LOST');
  assert.equal(told.cause, cause);
});

test('those who meet the same trouble are told the same error', () => {
  const refusal = new Refusal('a:1');
  const [first, second] = [lost('a:1', 'one'), lost('a:1', 'two')];
  assert.equal(refusal.for(first), refusal.for(first));
  assert.notEqual(refusal.for(first), refusal.for(second));
  assert.deepEqual(
    [refusal.for(second).code, refusal.for(second).cause],
    ['ERR_MEMCACHE_UNAVAILABLE', second],
  );
});
