import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockKeyOf } from '../../../src/client/lock-key.ts';
import type { Key } from '../../../src/client/read.ts';
import { wireKey, wirePrefix } from '../../../src/protocol/key.ts';

const behind =
  (prefix: string) =>
  (key: Key): string =>
    wireKey(key, wirePrefix(prefix));
const wireOf = behind('');
const lockOf = (key: Key, prefix = ''): string => behind(prefix)(lockKeyOf(key, behind(prefix)));

test('it is the key with a mark that no text holds', () => {
  assert.equal(lockOf('user:1'), 'user:1\xfflock');
  assert.equal(lockOf('é'), `${wireOf('é')}\xfflock`);
  assert.equal(lockOf(Buffer.from('user:1')), lockOf('user:1'), 'text and its bytes are one key');
  assert.equal(lockOf('k', 'app:'), 'app:k\xfflock');
  assert.notEqual(lockOf('ÿlock'), lockOf(''.padStart(1, 'x')));
});

test('keys that need base64 have locks that do', () => {
  const lock = lockOf(Buffer.from([1, 2]));
  assert.equal(Buffer.from(lock.slice(1), 'base64').toString('latin1'), '\x01\x02\xfflock');
});

test('of a long key it is a digest, of the key behind its prefix', () => {
  const long = 'k'.repeat(246);
  const lock = lockOf(long);
  assert.match(lock, /^\xfflock[\w-]{22}$/);
  assert.equal(lockOf('k'.repeat(245)).length, 250, 'the longest that is left as it is');
  assert.notEqual(lock, lockOf('k'.repeat(247)));
  const prefixed = lockOf('k'.repeat(243), 'app:');
  assert.match(prefixed, /^app:\xfflock[\w-]{22}$/);
  assert.equal(lockOf(Buffer.from(long)), lock);
  const base64 = Buffer.alloc(186, 1);
  assert.match(lockOf(base64), /^\xfflock[\w-]{22}$/);
});

test('what is no key has none', () => {
  for (const key of ['', 'a b', 'k'.repeat(251)])
    assert.throws(() => lockKeyOf(key, wireOf), { code: 'ERR_MEMCACHE_KEY' });
});
