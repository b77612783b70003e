import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  IllegalInputError,
  ManyError,
  MemcacheClientError,
  MemcacheConnectionError,
  MemcacheError,
  MemcacheServerError,
  TimeoutError,
  UnknownCommandError,
} from '../../src/errors.ts';

type ErrorClass = typeof MemcacheError;

const FAMILY: [ErrorClass, ErrorClass[]][] = [
  [MemcacheError, []],
  [MemcacheClientError, [MemcacheError]],
  [IllegalInputError, [MemcacheError, MemcacheClientError]],
  [UnknownCommandError, [MemcacheError, MemcacheClientError]],
  [MemcacheServerError, [MemcacheError]],
  [MemcacheConnectionError, [MemcacheError]],
  [TimeoutError, [MemcacheError, MemcacheConnectionError]],
];

test('each class is an instance of its ancestors and of nothing else', () => {
  for (const [Class, ancestors] of FAMILY) {
    const error = new Class('ERR_MEMCACHE_SERVER', 'sentence');
    assert.ok(error instanceof Error);
    for (const [Other] of FAMILY) {
      const expected = Other === Class || ancestors.includes(Other);
      assert.equal(error instanceof Other, expected, `${Class.name} instanceof ${Other.name}`);
    }
  }
});

test('names are those of the classes and do not show among the fields', () => {
  for (const [Class] of FAMILY) {
    const error = new Class('ERR_MEMCACHE_SERVER', 'sentence');
    assert.equal(error.name, Class.name);
    assert.equal(String(error), `${Class.name}: sentence`);
    assert.equal(Object.hasOwn(error, 'name'), false);
  }
});

test('what is not known has a harmless default', () => {
  const { code, message, server, command, sent, retryable, cause } = new MemcacheError(
    'ERR_MEMCACHE_CLOSED',
    'sentence',
  );
  assert.deepEqual(
    { code, message, server, command, sent, retryable, cause },
    {
      code: 'ERR_MEMCACHE_CLOSED',
      message: 'sentence',
      server: undefined,
      command: undefined,
      sent: 'no',
      retryable: false,
      cause: undefined,
    },
  );
  assert.equal('cause' in new MemcacheError('ERR_MEMCACHE_CLOSED', ''), false);
});

test('details are kept', () => {
  const cause = new Error('socket');
  const error = new TimeoutError('ERR_MEMCACHE_TIMEOUT', 'late', {
    server: 'a:1',
    command: 'get',
    sent: 'maybe',
    retryable: true,
    cause,
  });
  assert.deepEqual(
    [error.server, error.command, error.sent, error.retryable, error.cause],
    ['a:1', 'get', 'maybe', true, cause],
  );
});

test('another copy of the package makes errors that match, by class and not by name', async () => {
  const source = new URL('../../src/errors.js', import.meta.url).href;
  const copy = (await import(`${source}?copy`)) as { TimeoutError: typeof TimeoutError };
  assert.notEqual(copy.TimeoutError, TimeoutError);
  const foreign = new copy.TimeoutError('ERR_MEMCACHE_TIMEOUT', 'late');
  assert.ok(foreign instanceof TimeoutError);
  assert.ok(foreign instanceof MemcacheConnectionError);
  assert.ok(foreign instanceof MemcacheError);
  assert.equal(foreign instanceof MemcacheServerError, false);
});

test('what is no error of ours matches no class', () => {
  const others = [new Error('x'), { name: 'MemcacheError' }, {}, null, undefined, 'text', 1];
  for (const other of others) {
    for (const [Class] of FAMILY) assert.equal((other as unknown) instanceof Class, false);
  }
});

test("a caller's own subclass is told by its prototype", () => {
  class Special extends MemcacheServerError {}
  const special = new Special('ERR_MEMCACHE_SERVER', 'x');
  assert.ok(special instanceof Special && special instanceof MemcacheServerError);
  assert.equal(new MemcacheServerError('ERR_MEMCACHE_SERVER', 'x') instanceof Special, false);
});

test('many failures speak for all: first server and command, retryable if any is', () => {
  const first = new MemcacheServerError('ERR_MEMCACHE_SERVER', 'a', {
    server: 'a:1',
    command: 'get',
    sent: 'yes',
  });
  const second = new TimeoutError('ERR_MEMCACHE_TIMEOUT', 'b', { sent: 'maybe', retryable: true });
  const values = new Map([['x', 1]]);
  const errors = new Map<string, MemcacheError>([
    ['secret-key', first],
    ['z', second],
  ]);
  const many = new ManyError(values, errors);
  assert.equal(many.code, 'ERR_MEMCACHE_MANY');
  assert.equal(many.name, 'ManyError');
  assert.equal(many.message, '2 of 3 failed');
  assert.deepEqual(
    [many.server, many.command, many.sent, many.retryable, many.cause],
    ['a:1', 'get', 'yes', true, first],
  );
  assert.equal(many.values, values);
  assert.equal(many.errors, errors);
  assert.ok(many instanceof MemcacheError);
  assert.ok(!many.message.includes('secret-key'));
  const sureLosses = new Map([['y', first]]);
  assert.equal(new ManyError(new Map(), sureLosses).retryable, false);
});

test('a closed value of a ManyError without failures is still an error', () => {
  const many = new ManyError(new Map(), new Map());
  assert.deepEqual([many.message, many.sent, many.cause], ['0 of 0 failed', 'no', undefined]);
});
