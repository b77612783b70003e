import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { Codec } from '../../src/index.ts';
import { backend } from './backend.ts';
import { rawGet, rawSet } from './raw-server.ts';

const server = backend();

/** Upper-cases what it writes and notes the key in what it reads. */
const shouting: Codec = {
  encode: (value, { key }) => ({
    bytes: Buffer.from(`${String(key)}=${String(value).toUpperCase()}`),
    flags: 12_345,
  }),
  decode: (bytes, flags, { key }) => ({ text: Buffer.from(bytes).toString(), flags, key }),
};

const record = (id: number): object => ({
  id,
  name: `record ${id}`,
  tags: Array.from({ length: 300 }, (_, i) => `tag ${i % 17}`),
  bytes: Buffer.from([id & 255]),
});

test('an item nobody can read is a miss with an event', async () => {
  const cache = server.client();
  const events: object[] = [];
  cache.on('unreadable', ({ flags, bytes, error }) =>
    events.push({ flags, bytes, code: error.code }),
  );
  await rawSet(server.server, 'foreign', 1, 'pickle');
  await rawSet(server.server, 'broken', 32, Buffer.from([0xdc]));
  await cache.set('fine', 1);
  assert.equal(await cache.get('foreign'), undefined);
  assert.deepEqual(await cache.getMany(['foreign', 'fine', 'broken']), new Map([['fine', 1]]));
  const code = 'ERR_MEMCACHE_DECODE';
  assert.deepEqual(events, [
    { flags: 1, bytes: 6, code },
    { flags: 1, bytes: 6, code },
    { flags: 32, bytes: 1, code },
  ]);
  assert.equal(cache.metrics().unreadable, 3);
  assert.equal(await cache.get('fine'), 1);
});

test("with onUnreadable 'error' it rejects", async () => {
  const cache = server.client({ onUnreadable: 'error' });
  await rawSet(server.server, 'foreign', 4096, 'x');
  await cache.set('fine', 1);
  const expected = { name: 'MemcacheError', code: 'ERR_MEMCACHE_DECODE', sent: 'yes' };
  await assert.rejects(cache.get('foreign'), expected);
  await assert.rejects(cache.getMany(['fine', 'foreign']), (error: never) => {
    const { code, values, errors } = error as {
      code: string;
      values: Map<string, unknown>;
      errors: Map<string, { code: string }>;
    };
    assert.equal(code, 'ERR_MEMCACHE_MANY');
    assert.deepEqual([...values], [['fine', 1]]);
    assert.equal(errors.get('foreign')?.code, 'ERR_MEMCACHE_DECODE');
    return true;
  });
  assert.equal(await cache.get('foreign', { onError: 'miss' }), undefined);
});

test('what pymemcache stores is read', async () => {
  const { cache } = server;
  await rawSet(server.server, 'py:bytes', 0, 'bytes');
  await rawSet(server.server, 'py:text', 16, '£ $ €');
  await rawSet(server.server, 'py:integer', 2, '123123123123123123123');
  await rawSet(server.server, 'py:long', 4, '42');
  await rawSet(server.server, 'py:zlib', 24, deflateSync('a'.repeat(401)));
  await rawSet(server.server, 'py:zlib:bytes', 8, deflateSync(Buffer.alloc(1000, 'x')));
  assert.deepEqual(await cache.get('py:bytes'), Buffer.from('bytes'));
  assert.equal(await cache.get('py:text'), '£ $ €');
  assert.equal(await cache.get('py:integer'), 123_123_123_123_123_123_123n);
  assert.equal(await cache.get('py:long'), 42);
  assert.equal(await cache.get('py:zlib'), 'a'.repeat(401));
  assert.deepEqual(await cache.get('py:zlib:bytes'), Buffer.alloc(1000, 'x'));
});

