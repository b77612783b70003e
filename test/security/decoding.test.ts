// What a hostile writer stores is an error, in little time and memory, here and in workers, and changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'node:v8';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { CODEC_DEFAULTS } from '../../src/codec/codec-options.ts';
import { compress } from '../../src/codec/compressor.ts';
import {
  BROTLI,
  type Compression,
  composeFlags,
  GZIP,
  JSON_TEXT,
  type Kind,
  LZ4,
  MSGPACK,
  TEXT,
  V8,
  ZLIB,
  ZSTD,
} from '../../src/codec/flags.ts';
import { seal } from '../../src/codec/checksum.ts';
import { StandardCodec } from '../../src/codec/standard-codec.ts';
import { hasZstd } from '../../src/codec/zstd.ts';
import { type ClientOptions, createClient, type MemcacheError } from '../../src/index.ts';
import { startFakeMemcached } from '../../src/testing/index.ts';
import { EXTENSIONS, REFUSED_MSGPACK } from '../support/hostile-msgpack.ts';

interface Item {
  readonly flags: number;
  readonly bytes: Buffer;
}

const MEGABYTE = 1 << 20;
/** Beyond what is unfolded by default. */
const BEYOND = 65 * MEGABYTE;
const KEY = 'k';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const item = (kind: Kind, bytes: Uint8Array, compression: Compression = 0): Item => ({
  flags: composeFlags(kind, compression, false),
  bytes: Buffer.from(bytes),
});
const v8 = (bytes: Uint8Array): Item => ({
  flags: composeFlags(V8, 0, true),
  bytes: Buffer.from(seal(bytes, KEY)),
});

function lz4(declared: number, change: (block: Buffer) => Buffer = (block) => block): Item {
  const packed = change(Buffer.from(compress(LZ4, Buffer.alloc(100_000, 'ab'))));
  packed.writeUInt32LE(declared, 0);
  return item(TEXT, packed, LZ4);
}

/** A bomb whose trailer says that there is nothing in it. */
function lyingGzip(): Buffer {
  const packed = gzipSync(Buffer.alloc(BEYOND));
  packed.writeUInt32LE(0, packed.length - 4);
  return packed;
}

/** What is refused before anything is made of it. */
const BOMBS: Record<string, Item> = {
  'lz4 that claims 4 GiB': lz4(0xffff_ffff),
  'lz4 that claims all that is allowed': lz4(64 * MEGABYTE),
  'lz4 that claims twice what it is': lz4(200_000),
  'lz4 that claims less than it is': lz4(50_000),
  'lz4 cut off': lz4(100_000, (block) => block.subarray(0, -5)),
  'lz4 and more': lz4(100_000, (block) => Buffer.concat([block, Buffer.alloc(9, 1)])),
  'lz4 of too much': item(TEXT, compress(LZ4, Buffer.alloc(BEYOND)), LZ4),
  'gzip of too much': item(TEXT, gzipSync(Buffer.alloc(BEYOND)), GZIP),
  'gzip that claims nothing': item(TEXT, lyingGzip(), GZIP),
  'msgpack, deep': item(MSGPACK, Buffer.alloc(200_000, 0x91)),
  'msgpack, arrays of 4 G': item(MSGPACK, hex('dd ffffffff'.repeat(100))),
  'msgpack, maps of 4 G': item(MSGPACK, hex('df ffffffff'.repeat(100))),
  'msgpack, arrays in arrays': item(MSGPACK, hex('dc ffff'.repeat(20_000))),
  'msgpack, text of 4 G': item(MSGPACK, hex('db ffffffff 61')),
  'msgpack, bytes of 4 G': item(MSGPACK, hex('c6 ffffffff 61')),
  'msgpack, a BigInt of 4 G': item(MSGPACK, hex('c9 ffffffff 42 61')),
  'msgpack, references that multiply': item(MSGPACK, REFUSED_MSGPACK['references that multiply']),
  'JSON, deep': item(JSON_TEXT, Buffer.alloc(5000, '[')),
  'v8, an array of 4 G': v8(hex('ff0f 41 ffffffff0f')),
  'v8, a typed array of 4 G': v8(hex('ff0f 42 ffffffff0f')),
  'v8, deep': v8(Buffer.concat([hex('ff0f'), hex('4101'.repeat(20_000))])),
};
if (hasZstd) BOMBS['zstd of too much'] = item(TEXT, compress(ZSTD, Buffer.alloc(BEYOND)), ZSTD);

const codec = (maxDecompressedBytes = CODEC_DEFAULTS.maxDecompressedBytes): StandardCodec =>
  new StandardCodec({ ...CODEC_DEFAULTS, maxDecompressedBytes });
const read = (by: StandardCodec, { flags, bytes }: Item): unknown =>
  by.decode(flags, bytes, 0, bytes.length, false, KEY);

const held = (): number => {
  const { arrayBuffers, external, heapUsed } = process.memoryUsage();
  return arrayBuffers + external + heapUsed;
};

/** What it takes at least, and what is held after it: the one in the middle, as a collection may fall into any. */
function costOf(work: () => void): { ms: number; bytes: number } {
  const rounds = Array.from({ length: 9 }, () => {
    const before = held();
    const beganAt = performance.now();
    work();
    return { ms: performance.now() - beganAt, bytes: held() - before };
  }).slice(2);
  const bytes = rounds.map((round) => round.bytes).toSorted((a, b) => a - b);
  return { ms: Math.min(...rounds.map(({ ms }) => ms)), bytes: bytes[3] };
}

