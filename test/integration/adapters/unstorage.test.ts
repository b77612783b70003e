// What unstorage asks of a driver, with the real package above it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStorage, prefixStorage, type Storage } from 'unstorage';
import {
  default as driverByModule,
  memvolleyDriver,
  type MemvolleyDriverOptions,
} from '../../../src/adapters/unstorage/index.ts';
import { fallback } from '../../../src/index.ts';
import { backend } from '../backend.ts';
import { secondsLeft } from './seconds-left.ts';

const server = backend();

/** A storage under a base of its own, whose keys can be listed. */
const storage = (base: string, options: Partial<MemvolleyDriverOptions> = {}): Storage =>
  createStorage({
    driver: memvolleyDriver({ client: server.cache, base, listKeys: true, ...options }),
  });

test('hasItem, getItem, setItem, removeItem', async () => {
  const items = storage('basic');
  assert.equal(await items.hasItem('s1:a'), false);
  assert.equal(await items.getItem('s1:a'), null);
  await items.setItem('s1:a', 'text');
  await items.setItem('s2/a', { nested: [1, 'ä'] });
  assert.equal(await items.hasItem('s1:a'), true);
  assert.equal(await items.getItem('s1:a'), 'text');
  assert.deepEqual(await items.getItem('s2:a'), { nested: [1, 'ä'] });
  assert.equal(await server.cache.get('basic:s2:a'), '{"nested":[1,"ä"]}', 'others can read it');
  await items.removeItem('s1:a');
  assert.equal(await items.hasItem('s1:a'), false);
  assert.equal(await items.getItem('s1:a'), null);
});

test('values of every kind come back', async () => {
  const items = storage('kinds');
  for (const value of ['text', '', 0, 42, 1.5, true, false, null, [1], { a: null }]) {
    await items.setItem('key', value as string);
    assert.deepEqual(await items.getItem('key'), value === '' ? '' : value);
  }
  await items.setItem('key', undefined as never);
  assert.equal(await items.hasItem('key'), false, 'undefined removes');
  await items.setItem('date', { toJSON: () => ({ made: 'by toJSON' }) } as never);
  assert.deepEqual(await items.getItem('date'), { made: 'by toJSON' });
});

test('raw values are stored as they are', async () => {
  const items = storage('raw');
  const bytes = new Uint8Array([1, 2, 3, 255, 0]);
  await items.setItemRaw('bytes', bytes);
  assert.deepEqual(new Uint8Array((await items.getItemRaw('bytes')) as Buffer), bytes);
  await items.setItemRaw('object', { when: new Date(0) });
  assert.deepEqual(await items.getItemRaw('object'), { when: new Date(0) });
  assert.equal(await items.getItemRaw('none'), null);
  await items.setItemRaw('text', Buffer.from('bytes of text'));
  assert.equal(
    await items.getItem('text'),
    'bytes of text',
    'bytes are read as text where that is asked for',
  );
  await items.setItemRaw('object', { a: 1 });
  assert.deepEqual(await items.getItem('object'), { a: 1 });
  await server.cache.set('raw:counter', 5);
  assert.equal(await items.getItem('counter'), 5);
});

test('many items are asked for at once, each with options of its own', async () => {
  const client = server.client();
  const items = storage('many', { client });
  const keys = Array.from({ length: 40 }, (_, index) => `key${index}`);
  await items.hasItem('warm');
  const before = client.metrics().flushes;
  await items.setItems(
    keys.map((key, index) => ({ key, value: key, options: { ttl: index + 1 } })),
    { ttl: 1000 },
  );
  const found = await items.getItems([...keys, 'none']);
  assert.deepEqual(found, [
    ...keys.map((key) => ({ key, value: key })),
    { key: 'none', value: null },
  ]);
  assert.ok(client.metrics().flushes - before <= 4);
  secondsLeft((await items.getMeta('key5')).ttl, 6);
});

test('a ttl is seconds: of the call, else of the driver', async () => {
  const items = storage('ttl', { ttl: 100 });
  const ttl = async (options?: object): Promise<unknown> => {
    await items.setItem('key', 'text', options);
    return (await items.getMeta('key')).ttl;
  };
  secondsLeft(await ttl(), 100);
  secondsLeft(await ttl({ ttl: 5 }), 5);
  secondsLeft(await ttl({ ttl: 8.2 }), 9);
  assert.equal(await ttl({ ttl: 0 }), undefined, '0 is for ever');
  await assert.rejects(ttl({ ttl: 'soon' }), {
    code: 'ERR_MEMCACHE_OPTION',
    message: "option 'ttl' of memvolleyDriver must be a number of seconds; got a string",
  });
});

test('getMeta tells what memcached knows, and what setMeta has stored', async () => {
  const items = storage('meta');
  await items.setItem('key', 'text', { ttl: 60 });
  await items.setMeta('key', { owner: 'Ada', mtime: new Date(0) });
  const { atime, size, ttl, owner, mtime } = await items.getMeta('key');
  assert.ok(Date.now() - (atime as Date).getTime() < 10_000);
  secondsLeft(ttl, 60);
  assert.deepEqual([size, owner, mtime], [4, 'Ada', new Date(0)]);
  assert.deepEqual({ ...(await items.getMeta('none')) }, {});
  assert.deepEqual(await items.getKeys(), ['key']);
  await items.removeItem('key', { removeMeta: true });
  assert.deepEqual({ ...(await items.getMeta('key')) }, {});
});