test("format 'pymemcache' writes what pymemcache reads, and refuses the rest", async () => {
  const plain = server.client({ format: 'pymemcache' });
  const zlib = server.client({ format: 'pymemcache', compressor: 'zlib', codec: 'json' });
  await plain.setMany({ 'as:text': 'é', 'as:integer': 5, 'as:bytes': Buffer.from('b') });
  await plain.set('as:long', 'a'.repeat(401));
  assert.deepEqual(await rawGet(server.server, 'as:text'), { flags: 16, bytes: Buffer.from('é') });
  assert.deepEqual(await rawGet(server.server, 'as:integer'), {
    flags: 2,
    bytes: Buffer.from('5'),
  });
  assert.deepEqual(await rawGet(server.server, 'as:bytes'), { flags: 0, bytes: Buffer.from('b') });
  assert.equal((await rawGet(server.server, 'as:long'))?.flags, 16);
  await assert.rejects(plain.set('as:object', {}), { code: 'ERR_MEMCACHE_ENCODE', sent: 'no' });
  await zlib.set('as:json', { a: ['x'.repeat(1000)] });
  assert.equal((await rawGet(server.server, 'as:json'))?.flags, 24);
  assert.equal(await zlib.get('as:json'), JSON.stringify({ a: ['x'.repeat(1000)] }));
});

for (const compressor of ['lz4', 'zlib', 'none'] as const) {
  for (const checksum of [false, true]) {
    test(`${compressor} ${checksum ? 'with' : 'without'} checksum`, async () => {
      const cache = server.client({ compressor, checksum });
      const name = `${compressor}:${checksum}`;
      const values = ['x'.repeat(20_000), randomBytes(20_000), record(7), 42, 'short'];
      await cache.setMany(values.map((value, i) => [`${name}:${i}`, value] as const));
      const keys = values.map((_, i) => `${name}:${i}`);
      assert.deepEqual(await cache.getValues(keys), values);
      assert.deepEqual(await server.cache.getValues(keys), values, 'any client of ours reads it');
      assert.equal(await cache.incr(`${name}:3`), 43);
      const long = await rawGet(server.server, `${name}:0`);
      assert.equal(Number(long?.bytes.length) < 1000, compressor !== 'none');
    });
  }
}

test('a damaged item is an error even where what is unreadable is a miss', async () => {
  const cache = server.client({ checksum: true, onUnreadable: 'miss' });
  await cache.set('damaged', 'value of one key');
  const item = await rawGet(server.server, 'damaged');
  assert.ok(item !== undefined);
  await rawSet(server.server, 'moved', item.flags, item.bytes);
  await assert.rejects(cache.get('moved'), { code: 'ERR_MEMCACHE_DECODE' });
  item.bytes[item.bytes.length - 1] ^= 1;
  await rawSet(server.server, 'damaged', item.flags, item.bytes);
  await assert.rejects(cache.get('damaged'), { code: 'ERR_MEMCACHE_DECODE' });
});

test('an item that claims to unfold to more than it may is unreadable', async () => {
  await server.client({ compressor: 'zlib' }).set('bomb', 'x'.repeat(900_000));
  const cache = server.client({ maxDecompressedBytes: 100_000, onUnreadable: 'error' });
  await assert.rejects(cache.get('bomb'), { code: 'ERR_MEMCACHE_DECODE' });
});

test('a codec of the user', async () => {
  const cache = server.client({ codec: shouting });
  await cache.set('user', 'quiet');
  assert.deepEqual(await cache.get('user'), { text: 'user=QUIET', flags: 12_345, key: 'user' });
  const key = Buffer.from('user');
  assert.equal((await cache.get<{ key: unknown }>(key))?.key, key);
});

test('a pair of functions', async () => {
  const codec = {
    serialize: (value: unknown) => JSON.stringify({ value }),
    deserialize: (bytes: Uint8Array) =>
      (JSON.parse(Buffer.from(bytes).toString()) as { value: 1 }).value,
  };
  const cache = server.client({ codec });
  await cache.set('pair', [1, { two: 2 }]);
  assert.deepEqual(await cache.get('pair'), [1, { two: 2 }]);
  assert.deepEqual(await rawGet(server.server, 'pair'), {
    flags: 0,
    bytes: Buffer.from('{"value":[1,{"two":2}]}'),
  });
});

test('a codec for one call', async () => {
  const { cache } = server;
  await cache.set('call', 'loud', { codec: shouting });
  assert.deepEqual(await cache.get('call', { codec: shouting }), {
    text: 'call=LOUD',
    flags: 12_345,
    key: 'call',
  });
  assert.equal(await cache.get('call'), undefined, "unreadable to the client's own codec");
  const [own, both] = await Promise.all([
    cache.get('call'),
    cache.getMany(['call'], { codec: shouting }),
  ]);
  assert.equal(own, undefined);
  assert.equal(both.size, 1);
});