function isCheap(name: string, by: StandardCodec, bomb: Item): void {
  const { ms, bytes } = costOf(() => {
    assert.throws(() => read(by, bomb), { code: 'ERR_MEMCACHE_DECODE' }, name);
  });
  assert.ok(ms < 5, `${name}: ${ms} ms`);
  assert.ok(bytes < MEGABYTE, `${name}: ${bytes} bytes`);
}

test('a bomb is refused in 5 ms and 1 MB, with the limits there are by default', () => {
  for (const [name, bomb] of Object.entries(BOMBS)) isCheap(name, codec(), bomb);
});

test('what does not say how much it is unfolds no further than maxDecompressedBytes', () => {
  const zeros = Buffer.alloc(BEYOND);
  for (const [name, bomb] of [
    ['zlib', item(TEXT, deflateSync(zeros), ZLIB)],
    ['brotli', item(TEXT, brotliCompressSync(zeros), BROTLI)],
  ] as const) {
    assert.throws(() => read(codec(), bomb), { code: 'ERR_MEMCACHE_DECODE' }, name);
    isCheap(name, codec(MEGABYTE / 4), bomb);
  }
});

async function asClient(options: Partial<ClientOptions>, items: Record<string, Item>) {
  await using server = await startFakeMemcached({ itemSizeMax: 2 * MEGABYTE });
  const client = createClient({
    ...{ servers: server.address, onUnreadable: 'error', timeoutMs: 30_000, workers: 1 },
    ...options,
  });
  const isPooled = (): boolean => client.metrics().codec.decodedInPool > 0;
  for (let tries = 0; options.offload === 'always' && !isPooled(); tries++) {
    assert.ok(tries < 2000, 'no worker has started');
    await client.set('warm', { text: 'x'.repeat(10_000) });
    await client.get('warm');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const came: Record<string, unknown> = {};
  for (const [name, { bytes, flags }] of Object.entries(items)) {
    await client.meta.set(KEY, bytes, { flags });
    const reads = Array.from({ length: 4 }, () =>
      client.get(KEY).catch((error: MemcacheError) => error.code),
    );
    came[name] = (await Promise.all(reads))[0];
  }
  await client.set('sound', { still: ['works'] });
  assert.deepEqual(await client.get('sound'), { still: ['works'] });
  const { workerFailures } = client.metrics().codec;
  await client.close();
  return { came, workerFailures };
}

test('a bomb is an error to whoever asks for it, through workers, and costs none of them', async () => {
  const { came, workerFailures } = await asClient(
    { offload: 'always', offloadFromBytes: 0 },
    BOMBS,
  );
  for (const name of Object.keys(BOMBS)) assert.equal(came[name], 'ERR_MEMCACHE_DECODE', name);
  assert.equal(workerFailures, 0);
});

const text = (value: string): string =>
  `${(0xa0 + value.length).toString(16)}${Buffer.from(value).toString('hex')}`;
const POLLUTING: Record<string, Item> = {
  'msgpack __proto__': item(MSGPACK, hex(`81 ${text('__proto__')} 81 ${text('polluted')} 01`)),
  'msgpack constructor': item(
    MSGPACK,
    hex(`81 ${text('constructor')} 81 ${text('prototype')} 81 ${text('polluted')} 01`),
  ),
  'JSON __proto__': item(JSON_TEXT, Buffer.from('{"__proto__":{"polluted":1}}')),
  'JSON constructor': item(JSON_TEXT, Buffer.from('{"constructor":{"prototype":{"polluted":1}}}')),
  'v8 __proto__': v8(serialize(JSON.parse('{"__proto__":{"polluted":1}}'))),
  'v8 constructor': v8(serialize({ constructor: { prototype: { polluted: 1 } } })),
};

test('no stored bytes change Object.prototype, and what is read has it or none', async () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (const offload of ['never', 'always'] as const) {
    const { came } = await asClient({ offload, offloadFromBytes: 0 }, POLLUTING);
    for (const [name, value] of Object.entries(came)) {
      const prototype: unknown = Object.getPrototypeOf(value);
      assert.ok(prototype === Object.prototype || prototype === null, name);
      assert.equal((value as { polluted?: unknown }).polluted, undefined, name);
    }
  }
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('an extension of msgpack is what it says or an error, and changes nothing for the next', () => {
  const by = codec();
  const error = EXTENSIONS['an Error'];
  for (const [name, bytes] of Object.entries({ ...EXTENSIONS, ...REFUSED_MSGPACK })) {
    try {
      assert.notEqual(typeof read(by, item(MSGPACK, bytes)), 'function', name);
      assert.ok(name in EXTENSIONS, name);
    } catch (thrown) {
      assert.equal((thrown as MemcacheError).code, 'ERR_MEMCACHE_DECODE', name);
    }
    assert.ok(read(by, item(MSGPACK, error)) instanceof RangeError, name);
  }
  assert.ok(read(by, item(MSGPACK, EXTENSIONS['a RegExp'])) instanceof RegExp);
  assert.deepEqual(read(by, item(MSGPACK, EXTENSIONS['a Set'])), new Set([1, 2]));
});
