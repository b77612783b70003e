import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import type { FormatName } from '../../../src/codec/formats.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { decodeError, encodeError, Shared, type Stored } from './foreign-support.ts';

const FOREIGN = ['raw', 'php', 'dalli', 'swift', 'spymemcached', 'memcached'] as const;
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The item as each format with compression stores it. */
const COMPRESSED: Partial<Record<FormatName, (plain: string) => Stored>> = {
  php(plain) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(plain.length, 0);
    return [0x30, latin1(Buffer.concat([length, deflateSync(plain)]))];
  },
  dalli: (plain) => [6, latin1(deflateSync(plain))],
  spymemcached: (plain) => [2, latin1(gzipSync(plain))],
};

test('what has no place in any format is refused before it is sent', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const format of FOREIGN) {
    const shared = new Shared({ format, codec: 'json' });
    for (const value of [undefined, () => 1, Symbol('s'), '\ud800', 'a\udc00b', cyclic]) {
      assert.throws(() => shared.stored(value), encodeError, `${format} ${inspect(value)}`);
    }
  }
});

test('objects are refused where the format cannot tell them, and the message says why', () => {
  for (const format of ['raw', 'php', 'dalli', 'spymemcached', 'pymemcache', 'pylibmc'] as const) {
    const message = new RegExp(`^format '${format}' stores .*, not an object; .*codec: 'json'$`);
    assert.throws(() => new Shared({ format }).stored({ secret: 1 }), { ...encodeError, message });
    const json = new Shared({ format, codec: 'json' });
    assert.equal(json.stored({ a: [1, null] })[1], '{"a":[1,null]}');
  }
});

test('flags of nobody are unreadable', () => {
  for (const format of FOREIGN.slice(1)) {
    const shared = new Shared({ format });
    for (const flags of [1 << 9, 1 << 12, 0x3fff, 0x8000]) {
      const read = (): unknown => shared.read([flags, '1']);
      // 2 in the high byte is an int of spymemcached.
      if (format === 'spymemcached' && flags === 1 << 9) assert.equal(read(), 0x31);
      else assert.throws(read, decodeError, `${format} ${flags}`);
    }
  }
  for (const format of ['dalli', 'swift', 'spymemcached', 'memcached'] as const) {
    assert.throws(() => new Shared({ format }).read([0x8000_0000, '1']), decodeError, format);
  }
});

test('no decoded bytes alias what they were read from, and owned ones are not copied', () => {
  for (const format of FOREIGN) {
    const { codec } = new Shared({ format });
    const { flags, data } = codec.encode(Buffer.from('bytes\xff', 'latin1'), 'k');
    const source = Buffer.from(data as Uint8Array);
    const copied = codec.decode(flags, source, 0, source.length, false, 'k') as Buffer;
    const own = codec.decode(flags, source, 0, source.length, true, 'k') as Buffer;
    source.fill(0);
    assert.equal(latin1(copied), 'bytes\xff', format);
    // In that format bytes are not stored as they are.
    assert.equal(own[0], format === 'memcached' ? 0x62 : 0, format);
  }
});

for (const [format, compressed] of Object.entries(COMPRESSED) as [
  FormatName,
  (plain: string) => Stored,
][]) {
  test(`${format}: reads what it compresses, and writes it when asked to`, () => {
    const text = 'compressible '.repeat(2000);
    const writer = new Shared({ format, compressor: 'zlib' });
    const [flags, bytes] = compressed(text);
    assert.equal(new Shared({ format }).read([flags, bytes]), text);
    const [written, packed] = writer.stored(text);
    assert.equal(written, flags);
    assert.ok(packed.length < text.length / 10);
    assert.equal(writer.read([written, packed]), text);
    assert.equal(new Shared({ format }).stored(text)[1].length, text.length);
    assert.equal(writer.stored('short')[1], 'short');
    const noise = Array.from({ length: 20_000 }, (_, i) => ((i * i * 7919) >> 5) & 0xff);
    const bytesOnly = new Shared({ format, compressor: 'zlib', minGain: 0.9 });
    assert.equal(bytesOnly.stored(Uint8Array.from(noise))[1].length, noise.length);
  });

  test(`${format}: a compressed item unfolds no further than allowed, and a broken one is unreadable`, () => {
    const [flags, bytes] = compressed('x'.repeat(100_000));
    const bounded = new Shared({ format, maxDecompressedBytes: 99_999 });
    assert.throws(() => bounded.read([flags, bytes]), decodeError);
    const exact = new Shared({ format, maxDecompressedBytes: 100_000 });
    assert.equal((exact.read([flags, bytes]) as string).length, 100_000);
    for (let cut = 0; cut < bytes.length; cut++) {
      assert.throws(() => exact.read([flags, bytes.slice(0, cut)]), decodeError, String(cut));
    }
    for (const appended of ['\0', '\0'.repeat(20), 'more', bytes]) {
      assert.throws(() => exact.read([flags, bytes + appended]), decodeError, 'appended to');
    }
  });
}

test('errors quote nothing of the item', () => {
  const canary = 'canary-secret';
  const items: [FormatName, number][] = [
    ['php', 1],
    ['php', 2],
    ['php', 4],
    ['php', 6],
    ['php', 0x30],
    ['dalli', 1],
    ['dalli', 2],
    ['swift', 1],
    ['swift', 2],
    ['swift', 3],
    ['spymemcached', 1],
    ['spymemcached', 2],
    ['spymemcached', 0x300],
    ['memcached', 2],
    ['memcached', 8],
  ];
  for (const [format, flags] of items) {
    assert.throws(
      () => new Shared({ format, codec: 'json' }).read([flags, canary]),
      (error: unknown) => {
        assert.ok(error instanceof MemcacheError && error.code === 'ERR_MEMCACHE_DECODE');
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /canary/);
        return true;
      },
      `${format} ${flags}`,
    );
  }
});

test('other formats need no worker: nothing is handed to the pool', () => {
  const { codec } = new Shared({ format: 'dalli', compressor: 'zlib', offload: 'always' });
  assert.equal(codec.offloadsEncode('x'.repeat(1_000_000)), false);
  assert.equal(codec.offloadsDecode(2, 1_000_000), false);
});
