import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCredentials, loginRequest } from '../../../src/connection/auth.ts';
import { IllegalInputError } from '../../../src/errors.ts';

test('credentials as a file of memcached may hold them are taken', () => {
  for (const credentials of [
    { username: 'a', password: 'b' },
    { username: 'å', password: ':😀:' },
    { username: 'u'.repeat(100), password: 'p'.repeat(153) },
  ]) {
    const checked = checkCredentials(credentials);
    assert.deepEqual(checked, credentials);
    assert.notEqual(checked, credentials);
  }
});

test('the request counts bytes, and what it would store is expired', () => {
  assert.equal(
    loginRequest({ username: 'å', password: '😀' }).toString(),
    'set memvolley:login 0 -1 7\r\nå 😀\r\n',
  );
});

test('MemCachier is told by a set of its own, which is gone soon where nobody asked for it', () => {
  const credentials = { username: 'a:å', password: '😀', scheme: 'memcachier' } as const;
  assert.deepEqual(checkCredentials(credentials), credentials);
  assert.equal(loginRequest(credentials).toString(), 'set a:å 0 1 4\r\n😀\r\n');
  const own = { username: 'u', password: 'p', scheme: 'memcached' } as const;
  assert.deepEqual(
    loginRequest(checkCredentials(own)),
    loginRequest({ ...own, scheme: undefined }),
  );
});

test('everything else is refused, and none of it repeated', () => {
  const word = 'hunter2';
  const texts = ['', `${word} x`, `${word}\r\nflush_all`, `${word}\n`, `${word}\0`, `${word}\t`];
  const others = [undefined, null, 5, Buffer.from(word), [word], { toString: () => word }];
  const bad = [...texts, ...others, `${word}\x7f`, `${word}\ud800`];
  const refused: unknown[] = [
    ...bad.map((password) => ({ username: 'u', password })),
    ...bad.map((username) => ({ username, password: word })),
    { username: `${word}:x`, password: 'p' },
    { username: 'u', password: word, token: word },
    { username: 'u', password: word, scheme: word },
    { username: 'u', password: word, scheme: null },
    { username: 'u'.repeat(101), password: 'p'.repeat(153) },
    { username: 'u', password: 'å'.repeat(127) },
    ...[undefined, null, word, 5, [word, word]],
  ];
  for (const given of refused) {
    assert.throws(
      () => checkCredentials(given),
      (error: unknown) => {
        assert.ok(error instanceof IllegalInputError);
        assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
        assert.match(error.message, /^option 'auth' /);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  }
});

test('what is checked is what is sent: each field is read once', () => {
  let reads = 0;
  const changing = {
    username: 'u',
    get password() {
      return reads++ === 0 ? 'good' : 'bad\r\nflush_all';
    },
  };
  assert.equal(checkCredentials(changing).password, 'good');
  assert.equal(reads, 1);
});
