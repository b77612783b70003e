// What `explain` says of a key agrees with where calls go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, type ClientOptions } from '../../../src/index.ts';

const SERVERS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

function explained(options: ClientOptions, key: string | Uint8Array, routeBy?: string) {
  const client = createClient({ servers: SERVERS, ...options });
  const explanation = client.explain(key, routeBy === undefined ? {} : { routeBy });
  assert.equal(explanation.server, client.serverFor(key, routeBy === undefined ? {} : { routeBy }));
  assert.equal(explanation.candidates[0], explanation.server);
  assert.deepEqual(explanation.servers, client.servers);
  return explanation;
}

test('for every profile, with and without a prefix', () => {
  const profiles = ['pymemcache', 'pylibmc', 'php', 'dalli', 'swift', 'spymemcached'] as const;
  for (const profile of [...profiles, 'gomemcache', 'memjs', 'memcached'] as const) {
    for (const keyPrefix of ['', 'app:']) {
      for (let i = 0; i < 20; i++) explained({ profile, keyPrefix }, `key:${i}`);
    }
  }
});

test('tells what is sent and what is hashed', () => {
  const plain = explained({ keyPrefix: 'app:' }, 'user:1');
  assert.deepEqual(
    [plain.wireKey, plain.hashed, plain.hash],
    ['app:user:1', 'user:1', 'rendezvous'],
  );
  const long = 'k'.repeat(300);
  const dalli = explained({ profile: 'dalli' }, long);
  assert.match(String(dalli.wireKey), /^k{212}:md5:[0-9a-f]{32}$/);
  assert.equal(String(dalli.hashed), String(dalli.wireKey));
  assert.equal(explained({ hashTag: '{}' }, 'a{user:1}b').hashed, 'user:1');
  assert.equal(explained({}, 'a', 'user:1').hashed, 'user:1');
  assert.equal(explained({ hash: () => ({ locate: () => 2 }) }, 'a').hash, 'function');
});

test('refuses a key as a call does, and a fleet that is not known', () => {
  const client = createClient({ servers: SERVERS });
  assert.throws(() => client.explain('a b'), { code: 'ERR_MEMCACHE_KEY' });
  assert.throws(() => client.explain('a', { routeBy: '' }), { code: 'ERR_MEMCACHE_KEY' });
  const unknown = createClient({ discovery: () => Promise.reject(new Error('no')) });
  assert.throws(() => unknown.explain('a'), { code: 'ERR_MEMCACHE_UNAVAILABLE' });
});
