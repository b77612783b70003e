import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keyv } from 'keyv';
import { KeyvMemvolley, type KeyvMemvolleyOptions } from '../../../src/adapters/keyv/index.ts';
import { fallback } from '../../../src/index.ts';
import { startMemcached } from '../../../src/testing/index.ts';
import { backend } from '../backend.ts';
import { secondsLeft } from './seconds-left.ts';

const server = backend();

/** A Keyv in a namespace of its own, the adapter below it, and the errors it is told. */
function keyv(namespace: string, options: KeyvMemvolleyOptions = {}, client = server.cache) {
  const store = new KeyvMemvolley(client, options);
  const made = new Keyv({ store, namespace });
  const errors: Error[] = [];
  made.on('error', (error: Error) => errors.push(error));
  return { keyv: made, store, errors };
}

test('values are text under a key with the version of the namespace', async () => {
  const { keyv: users } = keyv('users');
  await users.set('ada', { name: 'Ada' });
  const version = await server.cache.get('users~version', { codec: 'string' });
  const key = `users~${String(version)}~users:ada`;
  const item = await server.cache.inspect(key, { value: true });
  assert.equal(item?.value, '{"value":{"name":"Ada"}}');
  assert.equal(item.flags, 16, 'text');
});

test('without versions others find what is stored under the key of Keyv', async () => {
  const { keyv: plain, errors } = keyv('plain', { clearable: false });
  await plain.set('ada', { name: 'Ada' });
  assert.equal(await server.cache.get('plain:ada'), '{"value":{"name":"Ada"}}');
  assert.deepEqual(await plain.get('ada'), { name: 'Ada' });
  await plain.clear();
  assert.match(errors[0]?.message ?? '', /^clear\(\) needs 'clearable'/);
  assert.deepEqual(await plain.get('ada'), { name: 'Ada' }, 'nothing was cleared');
});

test('a ttl is whole seconds, of which none is missing', async () => {
  const { keyv: short, store } = keyv('ttl', { clearable: false });
  const seconds = async (ttl: number | undefined): Promise<number | undefined> => {
    await store.set('key', 'text', ttl);
    return (await server.cache.inspect('key'))?.ttl;
  };
  secondsLeft(await seconds(1), 2);
  secondsLeft(await seconds(1500), 3);
  secondsLeft(await seconds(60_000), 61);
  assert.equal(await seconds(undefined), undefined);
  assert.equal(await seconds(0), undefined);
  assert.equal(await seconds(Number.POSITIVE_INFINITY), undefined);
  assert.equal(await seconds(-1), undefined);
  assert.equal(await store.has('key'), false, 'it had ended before');
  await assert.rejects(store.set('key', 'text', Number.NaN), {
    code: 'ERR_MEMCACHE_OPTION',
    message: 'the ttl of set must be a number of milliseconds; got NaN',
  });
  await short.set('end', 1, 50);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(await short.get('end'), undefined, 'Keyv goes by the millisecond');
});

test('clear empties one namespace, for every process, and nothing else', async () => {
  const { keyv: one } = keyv('one');
  const { keyv: other } = keyv('other');
  const { keyv: elsewhere } = keyv('one', {}, server.client());
  await server.cache.set('mine', 1);
  await Promise.all([one.set('key', 1), other.set('key', 2)]);
  assert.equal(await elsewhere.get('key'), 1);
  await elsewhere.clear();
  assert.deepEqual(await Promise.all([one.get('key'), other.get('key')]), [undefined, 2]);
  assert.equal(await server.cache.get('mine'), 1);
});

test('any text is a key, and any text a namespace', async () => {
  const { keyv: odd } = keyv(`odd ~ names ${'n'.repeat(100)}`);
  const long = 'x'.repeat(1000);
  const keys = [
    'with blank',
    'line\r\nset x 0 0 1',
    '100%',
    '100%25',
    'ключ',
    '😀',
    long,
    `${long}y`,
  ];
  await Promise.all(keys.map((key) => odd.set(key, key)));
  assert.deepEqual(await odd.get(keys), keys);
  assert.deepEqual(
    await odd.has(keys),
    keys.map(() => true),
  );
  assert.equal(await odd.delete(keys), true);
  assert.deepEqual(
    await odd.get(keys),
    keys.map(() => undefined),
  );
});

