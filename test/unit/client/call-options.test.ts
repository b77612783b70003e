import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCall } from '../../../src/client/call-options.ts';

const codec = { encode: () => ({ bytes: new Uint8Array(), flags: 0 }), decode: () => 1 };

test('what a call may be given passes, and undefined counts as left out', () => {
  for (const options of [
    {},
    { signal: new AbortController().signal },
    { timeoutMs: 1 },
    { timeoutMs: 0.5 },
    { timeoutMs: 2_147_483_647 },
    { routeBy: 'k' },
    { routeBy: new Uint8Array(1) },
    { onError: 'throw' },
    { onError: 'miss' },
    { lane: 'bulk' },
    { codec },
    { ttl: 1 },
    { ttl: new Date() },
    { initial: 1 },
    { initial: 1n },
    { signal: undefined, timeoutMs: undefined, ttl: undefined, codec: undefined },
  ]) {
    checkCall(options, 'get');
  }
});

test('everything else is refused by name, without a word of its content', () => {
  const odd: [string, unknown][] = [
    ['signal', { aborted: false }],
    ['timeoutMs', 0],
    ['timeoutMs', -1],
    ['timeoutMs', Number.NaN],
    ['timeoutMs', 2_147_483_648],
    ['timeoutMs', 'canary'],
    ['routeBy', 7],
    ['onError', 'canary'],
    ['onError', null],
    ['lane', 'small'],
    ['codec', null],
    ['codec', { encode: codec.encode }],
    ['ttl', 'canary'],
    ['initial', 1.5],
    ['initial', 'canary'],
    ['constructor', 1],
    ['timeoutMS', 5],
  ];
  for (const [name, value] of odd) {
    assert.throws(
      () => {
        checkCall({ [name]: value }, 'get');
      },
      (error: Error & { code: string; sent: string }) => {
        assert.equal(error.name, 'IllegalInputError');
        assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
        assert.equal(error.sent, 'no');
        assert.ok(error.message.includes(`'${name}' of get`), error.message);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      },
      `${name}: ${String(value)}`,
    );
  }
});

test('options are an object', () => {
  for (const odd of [null, 'miss', 7, true, () => 1]) {
    assert.throws(
      () => {
        checkCall(odd, 'set');
      },
      { code: 'ERR_MEMCACHE_OPTION', message: /^the options of set must be an object, not / },
    );
  }
});
