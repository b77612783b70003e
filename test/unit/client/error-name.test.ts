import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorName } from '../../../src/client/error-name.ts';
import { MemcacheError } from '../../../src/errors.ts';

test('an error is called by its code, else by its class, whatever is thrown', () => {
  assert.equal(
    errorName(new MemcacheError('ERR_MEMCACHE_CLOSED', 'closed')),
    'ERR_MEMCACHE_CLOSED',
  );
  assert.equal(errorName(new RangeError('no')), 'RangeError');
  assert.equal(errorName(Object.assign(new Error('no'), { code: 'x'.repeat(65) })), 'Error');
  assert.equal(errorName(Object.assign(new Error('no'), { constructor: undefined })), 'Error');
  for (const thrown of [undefined, null, 'text', 7]) assert.equal(errorName(thrown), 'unknown');
});