test('what is asked for many keys leaves at once', async () => {
  const client = server.client();
  const { keyv: many } = keyv('many', {}, client);
  const keys = Array.from({ length: 50 }, (_, index) => `key${index}`);
  await many.get('warm');
  const before = client.metrics();
  const entries = keys.map((key, index) => ({ key, value: index, ttl: 1000 * (index + 1) }));
  assert.deepEqual(
    await many.setMany(entries),
    keys.map(() => true),
  );
  assert.deepEqual(
    await many.getMany(keys),
    keys.map((_, index) => index),
  );
  assert.equal(await many.deleteMany(keys), true);
  assert.equal(await many.deleteMany(['key1', 'key2']), false);
  const after = client.metrics();
  assert.equal(after.stores - before.stores, 50);
  assert.ok(after.flushes - before.flushes <= 8, `${after.flushes - before.flushes} flushes`);
});

test('values that Keyv does not serialise come back as they were', async () => {
  const store = new KeyvMemvolley(server.cache);
  const raw = new Keyv({
    store,
    namespace: 'raw',
    serialize: undefined,
    deserialize: undefined,
  } as never);
  const value = { when: new Date(0), bytes: Buffer.from([1, 2]) };
  await raw.set('key', value);
  assert.deepEqual(await raw.get('key'), value);
});

test('formats that know only bytes give text back', async () => {
  const { keyv: bytes } = keyv('bytes', {}, server.client({ format: 'raw' }));
  await bytes.set('key', { a: 'ä' });
  assert.deepEqual(await bytes.get('key'), { a: 'ä' });
});

test('where there are no meta commands, has asks for the value', async () => {
  const { keyv: classic } = keyv('classic', {}, server.client({ dialect: 'classic' }));
  await classic.set('key', 1);
  assert.deepEqual(await classic.has(['key', 'none']), [true, false]);
  assert.equal(await classic.has('key'), true);
});

test('each failure is one event, and an answer as if nothing were there', async () => {
  const lost = await startMemcached();
  const client = server.client({ servers: lost.address, timeoutMs: 500 } as never);
  await lost.stop();
  const { keyv: down, store, errors } = keyv('down', {}, client);
  const told = async (answer: unknown, call: Promise<unknown>): Promise<void> => {
    assert.deepEqual(await call, answer);
    assert.equal(errors.length, 1);
    assert.match(String((errors.pop() as NodeJS.ErrnoException).code), /^ERR_MEMCACHE_/);
  };
  await told(undefined, down.get('key'));
  await told([undefined, undefined], down.getMany(['a', 'b']));
  await told(false, down.has('key'));
  await told([false, false], down.hasMany(['a', 'b']));
  await told(false, down.set('key', 1));
  await told(
    [false, false],
    down.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ]),
  );
  await told(false, down.delete('key'));
  await told(false, down.deleteMany(['a', 'b']));
  await told(undefined, down.clear());
  const alone = new KeyvMemvolley(client);
  assert.equal(await alone.get('key'), undefined, 'nobody listens, and nothing is thrown');
  const strict = new KeyvMemvolley(client, { throwOnErrors: true });
  await assert.rejects(strict.get('key'), { sent: 'no' });
  await assert.rejects(strict.getMany(['key']), { sent: 'no' });
  await assert.rejects(strict.has('key'), { sent: 'no' });
  await assert.rejects(strict.setMany([{ key: 'key', value: 1 }]), { code: 'ERR_MEMCACHE_MANY' });
  assert.equal(store.listenerCount('error'), 1);
});

