import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createClient,
  type KeyEntry,
  type KeysOptions,
  type ListedKey,
  type MemcacheClient,
} from '../../src/index.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { backend, overEveryTransport } from './backend.ts';
import { rawSet } from './raw-server.ts';

async function listed(
  cache: MemcacheClient,
  options?: KeysOptions & { form?: 'metadump' },
): Promise<Map<string, KeyEntry>> {
  const entries = new Map<string, KeyEntry>();
  for await (const entry of cache.keys(options)) {
    const name = typeof entry.key === 'string' ? entry.key : `bytes ${hex(entry.key)}`;
    assert.ok(!entries.has(name), `${name} is told twice`);
    entries.set(name, entry);
  }
  return entries;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

overEveryTransport((there) => {
  test('every key is told with what is known of its item', { skip: there.keysOnly }, async () => {
    const { cache } = there;
    await cache.flushAll();
    await cache.set('listed:a', 'x', { ttl: 100 });
    await cache.set('listed:b', 'y');
    await cache.get('listed:b');
    const entries = await listed(cache);
    assert.deepEqual([...entries.keys()].toSorted(), ['listed:a', 'listed:b']);
    const [a, b] = ['listed:a', 'listed:b'].map((key) => entries.get(key) as KeyEntry);
    const now = Date.now();
    for (const entry of [a, b]) {
      assert.equal(entry.server, there.address);
      assert.ok(entry.lastAccess instanceof Date);
      assert.ok(Math.abs(entry.lastAccess.getTime() - now) < 60_000);
      assert.ok(entry.class >= 1 && entry.size > 50);
      assert.equal((await cache.gets(entry.key))?.cas, entry.cas);
    }
    assert.equal(b.expires, undefined);
    assert.ok(a.expires instanceof Date);
    assert.ok(Math.abs(a.expires.getTime() - now - 100_000) < 60_000);
    assert.deepEqual([a.fetched, b.fetched], [false, true]);
  });

  test(
    'what takes no listing is not asked for one',
    { skip: there.keysOnly === false },
    async () => {
      await assert.rejects(listed(there.client()), {
        code: 'ERR_MEMCACHE_UNSUPPORTED',
        command: 'lru_crawler',
        sent: 'no',
      });
    },
  );
});

const there = backend();

test('a server without items has no keys', async () => {
  assert.equal((await listed(there.client())).size, 0);
  assert.equal((await listed(there.client(), { from: 'hash' })).size, 0);
});

test('keys of every kind come back as a caller writes them', async () => {
  const { cache } = there;
  const keys = ['a', 'ключ', 'per%20cent', 'a:b/c?d=e', '\u00a0', '~'.repeat(250)];
  const bytes = [
    Buffer.from('a b\0\x7f\xff', 'latin1'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('\n'),
  ];
  for (const key of [...keys, ...bytes]) await cache.set(key, 'value');
  const expected = [...keys, ...bytes.map((key) => `bytes ${hex(key)}`)].toSorted();
  for (const from of ['all', 'hash'] as const) {
    const entries = await listed(cache, { from });
    assert.deepEqual([...entries.keys()].toSorted(), expected);
    for (const { key } of entries.values()) assert.equal(await cache.get(key), 'value');
  }
  await cache.flushAll();
});

test('a prefix is left out, and the keys of others too', async () => {
  await there.cache.flushAll();
  const mine = there.client({ keyPrefix: 'mine:' });
  await mine.set('a', 1);
  await mine.set(Buffer.from('b b'), 1);
  await there.cache.set('yours:a', 1);
  await rawSet(there.server, 'mine:', 0, 'x');
  assert.deepEqual([...(await listed(mine)).keys()].toSorted(), ['a', 'bytes 622062']);
  assert.deepEqual([...(await listed(mine, { all: true })).keys()].toSorted(), [
    `bytes ${hex(Buffer.from('mine:b b'))}`,
    'mine:',
    'mine:a',
    'yours:a',
  ]);
  await there.cache.flushAll();
});

test('50 000 keys of a server, each once', async () => {
  const cache = there.client();
  const name = (i: number): string => `many:${'k'.repeat(i % 150)}:${i}`;
  for (let at = 0; at < 50_000; at += 5000)
    await cache.setMany(Array.from({ length: 5000 }, (_, i) => [name(at + i), 1] as const));
  const seen = new Set<unknown>();
  // Through the lists of items it would miss those that memcached moves from one to another meanwhile.
  for await (const { key } of cache.keys({ from: 'hash' })) {
    assert.ok(!seen.has(key));
    seen.add(key);
  }
  assert.equal(seen.size, 50_000);
  for (let i = 0; i < 50_000; i += 997) assert.ok(seen.has(name(i)), name(i));
});

test('leaving the loop ends the connection, and the next listing is whole', async () => {
  const cache = there.client();
  let count = 0;
  for await (const entry of cache.keys()) {
    assert.ok(entry.key !== '');
    if (++count === 10) break;
  }
  assert.equal(count, 10);
  // The server's crawler notices at its next write that nobody reads any more.
  for (let tries = 0; ; tries++) {
    try {
      assert.equal((await listed(cache, { from: 'hash' })).size, 50_000);
      break;
    } catch (error) {
      assert.ok(tries < 100 && /BUSY/.test(String(error)), String(error));
    }
  }
});

test('what is not taken is not read: the caller holds the server up', async () => {
  const cache = there.client();
  const keys = cache.keys()[Symbol.asyncIterator]();
  await keys.next();
  const connections = async (): Promise<string> =>
    [...((await there.cache.stats('conns')).get(there.address) ?? [])]
      .filter(([, value]) => value === 'conn_watch')
      .map(([name]) => name)
      .join();
  assert.match(await connections(), /state/);
  let rest = 1;
  for (let next = await keys.next(); next.done !== true; next = await keys.next()) rest++;
  assert.equal(rest, 50_000);
});

test('a signal ends a listing, before and amid it', async () => {
  const cache = there.client();
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const loop = async (): Promise<void> => {
    for await (const entry of cache.keys({ signal })) {
      assert.ok(entry.size > 0);
      if (++count === 5) controller.abort(new Error('enough'));
    }
  };
  await assert.rejects(loop(), { code: 'ERR_MEMCACHE_ABORTED' });
  assert.ok(count < 50_000);
  await assert.rejects(loop(), { code: 'ERR_MEMCACHE_ABORTED', sent: 'no' });
});

test('close ends a listing', async () => {
  const cache = there.client();
  const loop = async (): Promise<void> => {
    for await (const entry of cache.keys()) {
      assert.ok(entry.size > 0);
      void cache.close();
    }
  };
  await assert.rejects(loop(), { code: 'ERR_MEMCACHE_CLOSED' });
  await assert.rejects(loop(), { code: 'ERR_MEMCACHE_CLOSED', sent: 'no' });
});

test('mgdump is refused by a server that is too old, before it is asked', async () => {
  const loop = async (): Promise<void> => {
    for await (const { key } of there.cache.keys({ form: 'mgdump' })) assert.ok(key !== '');
  };
  if (there.server.version !== '1.6.18') {
    await loop();
    return;
  }
  await assert.rejects(loop(), {
    name: 'IllegalInputError',
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    message: /1\.6\.19/,
    sent: 'no',
  });
});

test('a server that lists nothing says so', async (t) => {
  for (const [args, name, code, message] of [
    [['-X'], 'UnknownCommandError', 'ERR_MEMCACHE_UNKNOWN_COMMAND', /metadump not allowed/],
    [['-o', 'no_lru_crawler'], 'MemcacheClientError', 'ERR_MEMCACHE_CLIENT', /crawler disabled/],
  ] as const) {
    const server = await startMemcached({ args });
    t.after(() => server.stop());
    const cache = createClient({ servers: server.address, timeoutMs: 10_000 });
    t.after(() => cache.close({ timeoutMs: 0 }));
    const details = { name, code, message, sent: 'yes', server: server.address };
    await assert.rejects(listed(cache), details);
  }
});

test('a fleet is listed server by server, or one of it', async (t) => {
  const servers = await Promise.all([startMemcached(), startMemcached()]);
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const addresses = servers.map(({ address }) => address);
  const cache = createClient({ servers: addresses, timeoutMs: 10_000 });
  t.after(() => cache.close({ timeoutMs: 0 }));
  const names = Array.from({ length: 200 }, (_, i) => `key:${i}`);
  await cache.setMany(names.map((name) => [name, 1] as const));
  const entries: ListedKey[] = [];
  for await (const entry of cache.keys()) entries.push(entry);
  assert.deepEqual(entries.map(({ key }) => String(key)).toSorted(), names.toSorted());
  for (const { key, server } of entries) assert.equal(server, cache.serverFor(key));
  const [first] = addresses;
  const own = await listed(cache, { server: first });
  assert.ok(own.size > 0 && own.size < 200);
  for (const { server } of own.values()) assert.equal(server, first);
  await servers[1].stop();
  await assert.rejects(listed(cache), { code: 'ERR_MEMCACHE_CONNECT', server: addresses[1] });
  assert.equal((await listed(cache, { server: first })).size, own.size);
});

test('options of keys are checked when the loop begins', async () => {
  for (const options of [
    { from: 'lru' },
    { form: 'json' },
    { all: 1 },
    { server: '127.0.0.1:1' },
    { server: 7 },
    { timeoutMs: 0 },
    { to: there.address },
    null,
  ]) {
    await assert.rejects(listed(there.cache, options as object), {
      code: 'ERR_MEMCACHE_OPTION',
      sent: 'no',
    });
  }
});
