import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import { type ProfileName, PROFILE_NAMES, PROFILES } from '../../../src/config/profiles.ts';
import { hashedPart, KEY_RULES } from '../../../src/protocol/key-rules.ts';
import { hasherOf } from '../../../src/routing/hashers.ts';

/** What the client of each name does, one line each: format, hasher, what is hashed, key rule. */
const ROWS: Record<ProfileName, string> = {
  pymemcache: 'pymemcache rendezvous key strict',
  pylibmc: 'pylibmc modula key strict',
  libmemcached: 'raw modula key strict',
  php: 'php modula key strict',
  dalli: 'dalli dalli wire dalli',
  swift: 'swift swift prefixed md5',
  spymemcached: 'spymemcached ketama prefixed strict',
  gomemcache: 'raw crc32 prefixed strict',
  memjs: 'raw memjs prefixed strict',
  memcached: 'memcached hashring prefixed memcached',
};

test('each profile is one row: format, hash, what is hashed, keys', () => {
  const rows = PROFILE_NAMES.map((name) => {
    const { format, hash, hashes, keys } = PROFILES[name];
    return [name, `${format} ${hash.name} ${hashes} ${keys}`];
  });
  assert.deepEqual(Object.fromEntries(rows), ROWS);
});

const SERVERS = [22110, 22111, 22112, 22113].map((port) => ({
  name: `127.0.0.1:${port}`,
  host: '127.0.0.1',
  port,
  weight: 1,
}));
const KEYS = 'user:1 user:2 user:42 session:abc session:def post:1001 a foo bar clé:é'.split(' ');

/** Where the clients themselves put these keys. */
const PLACES: Partial<Record<ProfileName, string>> = {
  pymemcache: '2103310221',
  pylibmc: '3320022113',
  libmemcached: '3320022113',
  php: '3320022113',
  dalli: '3133010032',
  spymemcached: '2003123302',
  gomemcache: '2021233120',
  memjs: '2132321233',
};

test('every profile has a hasher, and keys are where the client of that name puts them', () => {
  for (const name of PROFILE_NAMES) {
    const { hash, hashes, keys } = PROFILES[name];
    const placement = hasherOf(hash)(SERVERS);
    const places = KEYS.map((key) =>
      placement.locate(hashedPart(hashes, key, '', KEY_RULES[keys](key, ''))),
    );
    assert.equal(places.join(''), PLACES[name] ?? places.join(''), name);
  }
});

test('every profile works as options, and with a key as long as the client takes', () => {
  const long = 'a'.repeat(300);
  for (const name of PROFILE_NAMES) {
    const { format, hashes, keys } = PROFILES[name];
    assert.equal(resolveCodecOptions({ format }).compressor, 'none', name);
    const rule = KEY_RULES[keys];
    assert.equal(hashedPart(hashes, 'k', '', rule('k', '')), 'k', name);
    if (keys === 'strict') assert.throws(() => rule(long, ''), { code: 'ERR_MEMCACHE_KEY' });
    else assert.ok(rule(long, '').length <= 250);
  }
});

test('where the prefix decides about the server, it is part of what is hashed', () => {
  for (const name of PROFILE_NAMES) {
    const { hashes, keys } = PROFILES[name];
    const hashed = hashedPart(hashes, 'k', 'ns:', KEY_RULES[keys]('k', 'ns:'));
    const ignored = ['pymemcache', 'pylibmc', 'libmemcached', 'php'].includes(name);
    assert.equal(hashed, ignored ? 'k' : 'ns:k', name);
  }
});
