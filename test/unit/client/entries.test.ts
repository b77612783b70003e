import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf, keysOf } from '../../../src/client/entries.ts';

test('pairs, a Map, a generator and a plain object are entries', () => {
  const expected = [
    ['a', 1],
    ['b', undefined],
  ];
  function* generated(): Generator<readonly [string, unknown]> {
    yield ['a', 1];
    yield ['b', undefined];
  }
  assert.deepEqual(
    entriesOf([
      ['a', 1],
      ['b', undefined],
    ]),
    expected,
  );
  assert.deepEqual(
    entriesOf(
      new Map<string, unknown>([
        ['a', 1],
        ['b', undefined],
      ]),
    ),
    expected,
  );
  assert.deepEqual(entriesOf(generated()), expected);
  assert.deepEqual(entriesOf({ a: 1, b: undefined }), expected);
  assert.deepEqual(entriesOf([]), []);
  const bytes = Buffer.from('k');
  assert.equal(entriesOf([[bytes, 1]])[0]?.[0], bytes);
});

test('what holds no pairs is refused without a word of its content', () => {
  const odd: unknown[] = ['canary', 1, null, undefined, true, ['canary'], [['canary']]];
  for (const given of [...odd, [['canary', 1, 2]], new Set(['canary']), () => 1]) {
    assert.throws(
      () => entriesOf(given as never),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_MEMCACHE_VALUE');
        assert.doesNotMatch(error.message, /canary/);
        return true;
      },
    );
  }
});

test('keys are any iterable but a text or bytes', () => {
  const array = ['a', 'b'];
  assert.deepEqual(keysOf(array, 'getMany'), array);
  assert.deepEqual(keysOf(new Set(array), 'getMany'), array);
  assert.deepEqual(
    keysOf(
      new Map([
        ['a', 1],
        ['b', 2],
      ]).keys(),
      'getMany',
    ),
    array,
  );
  for (const odd of ['ab', Buffer.from('ab'), 7, null, undefined, {}]) {
    assert.throws(() => keysOf(odd as never, 'getMany'), {
      code: 'ERR_MEMCACHE_KEY',
      message: /^getMany takes /,
    });
  }
});

test('the keys are those of the call, whatever becomes of the array', () => {
  const array = ['a', 'b'];
  const keys = keysOf(array, 'getMany');
  array.length = 0;
  assert.deepEqual(keys, ['a', 'b']);
  // oxlint-disable-next-line no-sparse-arrays -- a place without a key is to be refused, not passed over
  assert.deepEqual(keysOf([, 'a'] as string[], 'getMany'), [undefined, 'a']);
});
