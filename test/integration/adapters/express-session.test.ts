// What express-session's README asks of a store, method by method.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import session from 'express-session';
import {
  MemvolleyStore,
  type MemvolleyStoreOptions,
} from '../../../src/adapters/express-session/index.ts';
import { fallback } from '../../../src/index.ts';
import { startMemcached } from '../../../src/testing/index.ts';
import { backend } from '../backend.ts';
import { secondsLeft } from './seconds-left.ts';

interface FormerStore {
  readonly client: { end(): void };
  set(id: string, value: object, done: (error: unknown) => void): void;
  get(id: string, done: (error: unknown, value: unknown) => void): void;
}
const connectMemcached = createRequire(import.meta.url)('connect-memcached') as (
  from: typeof session,
) => new (options: { hosts: string[] }) => FormerStore;

const server = backend();

const inMs = (ms: number): Date => new Date(Date.now() + ms);
const cookie = { originalMaxAge: null, expires: null };

/** A store whose methods answer promises; a callback that is called twice fails the test. */
function promised(options: MemvolleyStoreOptions = {}, client = server.cache) {
  const store = new MemvolleyStore(client, options);
  const asked = <T>(begin: (callback: (error?: unknown, answer?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      let calls = 0;
      begin((error, answer) => {
        assert.equal(++calls, 1);
        if (error === null) resolve(answer as T);
        else reject(error);
      });
    });
  return {
    store,
    get: (id: string) => asked<object | null>((callback) => store.get(id, callback)),
    set: (id: string, value: object) => asked((callback) => store.set(id, value, callback)),
    touch: (id: string, value: object) => asked((callback) => store.touch(id, value, callback)),
    destroy: (id: string) => asked((callback) => store.destroy(id, callback)),
    clear: () => asked((callback) => store.clear(callback)),
  };
}

test('set, get, destroy: a session is JSON under its id', async () => {
  const { get, set, destroy } = promised();
  assert.equal(await get('one'), null);
  await set('one', { cookie, user: 'Ada' });
  assert.deepEqual(await get('one'), { cookie, user: 'Ada' });
  assert.equal(await server.cache.get('sess:one'), JSON.stringify({ cookie, user: 'Ada' }));
  secondsLeft((await server.cache.inspect('sess:one'))?.ttl, 86_400);
  await set('one', { cookie, user: 'Bob' });
  assert.deepEqual(await get('one'), { cookie, user: 'Bob' });
  await destroy('one');
  assert.equal(await get('one'), null);
  await destroy('one');
});

test('touch gives a new life and does not write what is stored', async () => {
  const { set, touch, get } = promised({ ttl: 50 });
  await set('two', { cookie, user: 'Ada' });
  const before = await server.cache.inspect('sess:two');
  await touch('two', { cookie: { expires: inMs(500_000) }, user: 'somebody else' });
  const after = await server.cache.inspect('sess:two');
  secondsLeft(before?.ttl, 50);
  secondsLeft(after?.ttl, 501);
  assert.equal(after?.cas, before?.cas, 'the item is the one that was stored');
  assert.deepEqual(await get('two'), { cookie, user: 'Ada' });
  await touch('nobody', { cookie });
  assert.equal(await get('nobody'), null);
  await touch('two', { cookie: { expires: inMs(-1) } });
  assert.equal(await get('two'), null, 'its cookie had ended');
});

test('a session ends with its cookie', async () => {
  const { set, get } = promised();
  await set('short', { cookie: { expires: inMs(300) } });
  assert.notEqual(await get('short'), null);
  await set('over', { cookie: { expires: inMs(-300) } });
  assert.equal(await get('over'), null);
  await sleep(3100);
  assert.equal(await get('short'), null, 'it was not stored for ever');
});

test('any text is an id; none is an error', async () => {
  const { set, get } = promised();
  const ids = ['with blank', 'new\r\nline', '%20', 'é', 'x'.repeat(1000)];
  await Promise.all(ids.map((id) => set(id, { cookie, id })));
  const found = await Promise.all(ids.map(get));
  assert.deepEqual(
    found,
    ids.map((id) => ({ cookie, id })),
  );
  for (const id of ['', undefined, 5])
    await assert.rejects(get(id as string), { code: 'ERR_MEMCACHE_KEY' });
});

test('clear ends the sessions of a namespace, and is refused without one', async () => {
  const { set, get, clear } = promised({ namespace: 'app' });
  const other = promised();
  await Promise.all([set('one', { cookie }), other.set('one', { cookie })]);
  await clear();
  assert.equal(await get('one'), null);
  assert.notEqual(await other.get('one'), null);
  await assert.rejects(other.clear(), {
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    message:
      "clear() needs the option 'namespace' of MemvolleyStore: memcached cannot tell which sessions there are",
  });
  assert.ok(
    !('all' in other.store) && !('length' in other.store),
    'it cannot tell which there are',
  );
});

test('what cannot be stored is told to the callback', async () => {
  const { set } = promised();
  const circle: Record<string, unknown> = { cookie };
  circle['self'] = circle;
  await assert.rejects(set('circle', circle), TypeError);
});

test('a session that cannot be parsed is none', async () => {
  const { store, get } = promised();
  const told = once(store, 'unreadable');
  await server.cache.set('sess:odd', '{"cookie":');
  assert.equal(await get('odd'), null);
  const [error] = await told;
  assert.equal((error as NodeJS.ErrnoException).code, 'ERR_MEMCACHE_DECODE');
});

test('what is stored and is no session is none, and ends no process', async () => {
  const { store, get } = promised();
  let unreadable = 0;
  store.on('unreadable', () => unreadable++);
  const stored = [
    5,
    '5',
    '"text"',
    'true',
    '[]',
    '{}',
    '{"cookie":5}',
    '{"cookie":null}',
    true,
    10n,
  ];
  for (const value of stored) {
    await server.cache.set('sess:other', value);
    assert.equal(await get('other'), null, String(value));
    const loaded = await new Promise((resolve) => {
      store.load('other', (...answer) => resolve(answer));
    });
    assert.deepEqual(loaded, []);
  }
  assert.equal(unreadable, stored.length * 2);
  await server.cache.set('sess:other', 'null');
  assert.equal(await get('other'), null);
});

test('another serializer, another format', async () => {
  const serializer = {
    stringify: (value: object) => Buffer.from(JSON.stringify(value)).toString('base64'),
    parse: (stored: string) => JSON.parse(Buffer.from(stored, 'base64').toString()) as unknown,
  };
  const own = promised({ serializer, prefix: 'own:' });
  await own.set('one', { cookie, a: 1 });
  assert.deepEqual(await own.get('one'), { cookie, a: 1 });
  assert.equal(await server.cache.get('own:one'), serializer.stringify({ cookie, a: 1 }));
  const bytes = promised({}, server.client({ format: 'raw' }));
  await bytes.set('bytes', { cookie, a: 'ä' });
  assert.deepEqual(await bytes.get('bytes'), { cookie, a: 'ä' });
});

test('a callback is called later, where its caller was, and may be left out', async () => {
  const { store, get } = promised();
  const where = new AsyncLocalStorage<string>();
  let returned = false;
  await new Promise<void>((resolve) => {
    where.run('here', () => {
      store.set('later', { cookie }, () => {
        assert.ok(returned);
        assert.equal(where.getStore(), 'here');
        resolve();
      });
    });
    returned = true;
  });
  store.destroy('later');
  store.set('quiet', { cookie });
  store.touch('quiet', { cookie });
  assert.equal(await get('later'), null);
  assert.notEqual(await get('quiet'), null);
  const told = once(store, 'error');
  store.destroy('');
  assert.equal(((await told)[0] as NodeJS.ErrnoException).code, 'ERR_MEMCACHE_KEY');
});

test('what a callback throws is its own, and no second call', async () => {
  const program = `
    import { MemvolleyStore } from '${new URL('../../../src/adapters/express-session/index.js', import.meta.url).href}';
    const store = new MemvolleyStore('${server.address}');
    let calls = 0;
    process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
    process.on('unhandledRejection', () => console.log('unhandled'));
    process.on('exit', () => console.log(calls, 'call'));
    store.get('any', () => {
      calls++;
      void store.close();
      throw new Error('of the callback');
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    program,
  ]);
  assert.equal(stdout, 'uncaught of the callback\n1 call\n');
});

test('without a server: an error, then disconnect, and connect once it is back', async () => {
  await using lost = await startMemcached();
  const client = server.client({ servers: lost.address, timeoutMs: 500 } as never);
  const { store, get, set } = promised({ probeMs: 50 }, client);
  await set('one', { cookie });
  const states: string[] = [];
  for (const state of ['connect', 'disconnect']) store.on(state, () => states.push(state));
  const disconnected = once(store, 'disconnect');
  await lost.stop();
  await assert.rejects(get('one'), { name: /Error$/ });
  await disconnected;
  await assert.rejects(get('one'));
  const connected = once(store, 'connect');
  await lost.restart();
  await connected;
  assert.equal(await get('one'), null);
  assert.deepEqual(states, ['disconnect', 'connect']);
  await store.close();
});

test('a client that has too much to do does not put sessions on hold', async () => {
  const client = server.client({ maxQueued: { operations: 5 } });
  await client.connect();
  const { store, get } = promised({ probeMs: 20 }, client);
  store.on('disconnect', () => assert.fail('the server is there'));
  const ends = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => get(`many${index}`)),
  );
  const codes = ends.map((end) =>
    end.status === 'rejected' ? (end.reason as NodeJS.ErrnoException).code : undefined,
  );
  assert.ok(codes.includes('ERR_MEMCACHE_OVERLOADED'));
  assert.ok(codes.includes(undefined));
  await sleep(100);
  await store.close();
});

test('one lost server of two does not put sessions on hold', async () => {
  await using gone = await startMemcached();
  const servers = [server.address, gone.address];
  const client = server.client({ servers, failover: 'error', timeoutMs: 500 } as never);
  const { store, get } = promised({ probeMs: 20 }, client);
  store.on('disconnect', () => assert.fail('a server is there'));
  await gone.stop();
  const ends = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => get(`id${index}`)),
  );
  assert.ok(ends.some(({ status }) => status === 'rejected'));
  assert.ok(ends.some(({ status }) => status === 'fulfilled'));
  await sleep(200);
  await store.close();
});

test('close closes the client that the store made, and no other', async () => {
  const { store, get } = promised();
  await store.close();
  assert.equal(await get('none'), null);
  const own = new MemvolleyStore({ servers: server.address, timeoutMs: 10_000 });
  await own.close();
  const error = await new Promise((resolve) => own.get('one', resolve));
  assert.equal((error as NodeJS.ErrnoException).code, 'ERR_MEMCACHE_CLOSED');
});

test('sessions of connect-memcached go on, and it finds those that are stored as it does', async () => {
  const Former = connectMemcached(session);
  const former = new Former({ hosts: [server.address] });
  const client = server.client({ profile: 'memcached' });
  const same = { stringify: (value: object) => value, parse: (value: object) => value };
  const [next, beside] = [
    promised({ prefix: '' }, client),
    promised({ prefix: '', serializer: same }, client),
  ];
  await new Promise((resolve) => former.set('former', { cookie, user: 'Ada' }, resolve));
  assert.deepEqual(await next.get('former'), { cookie, user: 'Ada' });
  assert.deepEqual(await beside.get('former'), { cookie, user: 'Ada' });
  await beside.set('next', { cookie, user: 'Bob' });
  const found = await new Promise((resolve) =>
    former.get('next', (_error: unknown, answer: unknown) => resolve(answer)),
  );
  assert.deepEqual(found, { cookie, user: 'Bob' });
  former.client.end();
});

test('sessions may move between fleets', async () => {
  await using old = await startMemcached();
  const former = server.client({ servers: old.address } as never);
  await former.set('sess:mover', JSON.stringify({ cookie, user: 'Ada' }));
  const { get } = promised({}, fallback([server.cache, former]) as never);
  assert.deepEqual(await get('mover'), { cookie, user: 'Ada' });
});
