import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CodecName, Compressor } from '../../src/index.ts';
import { hasZstd } from '../../src/codec/zstd.ts';
import { backend } from './backend.ts';
import { rawAppend, rawGet, rawSet } from './raw-server.ts';

const server = backend();

const cycle: Record<string, unknown> = { name: 'ring' };
cycle['self'] = cycle;
const OBJECT = { id: 1, tags: ['a', 'é'], deep: { nothing: null, half: 0.5 } };

test("codec 'json': objects come back as objects, and say on the wire that they are JSON", async () => {
  const cache = server.client({ codec: 'json' });
  await cache.setMany({ 'json:object': OBJECT, 'json:text': 'text', 'json:count': 5 });
  assert.deepEqual(await cache.get('json:object'), OBJECT);
  assert.equal(await cache.get('json:text'), 'text');
  assert.equal(await cache.incr('json:count'), 6);
  const item = await rawGet(server.server, 'json:object');
  assert.deepEqual(item, { flags: 1024, bytes: Buffer.from(JSON.stringify(OBJECT)) });
});

test("codec 'v8': Maps, bigints and cycles come back as they went", async () => {
  const cache = server.client({ codec: 'v8' });
  const value = { map: new Map([[{ key: 1 }, new Set([2n])]]), big: -(2n ** 99n), at: new Date(0) };
  await cache.setMany({ 'v8:value': value, 'v8:big': 5n, 'v8:cycle': cycle, 'v8:count': 5 });
  assert.deepEqual(await cache.get('v8:value'), value);
  assert.equal(await cache.get('v8:big'), 5n);
  const back = await cache.get<typeof cycle>('v8:cycle');
  assert.equal(back?.['self'], back);
  assert.equal(await cache.incr('v8:count'), 6);
  const item = await rawGet(server.server, 'v8:value');
  assert.equal(item?.flags, 128 | 1280);
  await rawSet(server.server, 'v8:moved', item.flags, item.bytes);
  await assert.rejects(cache.get('v8:moved'), { code: 'ERR_MEMCACHE_DECODE' });
});

test("codecs 'string' and 'buffer' store one kind and read all as it", async () => {
  const string = server.client({ codec: 'string' });
  const buffer = server.client({ codec: 'buffer' });
  await string.set('one:text', 'é');
  await buffer.set('one:bytes', Buffer.from([0xc3, 0xa9]));
  assert.equal(await string.get('one:bytes'), 'é');
  assert.deepEqual(await buffer.get('one:text'), Buffer.from('é'));
  assert.equal(await string.incr('one:count', 1, { initial: 41 }), 42);
  assert.equal(await string.get('one:count'), '42');
  assert.deepEqual(await buffer.get('one:count'), Buffer.from('42'));
  const refused = { code: 'ERR_MEMCACHE_ENCODE', sent: 'no' };
  for (const value of [1, Buffer.from('b'), {}]) {
    await assert.rejects(string.set('one:text', value), refused);
  }
  for (const value of [1, 'text', {}]) {
    await assert.rejects(buffer.set('one:bytes', value), refused);
  }
  assert.equal(await string.get('one:text'), 'é');
});

test('a codec by name for one call, and reading by the flags without one', async () => {
  const { cache } = server;
  const names: CodecName[] = ['msgpack', 'json', 'v8'];
  for (const codec of names) await cache.set(`call:${codec}`, OBJECT, { codec });
  const flags = await Promise.all(names.map((codec) => rawGet(server.server, `call:${codec}`)));
  assert.deepEqual(
    flags.map((item) => item?.flags),
    [32, 1024, 1408],
  );
  const keys = names.map((codec) => `call:${codec}`);
  for (const codec of [undefined, ...names]) {
    assert.deepEqual(await cache.getValues(keys, { codec }), [OBJECT, OBJECT, OBJECT]);
  }
  assert.equal(await cache.get('call:json', { codec: 'string' }), JSON.stringify(OBJECT));
  const bytes = await cache.get('call:json', { codec: 'buffer' });
  assert.deepEqual(bytes, Buffer.from(JSON.stringify(OBJECT)));
  await assert.rejects(cache.set('call:json', 1, { codec: 'string' }), {
    code: 'ERR_MEMCACHE_ENCODE',
  });
});

test('a pair and a module for one call', async () => {
  const { cache } = server;
  const pair = {
    serialize: (value: unknown) => `<${String(value)}>`,
    deserialize: (bytes: Uint8Array) => Buffer.from(bytes).toString().slice(1, -1),
  };
  await cache.set('call:pair', 7, { codec: pair });
  assert.equal(await cache.get('call:pair', { codec: pair }), '7');
  const module = (): { module: URL } => ({ module: new URL('./codec-module.js', import.meta.url) });
  await cache.set('call:module', { m: 1 }, { codec: module() });
  assert.deepEqual(await cache.get('call:module', { codec: module() }), { m: 1 });
  assert.equal((await rawGet(server.server, 'call:module'))?.flags, 777);
});

