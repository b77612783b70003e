import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorLine, errorFor, errorLine, survives } from '../../../src/protocol/status.ts';

/** In the middle of other bytes, as it stands in a read buffer. */
function read(line: string): ErrorLine | undefined {
  const bytes = Buffer.from(`ERROR\r\n${line}\r\nERROR\r\n`, 'latin1');
  return errorLine(bytes, 7, 7 + line.length);
}

const ERRORS: [string, ErrorLine['status'], string][] = [
  ['ERROR', 'ERROR', ''],
  ['ERROR Too many open connections', 'ERROR', 'Too many open connections'],
  ['ERROR: too many', 'ERROR', 'too many'],
  ['CLIENT_ERROR', 'CLIENT_ERROR', ''],
  ['CLIENT_ERROR bad command line format', 'CLIENT_ERROR', 'bad command line format'],
  ['CLIENT_ERROR: invalid delta', 'CLIENT_ERROR', 'invalid delta'],
  ['SERVER_ERROR', 'SERVER_ERROR', ''],
  ['SERVER_ERROR out of memory storing object', 'SERVER_ERROR', 'out of memory storing object'],
  ['SERVER_ERROR  Connection refused', 'SERVER_ERROR', 'Connection refused'],
  ['SERVER_ERROR ERROR', 'SERVER_ERROR', 'ERROR'],
];

for (const [line, status, text] of ERRORS) {
  test(`'${line}' is an error line`, () => assert.deepEqual(read(line), { status, text }));
}

test('other lines are none', () => {
  const others = [
    '',
    'E',
    'S',
    'C',
    'END',
    'EN',
    'EX',
    'EXISTS',
    'STORED',
    'STAT pid 1',
    'ERRORS',
    'ERROR_',
    'SERVER_ERRORS x',
    'SERVER ERROR',
    'SE',
    'CLIENT_ERR',
    'CLIENT',
    'error',
    ' ERROR',
    'VALUE ERROR 0 1',
  ];
  for (const line of others) assert.equal(read(line), undefined, line);
});

test('a connection goes on after SERVER_ERROR and after a refused count, and after nothing else', () => {
  const counts = 'CLIENT_ERROR cannot increment or decrement non-numeric value';
  const surviving = ['SERVER_ERROR', 'SERVER_ERROR bad data chunk', counts];
  const fatal = [
    'ERROR',
    'ERROR Too many open connections',
    'CLIENT_ERROR',
    'CLIENT_ERROR bad data chunk',
    'CLIENT_ERROR bad command line format',
    'CLIENT_ERROR unauthenticated',
    `${counts}s`,
  ];
  for (const [lines, expected] of [
    [surviving, true],
    [fatal, false],
  ] as const) {
    for (const line of lines) {
      const error = read(line);
      assert.ok(error !== undefined);
      assert.equal(survives(error), expected, line);
    }
  }
});

const FOR_CALLERS: [string, string, string, boolean][] = [
  ['ERROR', 'UnknownCommandError', 'ERR_MEMCACHE_UNKNOWN_COMMAND', false],
  ['CLIENT_ERROR bad data chunk', 'MemcacheClientError', 'ERR_MEMCACHE_CLIENT', false],
  ['SERVER_ERROR out of memory', 'MemcacheServerError', 'ERR_MEMCACHE_SERVER', true],
  [
    'SERVER_ERROR object too large for cache',
    'MemcacheServerError',
    'ERR_MEMCACHE_TOO_LARGE',
    false,
  ],
];

for (const [line, name, code, retryable] of FOR_CALLERS) {
  test(`a caller sees '${line}' as ${name}`, () => {
    const answered = read(line);
    assert.ok(answered !== undefined);
    const error = errorFor(answered, 'set', 'a:1');
    assert.equal(error.name, name);
    assert.equal(error.message, `a:1 answered set with: ${line}`);
    assert.deepEqual(
      [error.code, error.server, error.command, error.sent, error.retryable],
      [code, 'a:1', 'set', 'yes', retryable],
    );
  });
}

test('words of a server that are not known are left out: they may quote a key', () => {
  for (const status of ['ERROR', 'CLIENT_ERROR', 'SERVER_ERROR']) {
    for (const words of [
      'unknown command canary',
      'object too large for canary',
      'out of memory!',
    ]) {
      const answered = read(`${status} ${words}`);
      assert.ok(answered !== undefined);
      const { message } = errorFor(answered, 'set', 'a:1');
      const left = '(other words, left out: they may quote the request)';
      assert.equal(message, `a:1 answered set with: ${status} ${left}`);
    }
  }
});
