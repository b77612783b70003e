import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { from } from '../../../src/config/origin.ts';
import { rulesByPath } from '../../../src/config/paths.ts';
import { Settings } from '../../../src/config/settings.ts';

test('config names every option once, with its value and what said so', () => {
  const config = new Settings({
    servers: 'h1,[::1]:5',
    timeoutMs: 50,
    retry: { attempts: 3 },
  }).config();
  assert.deepEqual(Object.keys(config), [...rulesByPath().keys()]);
  assert.deepEqual(config.servers, { value: ['h1:11211', '[::1]:5'], source: 'options' });
  assert.deepEqual(config.timeoutMs, { value: 50, source: 'options' });
  assert.deepEqual(config.stallTimeoutMs, { value: 100, source: 'default' });
  assert.deepEqual(config['retry.attempts'], { value: 3, source: 'options' });
  assert.deepEqual(config['retry.budget'], { value: 0.2, source: 'default' });
  assert.deepEqual(config.auth, { value: undefined, source: 'default' });
  assert.deepEqual(config['gutter.servers'], { value: [], source: 'default' });
});

test('what a URL says is said to come from it, and what a profile says from that', () => {
  const config = new Settings(
    'memcached://ada:secret@h?timeoutMs=50&retry.attempts=3&profile=swift&format=raw',
  ).config();
  assert.deepEqual(config.timeoutMs, { value: 50, source: 'URL' });
  assert.deepEqual(config['retry.attempts'], { value: 3, source: 'URL' });
  assert.deepEqual(config.servers.source, 'URL');
  assert.deepEqual(config.auth, { value: '[hidden]', source: 'URL' });
  assert.deepEqual(config.keyRule, { value: 'md5', source: "profile 'swift'" });
  assert.deepEqual(config.hashedPart, { value: 'prefixed', source: "profile 'swift'" });
  assert.deepEqual(config.hash, { value: { name: 'swift' }, source: "profile 'swift'" });
  assert.deepEqual(config.format, { value: 'raw', source: 'URL' });
});

test('options remember their source through a spread, until another value stands in the place', () => {
  const read = from('file /srv/memvolley.config.json', {
    servers: 'h',
    timeoutMs: 50,
    retry: { attempts: 3, delayMs: 5 },
  });
  const again = from('environment MEMVOLLEY_TTL', { ...read, ttl: 60 });
  const config = new Settings({
    ...again,
    timeoutMs: 60,
    retry: { ...again.retry, delayMs: 6 },
  }).config();
  assert.equal(config.servers.source, 'file /srv/memvolley.config.json');
  assert.equal(config.ttl.source, 'environment MEMVOLLEY_TTL');
  assert.equal(config.timeoutMs.source, 'options');
  assert.equal(config['retry.attempts'].source, 'file /srv/memvolley.config.json');
  assert.equal(config['retry.delayMs'].source, 'options');
});

test('config is frozen and shows no secret', () => {
  const settings = new Settings({
    servers: 'h',
    auth: { username: 'ada', password: 'canary' },
    tls: { key: 'canary', servername: 'h' },
  });
  const config = settings.config();
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.servers.value));
  assert.equal(config.tls.value, '[hidden]');
  for (const shown of [inspect(config, { depth: 9 }), JSON.stringify(config)])
    assert.doesNotMatch(shown, /canary/);
  const own = new Settings({
    servers: 'h',
    tls: () => ({}),
    auth: () => ({ username: 'a', password: 'b' }),
  });
  assert.deepEqual([own.config().tls.value, own.config().auth.value], ['[hidden]', '[hidden]']);
  assert.equal(new Settings({ servers: 'h', tls: true }).config().tls.value, true);
});

test('bytes are shown as a copy, and discoveries and spares by name', () => {
  const keyPrefix = Uint8Array.of(97, 58);
  const settings = new Settings({
    discovery: async () => ['h'],
    keyPrefix,
    failover: 'gutter',
    gutter: { servers: 'spare' },
  });
  const config = settings.config();
  assert.deepEqual(config.keyPrefix.value, keyPrefix);
  (config.keyPrefix.value as Uint8Array)[0] = 98;
  assert.deepEqual(settings.config().keyPrefix.value, keyPrefix);
  assert.deepEqual(config['gutter.servers'].value, ['spare:11211']);
  assert.equal(typeof config.discovery.value, 'string');
});
