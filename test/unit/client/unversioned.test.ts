import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejected, rejectedMany, unversioned } from '../../../src/client/unversioned.ts';
import { ManyError, MemcacheError, TimeoutError } from '../../../src/errors.ts';

const cause = new Error('why');
const late = new TimeoutError('ERR_MEMCACHE_TIMEOUT', 'no answer', {
  server: 'h:1',
  command: 'get',
  sent: 'maybe',
  retryable: true,
  cause,
});

test('the failure of the version is that of the operation, which may have been sent or not', () => {
  for (const begun of [true, false]) {
    const error = unversioned(late, begun);
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.message, 'the version of the namespace is not known: no answer');
    const { code, server, command, sent, retryable } = error;
    assert.deepEqual(
      { code, server, command, sent, retryable, cause: error.cause },
      {
        code: late.code,
        server: 'h:1',
        command: 'get',
        sent: begun ? 'maybe' : 'no',
        retryable: true,
        cause,
      },
    );
  }
});

test('many keys fail each, but a call that was given up fails as a whole', async () => {
  const many: unknown = await rejectedMany(['a', 'b'], late, true).catch((error: unknown) => error);
  assert.ok(many instanceof ManyError);
  assert.deepEqual([...many.errors.keys()], ['a', 'b']);
  assert.equal(many.values.size, 0);
  for (const code of ['ERR_MEMCACHE_ABORTED', 'ERR_MEMCACHE_CLOSED'] as const) {
    const error = new MemcacheError(code, 'over', { sent: 'maybe' });
    const told = { code, message: 'over', sent: 'no' };
    await assert.rejects(rejectedMany(['a'], error, false), told);
    await assert.rejects(rejected(error, false), told);
  }
});
