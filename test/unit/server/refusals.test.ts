import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemcacheError } from '../../../src/errors.ts';
import {
  changedSinceCall,
  overloaded,
  refuseBase64,
  timedOut,
  tooLarge,
} from '../../../src/server/refusals.ts';

const TABLE: [MemcacheError, string, string, string, boolean][] = [
  [timedOut('get', 'a:1', 'maybe'), 'TimeoutError', 'ERR_MEMCACHE_TIMEOUT', 'maybe', true],
  [timedOut('get', 'a:1', 'no'), 'TimeoutError', 'ERR_MEMCACHE_TIMEOUT', 'no', true],
  [
    tooLarge('set', 'a:1', { bytes: 11, allowed: 10 }),
    'IllegalInputError',
    'ERR_MEMCACHE_TOO_LARGE',
    'no',
    false,
  ],
  [changedSinceCall('set', 'a:1'), 'IllegalInputError', 'ERR_MEMCACHE_VALUE', 'no', false],
  [refuseBase64('set', 'a:1'), 'IllegalInputError', 'ERR_MEMCACHE_UNSUPPORTED', 'no', false],
  [overloaded('a:1', '9 bytes'), 'MemcacheConnectionError', 'ERR_MEMCACHE_OVERLOADED', 'no', true],
];

for (const [error, name, code, sent, retryable] of TABLE) {
  test(`${code} (sent: ${sent}) says what a caller may do`, () => {
    assert.deepEqual(
      [error.name, error.code, error.sent, error.retryable, error.server],
      [name, code, sent, retryable, 'a:1'],
    );
  });
}

test('messages name the limit that was met', () => {
  const [, , large, , , full] = TABLE.map(([error]) => error.message);
  assert.equal(large, 'a value of 11 bytes is over the 10 that a:1 takes for this key');
  assert.equal(full, 'a:1 already has 9 bytes waiting');
});
