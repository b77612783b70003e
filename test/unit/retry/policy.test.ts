import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MemcacheConnectionError,
  MemcacheError,
  type MemcacheErrorCode,
  TimeoutError,
} from '../../../src/errors.ts';
import { asSent, retriesRead } from '../../../src/retry/policy.ts';

const failure = (code: MemcacheErrorCode): MemcacheError => new MemcacheError(code, 'x');

test('a lost or broken connection is worth another try', () => {
  for (const code of ['ERR_MEMCACHE_CONNECTION_LOST', 'ERR_MEMCACHE_PROTOCOL'] as const) {
    assert.equal(retriesRead(failure(code), 1, 2), true);
  }
});

test('nothing else is', () => {
  const others: MemcacheErrorCode[] = [
    'ERR_MEMCACHE_TIMEOUT',
    'ERR_MEMCACHE_ABORTED',
    'ERR_MEMCACHE_CONNECT',
    'ERR_MEMCACHE_UNAVAILABLE',
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
  for (const code of others) assert.equal(retriesRead(failure(code), 1, 10), false, code);
});

test('attempts are counted, the first one with them', () => {
  const lost = failure('ERR_MEMCACHE_CONNECTION_LOST');
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => retriesRead(lost, attempt, 3)),
    [true, true, false, false],
  );
  assert.equal(retriesRead(lost, 1, 1), false);
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
});
