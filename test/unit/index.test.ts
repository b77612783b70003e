import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as door from '../../src/index.ts';

test('the door shows what it says and nothing else', () => {
  assert.deepEqual(Object.keys(door).toSorted(), [
    'CHANNELS',
    'DURATION_BOUNDS_MS',
    'FleetClient',
    'IllegalInputError',
    'ManyError',
    'MemcacheClientError',
    'MemcacheConnectionError',
    'MemcacheError',
    'MemcacheServerError',
    'Pool',
    'Router',
    'ServerClient',
    'TimeoutError',
    'UnknownCommandError',
    'createClient',
    'dns',
    'elasticache',
    'fallback',
    'file',
    'loadConfig',
    'memorystore',
    'srv',
    'staticList',
    'withRetry',
  ]);
});

test('createClient takes an address, a URL or options and connects to nothing', async () => {
  for (const [input, servers] of [
    ['h', 1],
    ['h:11212', 1],
    ['h1,h2', 2],
    ['memcached://h', 1],
    ['memcached://h1,h2:5', 2],
    [new URL('memcached://h:1?ttl=5'), 1],
    [{ servers: 'h' }, 1],
    [{ servers: ['unix:/run/mc.sock', 'h', { host: 'h', port: 1 }] }, 3],
    [{ discovery: 'dns://h:1' }, 0],
  ] as const) {
    await using cache = door.createClient(input);
    assert.equal(cache.servers.length, servers);
    assert.equal(cache.metrics().connects, 0);
  }
});

test('createClient names what it cannot work with', () => {
  const code = 'ERR_MEMCACHE_OPTION';
  assert.throws(() => door.createClient(undefined as never), { code });
  assert.throws(() => door.createClient({}), { code, message: /servers/ });
  assert.throws(() => door.createClient({ servers: 'h', ttl: -1 }), { code, message: /'ttl'/ });
  assert.throws(() => door.createClient(['a', 'b'] as never), { code });
  assert.throws(() => door.createClient('a,a'), { code, message: /listed twice/ });
  assert.throws(() => door.createClient({ servers: 'a', hash: {} as never }), {
    code,
    message: /'hash'/,
  });
  assert.throws(() => door.createClient({ servers: 'h', keyPrefix: 'a b' }), {
    code: 'ERR_MEMCACHE_KEY',
  });
});
