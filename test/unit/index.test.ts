import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as door from '../../src/index.ts';

test('the door shows what it says and nothing else', () => {
  assert.deepEqual(Object.keys(door).toSorted(), [
    'IllegalInputError',
    'ManyError',
    'MemcacheClientError',
    'MemcacheConnectionError',
    'MemcacheError',
    'MemcacheServerError',
    'TimeoutError',
    'UnknownCommandError',
    'createClient',
  ]);
});

test('createClient takes an address, a URL or options and connects to nothing', async () => {
  for (const input of [
    'h',
    'h:11212',
    'memcached://h',
    new URL('memcached://h:1?ttl=5'),
    { servers: 'h' },
    { servers: ['unix:/run/mc.sock'] },
  ]) {
    await using cache = door.createClient(input);
    assert.equal(cache.servers.length, 1);
    assert.equal(cache.metrics().connects, 0);
  }
});

test('createClient names what it cannot work with', () => {
  const code = 'ERR_MEMCACHE_OPTION';
  assert.throws(() => door.createClient(undefined as never), { code });
  assert.throws(() => door.createClient({} as never), { code, message: /servers/ });
  assert.throws(() => door.createClient({ servers: 'h', ttl: -1 }), { code, message: /'ttl'/ });
  assert.throws(() => door.createClient(['a', 'b'] as never), { code });
  assert.throws(() => door.createClient('a,b'), { code, message: /not built yet/ });
  assert.throws(() => door.createClient({ servers: 'h', keyPrefix: 'a b' }), {
    code: 'ERR_MEMCACHE_KEY',
  });
});