test('of many values, those that arrived are answered', async () => {
  await using gone = await startMemcached();
  const servers = [server.address, gone.address];
  const client = server.client({ servers, failover: 'error', retry: { attempts: 1 } } as never);
  const { keyv: half, errors } = keyv('half', { clearable: false }, client);
  const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
  await half.setMany(keys.map((key) => ({ key, value: key })));
  await gone.stop();
  const here = keys.map((key) =>
    client.serverFor(`half:${key}`) === server.address ? key : undefined,
  );
  assert.deepEqual(await half.getMany(keys), here);
  const isHere = here.map((key) => key !== undefined);
  assert.deepEqual(await half.hasMany(keys), isHere);
  const stored = await half.setMany(keys.map((key) => ({ key, value: 1 })));
  assert.deepEqual(stored, isHere);
  assert.deepEqual(
    errors.map(({ name }) => name),
    ['ManyError', 'ManyError', 'ManyError'],
  );
});

test('disconnect closes the client that the adapter made, and no other', async () => {
  const { keyv: shared } = keyv('shared');
  await shared.disconnect();
  assert.equal(await shared.set('key', 1), true);
  const own = new Keyv(new KeyvMemvolley({ servers: server.address, timeoutMs: 10_000 }), {
    throwOnErrors: true,
  });
  await own.set('key', 1);
  assert.equal(await own.get('key'), 1);
  await own.disconnect();
  await assert.rejects(own.set('key', 1), { code: 'ERR_MEMCACHE_CLOSED' });
});

test('another namespace can be set, and none is the one of the adapter', async () => {
  const store = new KeyvMemvolley(server.cache, { namespace: 'mine' });
  assert.equal(store.namespace, 'mine');
  store.namespace = 'yours';
  await store.set('key', 'text');
  store.namespace = undefined;
  assert.equal(store.namespace, 'mine');
  assert.equal(await store.get('key'), undefined);
  store.namespace = 'yours';
  assert.equal(await store.get('key'), 'text');
  assert.throws(() => Object.assign(store, { namespace: 5 }), { code: 'ERR_MEMCACHE_OPTION' });
});

test('what Keyv 6 looks for: a namespace that is there or not, and only native async methods', () => {
  const store = new KeyvMemvolley(server.cache);
  assert.ok('namespace' in store);
  assert.ok(!('namespace' in new KeyvMemvolley(server.cache, { clearable: false })));
  for (const name of [
    'get',
    'getMany',
    'has',
    'hasMany',
    'set',
    'setMany',
    'delete',
    'deleteMany',
    'clear',
    'disconnect',
  ] as const)
    assert.equal(store[name].constructor.name, 'AsyncFunction', name);
  assert.ok(!('capabilities' in store), 'its ttl is that of Keyv 5');
});

test('what it cannot do or work with is refused in one sentence', () => {
  const refused = (options: object, message: string): void =>
    assert.throws(() => new KeyvMemvolley(server.cache, options), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_OPTION',
      message,
    });
  refused({ namespaces: 'x' }, "unknown option 'namespaces': did you mean 'namespace'?");
  refused(
    { namespace: '' },
    "option 'namespace' must be text that is not empty; got an empty string",
  );
  refused({ clearable: 1 }, "option 'clearable' must be true or false; got a number");
  refused(
    { versionCacheMs: -1 },
    "option 'versionCacheMs' must be a number of milliseconds from 0 up; got a negative number",
  );
  refused(
    { clearable: false, versionCacheMs: 5 },
    "option 'versionCacheMs' of KeyvMemvolley means nothing with clearable: false",
  );
  assert.throws(() => new KeyvMemvolley(server.cache, null as never), {
    code: 'ERR_MEMCACHE_OPTION',
  });
  assert.throws(
    () => new KeyvMemvolley(undefined as never),
    /^IllegalInputError: KeyvMemvolley takes a client/,
  );
  assert.throws(
    () => new KeyvMemvolley(fallback([server.cache])),
    /KeyvMemvolley takes a client that has namespaces/,
  );
  assert.throws(() => new KeyvMemvolley(server.cache).iterator(), {
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    message: 'iterator() is not supported: memcached cannot list the keys of a namespace',
  });
});

test('a cache that moves is stored in both', async () => {
  await using old = await startMemcached();
  const both = fallback([server.cache, server.client({ servers: old.address } as never)]);
  const moving = new Keyv({
    store: new KeyvMemvolley(both, { clearable: false }),
    namespace: 'moving',
  });
  await moving.set('key', 1);
  assert.equal(await moving.get('key'), 1);
});
