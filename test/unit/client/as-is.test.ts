import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAsIs } from '../../../src/client/as-is.ts';

test('text and bytes go out as they are', () => {
  for (const value of ['', 'text', 'é', '\u{1f600}', new Uint8Array(), Buffer.from('b')])
    checkAsIs('append', value, false);
});

test('nothing else does, and no value is told', () => {
  for (const value of [undefined, null, 7, 7n, true, {}, [], new ArrayBuffer(1), 'canary\ud800']) {
    assert.throws(
      () => checkAsIs('append', value, false),
      (error: Error & { code: string; sent: string }) => {
        assert.deepEqual([error.code, error.sent], ['ERR_MEMCACHE_VALUE', 'no']);
        assert.match(
          error.message,
          /^append takes text or a Uint8Array, which is added as it is, /,
        );
        assert.doesNotMatch(error.message, /canary/);
        return true;
      },
    );
  }
});

test('an item with a checksum would not fit it any more', () => {
  assert.throws(() => checkAsIs('prepend', 'text', true), {
    name: 'IllegalInputError',
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    sent: 'no',
    message: /^prepend would make the item unreadable: with the option 'checksum'/,
  });
});