test('a codec the client’s format has no room for is refused before anything is sent', async () => {
  const cache = server.client({ format: 'pymemcache' });
  const refused = { name: 'IllegalInputError', code: 'ERR_MEMCACHE_OPTION', sent: 'no' };
  await assert.rejects(cache.set('room', {}, { codec: 'v8' }), refused);
  await assert.rejects(cache.get('room', { codec: 'msgpack' }), refused);
  await cache.set('room', { a: 1 }, { codec: 'json' });
  assert.deepEqual(await rawGet(server.server, 'room'), {
    flags: 16,
    bytes: Buffer.from('{"a":1}'),
  });
  assert.equal(await cache.get('room'), '{"a":1}');
});

for (const offload of ['auto', 'always'] as const) {
  test(`bursts of JSON and v8 with offload '${offload}', in order`, async () => {
    const cache = server.client({ offload, workers: 1 });
    const rows = (id: number): object => ({
      rows: Array.from({ length: 200 }, (_, row) => ({ id, row, name: `name ${row}` })),
    });
    for (let round = 0; round < 5; round++) {
      for (const codec of ['json', 'v8'] as const) {
        const keys = Array.from({ length: 50 }, (_, at) => `burst:${codec}:${at}`);
        const reads = keys.map(async (key, at) => {
          const [, first, , second] = await Promise.all([
            cache.set(key, rows(at), { codec }),
            cache.get(key),
            cache.set(key, rows(at + 1000), { codec }),
            cache.get(key, { codec }),
          ]);
          assert.deepEqual([first, second], [rows(at), rows(at + 1000)]);
        });
        await Promise.all(reads);
      }
    }
    assert.equal(cache.metrics().codec.workerFailures, 0);
    await cache.close();
  });
}

const own: Compressor = {
  compress: (bytes) => deflateRawSync(bytes),
  decompress: (bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
};

for (const [name, compressor, flags] of [
  ['lz4', 'lz4', 64],
  ['zlib', 'zlib', 8],
  ['gzip', 'gzip', 1 << 13],
  ['brotli', 'brotli', 2 << 13],
  ['zstd', 'zstd', 3 << 13],
  ["one's own", own, 4 << 13],
] as const) {
  const without = name === 'zstd' && !hasZstd;
  const skip = without && `Node.js ${process.versions.node} has no zstd`;

  test(`compressed with ${name}: read by all who have it, never cut short`, { skip }, async () => {
    const cache = server.client({ compressor });
    const key = `packed:${flags}`;
    const value = Buffer.alloc(50_000, 'compressible ');
    await cache.set(key, value);
    assert.deepEqual(await cache.get(key), value);
    const item = await rawGet(server.server, key);
    assert.equal(item?.flags, flags);
    assert.ok(item.bytes.length < 5000);
    const other = server.client({ codec: 'json', compressor: 'none' });
    assert.deepEqual(await other.get(key), compressor === own ? undefined : value);
    await rawAppend(server.server, key, 'appended');
    const unreadable: string[] = [];
    cache.on('unreadable', ({ error }) => unreadable.push(error.code));
    // Of a compressor of one's own only its owner knows whether it reads to the end.
    if (compressor === own) return;
    assert.equal(await cache.get(key), undefined);
    assert.deepEqual(unreadable, ['ERR_MEMCACHE_DECODE']);
  });
}

test('no bytes are stored as such, and can be appended to', async () => {
  const { cache } = server;
  await cache.set('empty', Buffer.alloc(0));
  assert.deepEqual(await rawGet(server.server, 'empty'), { flags: 1536, bytes: Buffer.alloc(0) });
  assert.deepEqual(await cache.get('empty'), Buffer.alloc(0));
  assert.deepEqual(await cache.get('empty', { codec: 'buffer' }), Buffer.alloc(0));
  await rawAppend(server.server, 'empty', 'no more');
  assert.deepEqual(await cache.get('empty'), Buffer.from('no more'));
});

test('a value that cannot be stored is refused with the place in it, and nothing is sent', async () => {
  const { cache } = server;
  await cache.set('place', 'old');
  const { bytesWritten } = cache.metrics();
  const places: [unknown, CodecName | undefined, string][] = [
    [
      { user: { callbacks: [0, 1, () => 'canary'] } },
      undefined,
      'a function at .user.callbacks[2]',
    ],
    [{ secret: Symbol('canary') }, 'v8', 'a symbol at .secret'],
    [{ rows: [{ id: 1n }] }, 'json', 'a bigint at .rows[0].id'],
    [cycle, undefined, 'a cycle at .self'],
    [cycle, 'json', 'a cycle at .self'],
  ];
  for (const [value, codec, place] of places) {
    await assert.rejects(cache.set('place', value, { codec }), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_ENCODE',
      sent: 'no',
      message: `the value cannot be stored: ${place}`,
    });
  }
  assert.equal(cache.metrics().bytesWritten, bytesWritten);
  assert.equal(await cache.get('place'), 'old');
});