const MODULE = new URL('./codec-module.js', import.meta.url);

for (const offload of ['auto', 'never', 'always'] as const) {
  test(`a codec module with offload '${offload}'`, async () => {
    const cache = server.client({ codec: { module: MODULE }, offload, workers: 1 });
    const keys = Array.from({ length: 200 }, (_, i) => `module:${offload}:${i}`);
    await cache.setMany(keys.map((key, i) => [key, { i }] as const));
    assert.deepEqual(
      await cache.getValues(keys),
      keys.map((_, i) => ({ i })),
    );
    assert.equal((await rawGet(server.server, keys[0]))?.flags, 777);
    await cache.close();
  });

  test(`a codec module keeps the order of one key with offload '${offload}'`, async () => {
    const cache = server.client({ codec: { module: MODULE }, offload, workers: 1 });
    const key = `ordered:${offload}`;
    const [, first, , second, , gone] = await Promise.all([
      cache.set(key, { n: 1 }),
      cache.get(key),
      cache.set(key, { n: 2 }),
      cache.get(key),
      cache.delete(key),
      cache.get(key),
    ]);
    assert.deepEqual([first, second, gone], [{ n: 1 }, { n: 2 }, undefined]);
  });

  test(`bursts of large values with offload '${offload}'`, async () => {
    const cache = server.client({ offload, workers: 1 });
    const keys = Array.from({ length: 150 }, (_, i) => `burst:${offload}:${i}`);
    const values = keys.map((_, i) => (i % 3 === 0 ? `${i} `.repeat(4000) : record(i)));
    const inPool = (): boolean => {
      const { encodedInPool, decodedInPool } = cache.metrics().codec;
      return encodedInPool > 0 && decodedInPool > 0;
    };
    // A worker takes a while to start; until it has, values are done on this thread.
    for (let round = 0; round < 3 || (offload === 'always' && !inPool()); round++) {
      await cache.setMany(keys.map((key, i) => [key, values[i]] as const));
      const read = await Promise.all(keys.map((key) => cache.get(key)));
      read.forEach((value, i) => {
        const bytes = (value as { bytes?: Uint8Array }).bytes;
        const plain =
          bytes === undefined ? value : { ...(value as object), bytes: Buffer.from(bytes) };
        assert.deepEqual(plain, values[i]);
      });
    }
    const { shards, encodedInPool, decodedInPool, workerFailures } = cache.metrics().codec;
    assert.equal(workerFailures, 0);
    if (offload === 'never') assert.deepEqual([shards, encodedInPool, decodedInPool], [0, 0, 0]);
    if (offload === 'always') assert.ok(shards > 0);
    await cache.close();
  });

  test(`operations on a key wait for its value with offload '${offload}'`, async () => {
    const cache = server.client({ offload, workers: 1 });
    const key = `wait:${offload}`;
    for (let round = 0; round < 10; round++) {
      const [old, , read, touched, removed, none] = await Promise.all([
        cache.get(key),
        cache.set(key, record(round)),
        cache.get<{ id: number }>(key),
        cache.touch(key, 100),
        cache.delete(key),
        cache.get(key),
      ]);
      assert.equal(old, undefined);
      assert.equal(read?.id, round);
      assert.deepEqual([touched, removed, none], [true, true, undefined]);
    }
    const counted = await Promise.all([
      cache.set(key, record(1)),
      cache.set(key, 1),
      cache.incr(key),
    ]);
    assert.equal(counted[2], 2);
    const wrong = [cache.set(key, record(2)), cache.touch(key, 1.5)];
    await assert.rejects(Promise.all(wrong), { code: 'ERR_MEMCACHE_OPTION', sent: 'no' });
    assert.equal((await cache.get<{ id: number }>(key))?.id, 2);
    await cache.close();
  });
}

test('a codec module that cannot be loaded refuses values and reads nothing', async () => {
  const cache = server.client({ codec: { module: './no-such-module.js' }, workers: 1 });
  await assert.rejects(cache.set('unloadable', 1), { code: 'ERR_MEMCACHE_ENCODE', sent: 'no' });
  await server.cache.set('unloadable', 1);
  assert.equal(await cache.get('unloadable'), undefined);
  await cache.close();
});
