import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Login, Readiness, READINESS_REQUEST } from '../../../src/connection/readiness.ts';
import { MemcacheConnectionError } from '../../../src/errors.ts';
import { ResponseParser } from '../../../src/protocol/response-parser.ts';

function hear(...pieces: string[]): { versions: string[]; error: unknown } {
  const versions: string[] = [];
  const readiness = new Readiness('a:1', (version) => void versions.push(version));
  const parser = new ResponseParser(readiness, { readBufferBytes: 4096, maxValueBytes: 100 });
  try {
    for (const piece of pieces) parser.feed(Buffer.from(piece));
  } catch (error) {
    return { versions, error };
  }
  return { versions, error: undefined };
}

test('it asks what every memcached and every proxy knows', () => {
  assert.equal(READINESS_REQUEST.toString(), 'version\r\n');
});

test('a version makes it ready, once', () => {
  const expected = { versions: ['1.6.18'], error: undefined };
  assert.deepEqual(hear('VERSION 1.6.18\r\n'), expected);
  assert.deepEqual(hear('VERS', 'ION 1.6.18', '\r', '\n'), expected);
  const twice = hear('VERSION 1.6.18\r\nVERSION 1.6.18\r\n');
  assert.deepEqual(twice.versions, ['1.6.18']);
  assert.ok(twice.error instanceof MemcacheConnectionError);
});

test('SERVER_ERROR is an answer: through a proxy it only means that one backend is away', () => {
  assert.deepEqual(hear('SERVER_ERROR Connection refused\r\n'), {
    versions: [''],
    error: undefined,
  });
});

test('ERROR and CLIENT_ERROR turn the connection away', () => {
  for (const line of ['ERROR Too many open connections', 'CLIENT_ERROR line too long']) {
    const { versions, error } = hear(`${line}\r\n`);
    assert.deepEqual(versions, []);
    assert.ok(error instanceof MemcacheConnectionError);
    assert.equal(error.code, 'ERR_MEMCACHE_CONNECT');
    assert.equal(error.message, 'a:1 turned the connection away');
    assert.match((error.cause as Error).message, new RegExp(line));
  }
});

test('a server that wants to know who asks says so', () => {
  const { versions, error } = hear('CLIENT_ERROR unauthenticated\r\n');
  assert.deepEqual(versions, []);
  assert.ok(error instanceof MemcacheConnectionError);
  assert.deepEqual([error.code, error.sent, error.retryable], ['ERR_MEMCACHE_AUTH', 'no', true]);
});

test('a login is over with STORED, and with everything else in vain', () => {
  const answers: [string, string | undefined][] = [
    ['STORED', undefined],
    ['CLIENT_ERROR authentication failure', 'ERR_MEMCACHE_AUTH'],
    ['SERVER_ERROR no canary', 'ERR_MEMCACHE_AUTH'],
    ['ERROR', 'ERR_MEMCACHE_AUTH'],
    ['NOT_STORED', 'ERR_MEMCACHE_PROTOCOL'],
    ['VERSION 1.6.18', 'ERR_MEMCACHE_PROTOCOL'],
    ['STORED ', 'ERR_MEMCACHE_PROTOCOL'],
  ];
  for (const [answer, code] of answers) {
    let taken = 0;
    const login = new Login('a:1', () => void taken++);
    const parser = new ResponseParser(login, { readBufferBytes: 4096, maxValueBytes: 100 });
    let error: MemcacheConnectionError | undefined;
    try {
      parser.feed(Buffer.from(`${answer}\r\n`));
    } catch (thrown) {
      error = thrown as MemcacheConnectionError;
    }
    assert.deepEqual([error?.code, taken], [code, code === undefined ? 1 : 0], answer);
    assert.doesNotMatch(`${error?.stack} ${String(error?.cause)}`, /canary/);
  }
});

test('anything else is no memcached', () => {
  for (const text of ['HTTP/1.1 400 Bad Request\r\n', 'END\r\n', '\r\n', '\x15\x03\x01\0\x02\n']) {
    const { versions, error } = hear(text);
    assert.deepEqual(versions, []);
    assert.equal((error as MemcacheConnectionError).code, 'ERR_MEMCACHE_PROTOCOL');
  }
});