test('getKeys and clear, with listKeys', async () => {
  const items = storage('list:');
  const other = storage('listed');
  await other.setItem('stays', 1);
  const keys = ['a', 'b:c', 'b:d:e', 'with blank', '100%', 'ключ'];
  for (const key of keys) await items.setItem(key, 1);
  assert.deepEqual((await items.getKeys()).toSorted(), keys.toSorted());
  assert.deepEqual((await items.getKeys('b')).toSorted(), ['b:c', 'b:d:e']);
  await items.setItem('x'.repeat(500), 'too long to be listed');
  assert.equal((await items.getKeys()).length, keys.length);
  assert.equal(await items.getItem('x'.repeat(500)), 'too long to be listed');
  await items.getMount().driver.clear?.('b:', {});
  assert.deepEqual(
    (await items.getKeys()).toSorted(),
    keys.filter((key) => !key.startsWith('b')).toSorted(),
  );
  await items.clear();
  assert.deepEqual(await items.getKeys(), []);
  assert.equal(await items.hasItem('x'.repeat(500)), false, 'what cannot be listed can be cleared');
  assert.deepEqual(await other.getKeys(), ['stays']);
});

test('without listKeys there are no keys, and nothing is cleared', async () => {
  const items = createStorage({ driver: memvolleyDriver({ client: server.cache }) });
  await items.setItem('plain', 1);
  assert.deepEqual(await items.getKeys(), []);
  await assert.rejects(items.clear(), {
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    message:
      "clear() needs the option 'listKeys' of memvolleyDriver: without it memcached cannot tell which keys there are",
  });
  assert.equal(await server.cache.get('plain'), '1');
});

test('it can be mounted, prefixed, and named by its module', async () => {
  assert.equal(driverByModule, memvolleyDriver);
  const root = createStorage();
  root.mount('cache', memvolleyDriver({ client: server.cache, base: 'mounted', listKeys: true }));
  await root.setItem('cache:a', 1);
  await prefixStorage(root, 'cache:deep').setItem('b', 2);
  assert.equal(await server.cache.get('mounted:a'), '1');
  assert.equal(await root.getItem('cache:deep:b'), 2);
  assert.deepEqual((await root.getKeys('cache')).toSorted(), ['cache:a', 'cache:deep:b']);
  assert.deepEqual(await root.getItems(['cache:a']), [{ key: 'cache:a', value: 1 }]);
  await root.clear('cache');
  assert.deepEqual(await root.getKeys(), []);
});

test('Nitro hands it what it has named it by, too', async () => {
  const options = { driver: 'memvolley/unstorage', client: server.cache, base: 'nitro' };
  const items = createStorage({ driver: driverByModule(options) });
  await items.setItem('key', 1);
  assert.equal(await server.cache.get('nitro:key'), '1');
});

test('where there are no meta commands, less is told', async () => {
  const items = storage('classic', { client: server.client({ dialect: 'classic' }) });
  await items.setItem('key', 1);
  assert.equal(await items.hasItem('key'), true);
  assert.equal(await items.hasItem('none'), false);
  assert.deepEqual({ ...(await items.getMeta('key')) }, {});
});

test('errors reach the caller', async () => {
  const items = storage('errors', { client: server.client({ maxValueBytes: 1000 }) });
  await assert.rejects(items.setItem('key', 'x'.repeat(2000)), { code: 'ERR_MEMCACHE_TOO_LARGE' });
  await assert.rejects(items.setItems([{ key: 'key', value: 'x'.repeat(2000) }]), {
    code: 'ERR_MEMCACHE_TOO_LARGE',
  });
});

test('dispose closes the client that the driver made, and no other', async () => {
  await storage('shared').dispose();
  const own = createStorage({
    driver: memvolleyDriver({ client: { servers: server.address, timeoutMs: 10_000 } }),
  });
  await own.setItem('own', 1);
  assert.equal(await server.cache.get('own'), '1');
  await own.dispose();
  await assert.rejects(own.getItem('own'), { code: 'ERR_MEMCACHE_CLOSED' });
  const driver = memvolleyDriver({ client: server.cache });
  assert.equal(driver.getInstance(), server.cache);
  assert.deepEqual([driver.name, driver.flags], ['memvolley', { ttl: true }]);
});

test('what it cannot work with is refused in one sentence', async () => {
  const refused = (options: object | null, message: RegExp | string): void =>
    assert.throws(() => memvolleyDriver(options as never), {
      code: 'ERR_MEMCACHE_OPTION',
      message,
    });
  const client = server.cache;
  refused(null, 'the options of memvolleyDriver must be an object; got null');
  refused({}, 'memvolleyDriver takes a client, or what createClient takes; got undefined');
  refused({ client, prefix: 'x' }, /^unknown option 'prefix'/);
  refused({ client, base: 5 }, "option 'base' must be a string; got a number");
  refused(
    { client, ttl: -1 },
    /^option 'ttl' must be a number of seconds above 0.*; got a negative number$/,
  );
  refused({ client, ttl: Infinity }, /^option 'ttl' must be .* that end before 2038-01-19/);
  refused(
    { client, listKeys: true },
    "option 'listKeys' of memvolleyDriver needs a 'base': clear() would remove what others have stored",
  );
  const unlisted = memvolleyDriver({ client: fallback([client]), base: 'b', listKeys: true });
  await assert.rejects(unlisted.getKeys(), {
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    message:
      "option 'listKeys' of memvolleyDriver needs a client that lists keys, as createClient makes it",
  });
});
