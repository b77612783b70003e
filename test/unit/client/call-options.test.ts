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
    { codec: 'json' },
    { codec: { serialize: String } },
    { codec: { module: './codec.js' } },
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
    ['codec', 'canary'],
    ['codec', {}],
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

test('noreply and signed are options of the verbs that know them', () => {
  const changes = ['set', 'setMany', 'add', 'replace', 'append', 'prepend', 'delete'];
  const quiet = [...changes, 'deleteMany', 'touch', 'incr', 'decr'];
  for (const verb of quiet) {
    for (const noreply of [true, false, undefined]) checkCall({ noreply }, verb);
    for (const odd of [1, 'canary', null])
      assert.throws(() => checkCall({ noreply: odd }, verb), {
        message: new RegExp(`^option 'noreply' of ${verb} must be true or false, not `),
      });
  }
  for (const verb of ['get', 'getMany', 'gets', 'cas', 'flushAll', 'stats', 'getAndTouch'])
    assert.throws(() => checkCall({ noreply: true }, verb), {
      message: new RegExp(`^unknown option 'noreply' of ${verb}: allowed are `),
    });
  for (const verb of ['incr', 'decr']) checkCall({ signed: true, initial: 0, ttl: 5 }, verb);
  for (const verb of ['set', 'delete', 'touch'])
    assert.throws(() => checkCall({ signed: true }, verb), /unknown option 'signed'/);
});

test('what is appended has neither ttl nor codec of its own', () => {
  for (const verb of ['append', 'prepend']) {
    checkCall({ routeBy: 'k', timeoutMs: 5 }, verb);
    for (const option of [{ ttl: 5 }, { codec }, { initial: 1 }])
      assert.throws(() => checkCall(option, verb), { code: 'ERR_MEMCACHE_OPTION' });
  }
});
