import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import session from 'express-session';
import { MemvolleyStore } from '../../../src/adapters/express-session/index.ts';
import { secondsOf } from '../../../src/adapters/express-session/session.ts';
import { sessionStore } from '../../../src/adapters/express-session/session-store.ts';
import { createClient } from '../../../src/index.ts';

test('a session lives as long as its cookie', () => {
  const inMs = (ms: number): Date => new Date(Date.now() + ms);
  const seconds = (cookie: object | undefined): number => secondsOf({ cookie }, 77);
  assert.equal(seconds({ expires: inMs(59_500) }), 61);
  assert.equal(seconds({ expires: inMs(59_500).toISOString() }), 61);
  assert.equal(seconds({ expires: inMs(50) }), 2, 'not the 0 that means for ever');
  assert.equal(seconds({ expires: inMs(-1) }), -1);
  assert.equal(seconds({ maxAge: 1500 }), 3);
  assert.equal(seconds({ maxAge: 0 }), -1);
  assert.equal(seconds({ expires: inMs(3_000_000_000_000) }), 0, 'beyond the clock of the server');
  for (const cookie of [undefined, {}, { expires: null, maxAge: null }, { expires: false }])
    assert.equal(seconds(cookie), 77);
  assert.equal(seconds({ expires: 0 }), 77, 'a number is no date');
  assert.equal(seconds({ expires: new Date(Number.NaN) }), 77);
});

test('beside express-session it is one of its stores', async () => {
  const store = new MemvolleyStore('h');
  assert.ok(store instanceof session.Store);
  assert.equal(store.createSession, session.Store.prototype.createSession);
  await store.close();
});

test('without express-session it is an EventEmitter, and says what is missing when it is missed', () => {
  const cause = new Error('Cannot find module');
  const Store = sessionStore(() => {
    throw cause;
  });
  const store = new Store();
  assert.ok(store instanceof EventEmitter);
  for (const name of ['regenerate', 'load', 'createSession'] as const)
    assert.throws(() => store[name]('', () => undefined), {
      code: 'ERR_MEMCACHE_UNSUPPORTED',
      message:
        'the package express-session cannot be loaded: it has to be installed beside memvolley',
      cause,
    });
});

test('what it cannot work with is refused in one sentence', async () => {
  await using cache = createClient('h');
  const refused = (options: object | null, message: RegExp | string): void =>
    assert.throws(() => new MemvolleyStore(cache, options as never), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_OPTION',
      message,
    });
  refused(null, 'the options of MemvolleyStore must be an object; got null');
  refused({ maxAge: 5 }, /^unknown option 'maxAge'/);
  refused({ prefix: 5 }, "option 'prefix' must be a string; got a number");
  refused({ ttl: 0 }, /^option 'ttl' must be a number of seconds above 0.*; got a number$/);
  refused({ ttl: Infinity }, /^option 'ttl' must be .* that end before 2038-01-19/);
  refused({ ttl: 1e12 }, /^option 'ttl' must be .* that end before 2038-01-19/);
  refused({ ttl: '1h' }, /must be a number of seconds above 0.*; got a string$/);
  refused({ serializer: {} }, /must be { stringify, parse }; got an object$/);
  refused(
    { probeMs: -1 },
    /must be a number of milliseconds from 0 to 2147483647; got a negative number$/,
  );
  refused(
    { prefix: 'a', namespace: 'b' },
    "option 'prefix' of MemvolleyStore means nothing beside 'namespace'",
  );
  assert.throws(() => new MemvolleyStore(11_211 as never), {
    message: 'MemvolleyStore takes a client, or what createClient takes; got a number',
  });
});
