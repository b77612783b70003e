import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveOptions } from '../../../src/config/resolve.ts';
import { optionsFromUrl } from '../../../src/config/url.ts';
import { IllegalInputError } from '../../../src/errors.ts';

function refusal(url: string): string {
  try {
    optionsFromUrl(url);
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    return error.message;
  }
  return assert.fail('not refused');
}

test('servers stand where a URL has its host', () => {
  assert.deepEqual(optionsFromUrl('memcached://h1,h2:11212'), { servers: 'h1,h2:11212' });
  assert.deepEqual(optionsFromUrl('memcached://h1:1,[::1]:2/'), { servers: 'h1:1,[::1]:2' });
  assert.deepEqual(optionsFromUrl('memcached://[fe80::1%25eth0]'), { servers: '[fe80::1%eth0]' });
});

test('a path without a host is a unix socket, commas and escapes included', () => {
  assert.deepEqual(optionsFromUrl('memcached:///run/mc.sock'), { servers: ['unix:/run/mc.sock'] });
  assert.deepEqual(optionsFromUrl('memcached:///run/a%20b,c.sock?ttl=1'), {
    servers: ['unix:/run/a b,c.sock'],
    ttl: 1,
  });
});

test('a discovery stands in the place of the servers', () => {
  const url = 'memcached://?discovery=dns%3A%2F%2Fcache:11212&ttl=1';
  const given = { servers: undefined, discovery: 'dns://cache:11212', ttl: 1 };
  assert.deepEqual(optionsFromUrl(url), given);
});

test('memcacheds and memcaches turn TLS on', () => {
  assert.deepEqual(optionsFromUrl('memcaches://h1'), { servers: 'h1', tls: true });
  assert.deepEqual(optionsFromUrl('memcacheds://h1'), { servers: 'h1', tls: true });
  assert.deepEqual(optionsFromUrl('MEMCACHEDS://h1'), { servers: 'h1', tls: true });
});

test('parameters are options with values of their type', () => {
  const query =
    'timeoutMs=200&retry.attempts=3&onError=miss&unref=true&keyPrefix=a%3A&maxQueued.bytes=9&maxQueued.operations=8';
  assert.deepEqual(optionsFromUrl(`memcached://h1?${query}`), {
    servers: 'h1',
    timeoutMs: 200,
    retry: { attempts: 3 },
    onError: 'miss',
    unref: true,
    keyPrefix: 'a:',
    maxQueued: { bytes: 9, operations: 8 },
  });
});

test('codecs and compressors by name', () => {
  for (const codec of ['msgpack', 'json', 'string', 'buffer', 'v8'] as const)
    assert.equal(resolveOptions(`memcached://h?codec=${codec}`).codec, codec);
  for (const compressor of ['lz4', 'zlib', 'gzip', 'brotli', 'none'] as const)
    assert.equal(resolveOptions(`memcached://h?compressor=${compressor}`).compressor, compressor);
  for (const odd of ['codec=yaml', 'compressor=snappy', 'codec=%7B%7D']) {
    assert.throws(() => resolveOptions(`memcached://h?${odd}`), { code: 'ERR_MEMCACHE_OPTION' });
  }
});

test('a text prefix of digits stays text', () => {
  assert.deepEqual(optionsFromUrl('memcached://h1?keyPrefix=42'), {
    servers: 'h1',
    keyPrefix: '42',
  });
});

test('unknown parameters are refused with the nearest known one', () => {
  assert.equal(
    refusal('memcached://h1?timeoutms=5'),
    "unknown option 'timeoutms': did you mean 'timeoutMs'?",
  );
  assert.equal(
    refusal('memcached://h1?retry.attempt=5'),
    "unknown option 'retry.attempt': did you mean 'retry.attempts'?",
  );
  assert.match(refusal('memcached://h1?__proto__=5'), /^unknown option '__proto__'/);
});

test('what text cannot say is refused', () => {
  for (const name of ['connect', 'tls', 'auth', 'servers', 'retry', 'maxQueued']) {
    assert.equal(refusal(`memcached://h1?${name}=1`), `option '${name}' cannot be given in a URL`);
  }
});

test('a parameter given twice is refused', () => {
  assert.match(refusal('memcached://h1?ttl=1&ttl=2'), /gives option 'ttl' more than once/);
});

test('a URL of another shape is refused', () => {
  for (const url of [
    'memcache://h',
    'redis://h',
    'http://memcached://h',
    'memcached:h',
    'memcached://h#x',
  ]) {
    assert.match(refusal(url), /^the URL must read memcached:\/\//);
  }
  assert.match(refusal('memcached://'), /names no server/);
  assert.match(refusal('memcached:///'), /names no server/);
  assert.match(refusal('memcached://h/0'), /path after its servers/);
  assert.match(refusal('memcached://h%'), /broken percent escape/);
});

test('a user and a password stand before the servers, with percent escapes', () => {
  assert.deepEqual(optionsFromUrl('memcached://ada:s%40%3A%2F%3F%23@h1,h2:5?ttl=1'), {
    servers: 'h1,h2:5',
    auth: { username: 'ada', password: 's@:/?#' },
    ttl: 1,
  });
  assert.deepEqual(optionsFromUrl('memcacheds://%C3%A5:%F0%9F%98%80@[::1]:2'), {
    servers: '[::1]:2',
    tls: true,
    auth: { username: 'å', password: '😀' },
  });
  assert.deepEqual(optionsFromUrl('memcached://a:b@/run/mc.sock').servers, ['unix:/run/mc.sock']);
  const { auth } = resolveOptions(new URL('memcached://ada:s%40x@h1'));
  assert.deepEqual(
    Object.entries(auth ?? {}),
    Object.entries({ username: 'ada', password: 's@x' }),
  );
});

test('credentials that are none are refused, and never repeated', () => {
  for (const url of [
    'memcached://hunter2@h',
    'memcached://u:hunter2:x@h',
    'memcached://u:hunter2@x@h',
    'memcached://u:hunter2/x@h',
    'memcached://u:x?hunter2@h',
    'memcached://u:hunter2#@h',
    'memcached://u:hunter2%@h',
    'redis://u:hunter2@h',
  ]) {
    assert.doesNotMatch(refusal(url), /hunter2/);
  }
  for (const url of [
    'memcached://:hunter2@h',
    'memcached://u:@h',
    'memcached://hunter2%3Au:p@h',
    'memcached://u:hunter2%0D%0Aflush_all@h',
    'memcached://u:hunter2%20x@h',
  ]) {
    assert.throws(
      () => resolveOptions(url),
      (error: Error) => {
        assert.match(error.message, /^option 'auth' /);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  }
});
