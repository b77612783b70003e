import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { CodecName } from '../../../src/codec/codec-name.ts';
import { CODEC_NAMES } from '../../../src/codec/codec-name.ts';
import { ChecksumMismatchError } from '../../../src/codec/codec-errors.ts';
import { type CodecOptions, resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import { StandardCodec } from '../../../src/codec/standard-codec.ts';
import { decodeError, encodeError, Shared } from './foreign-support.ts';
import { stored } from './pool-support.ts';

const codecWith = (options: CodecOptions): StandardCodec =>
  new StandardCodec(resolveCodecOptions(options));

function itemOf(codec: StandardCodec, value: unknown): { flags: number; item: Buffer } {
  return stored(codec.encode(value, 'k'));
}

function read(codec: StandardCodec, { flags, item }: { flags: number; item: Buffer }): unknown {
  return codec.decode(flags, item, 0, item.length, false, 'k');
}

const roundTrip = (codec: StandardCodec, value: unknown): unknown =>
  read(codec, itemOf(codec, value));

const byName = (codec: CodecName, options: CodecOptions = {}): StandardCodec =>
  codecWith({ codec, ...options });

test('json: objects are JSON and say so; text, bytes and integers are what they are to all', () => {
  const json = byName('json');
  assert.deepEqual(json.encode({ a: [1, 'é'] }, 'k'), { flags: 0x400, data: '{"a":[1,"é"]}' });
  for (const value of [{ a: [1, null, { b: 'é' }] }, [], {}, null, true, 1.5, { n: 1e300 }]) {
    assert.equal(itemOf(json, value).flags, 0x400, inspect(value));
    assert.deepEqual(roundTrip(json, value), value);
  }
  const msgpack = byName('msgpack');
  for (const value of ['text', '', Buffer.from('b'), Buffer.alloc(0), 7, -7, 2n ** 60n]) {
    assert.deepEqual(itemOf(json, value), itemOf(msgpack, value));
    assert.deepEqual(roundTrip(json, value), value);
  }
  for (const value of [-1n, 2n ** 64n, { big: 1n }, new Map(), undefined, () => 1, '\ud800']) {
    assert.throws(() => json.encode(value, 'k'), encodeError, inspect(value));
  }
});

test('json: text that is no JSON, or no UTF-8, under its flags is unreadable', () => {
  for (const item of ['{', '', '{"a":1}x', '"\xff"']) {
    const broken = { flags: 0x400, item: Buffer.from(item, 'latin1') };
    assert.throws(() => read(byName('json'), broken), decodeError);
  }
});

test('v8: bigints, Maps, Sets and cycles stay what they are', () => {
  const v8 = byName('v8');
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const back = roundTrip(v8, cycle) as typeof cycle;
  assert.equal(back['self'], back);
  const values = [new Map([[{ k: 1 }, new Set([1])]]), 5n, -5n, 2n ** 100n, -0, null, [undefined]];
  for (const value of values) {
    assert.equal(itemOf(v8, value).flags, 0x580, inspect(value));
    assert.deepEqual(roundTrip(v8, value), value);
  }
  assert.equal(itemOf(v8, 'text').flags, 16);
  assert.equal(itemOf(v8, 41).flags, 2);
});

test('v8: always under a checksum of bytes and key, and never without', () => {
  for (const checksum of [false, true]) {
    const v8 = byName('v8', { checksum });
    const { flags, item } = itemOf(v8, { a: 1 });
    for (let at = 0; at < item.length; at++) {
      const broken = Buffer.from(item);
      broken[at] ^= 0x20;
      assert.throws(() => read(v8, { flags, item: broken }), ChecksumMismatchError);
    }
    assert.throws(
      () => v8.decode(flags, item, 0, item.length, false, 'other'),
      ChecksumMismatchError,
    );
    assert.throws(() => read(v8, { flags: 0x500, item: item.subarray(4) }), decodeError);
  }
});

test('string: text alone, and every item is read as its text', () => {
  const string = byName('string');
  assert.equal(itemOf(string, 'é').flags, 16);
  assert.equal(roundTrip(string, 'é'), 'é');
  assert.equal(roundTrip(string, ''), '');
  for (const value of [1, 1n, Buffer.from('b'), {}, null, true, undefined, () => 1, '\ud800']) {
    assert.throws(() => string.encode(value, 'k'), encodeError, inspect(value));
  }
  const wrote = (codec: CodecName, value: unknown): unknown =>
    read(string, itemOf(byName(codec), value));
  assert.equal(wrote('buffer', Buffer.from('bytes é')), 'bytes é');
  assert.equal(wrote('buffer', Buffer.alloc(0)), '');
  assert.equal(wrote('json', { a: 'é' }), '{"a":"é"}');
  assert.equal(wrote('msgpack', -42), '-42');
});

test('string: what is no UTF-8 is unreadable, and so are flags of nobody', () => {
  const string = byName('string');
  assert.throws(() => read(string, { flags: 0, item: Buffer.from([0xff]) }), decodeError);
  assert.throws(() => read(string, { flags: 32, item: Buffer.from([0xc3]) }), decodeError);
  for (const flags of [1, 9, 0x1000, 0x500, 0xffff]) {
    assert.throws(() => read(string, { flags, item: Buffer.from('text') }), decodeError);
  }
});

test('buffer: bytes alone, and every item is read as its bytes', () => {
  const buffer = byName('buffer');
  const bytes = Buffer.from([0, 255]);
  assert.deepEqual(roundTrip(buffer, bytes), bytes);
  for (const value of [1, 'text', {}, null, undefined, new Float64Array(1), new ArrayBuffer(1)]) {
    assert.throws(() => buffer.encode(value, 'k'), encodeError, inspect(value));
  }
  const wrote = (codec: CodecName, value: unknown): unknown =>
    read(buffer, itemOf(byName(codec), value));
  assert.deepEqual(wrote('string', 'é'), Buffer.from('é'));
  assert.deepEqual(wrote('msgpack', 42), Buffer.from('42'));
  assert.deepEqual(wrote('msgpack', { a: 1 }), Buffer.from('81a16101', 'hex'));
  assert.deepEqual(wrote('json', [1]), Buffer.from('[1]'));
  assert.deepEqual((wrote('v8', [1]) as Buffer).subarray(0, 2), Buffer.from([0xff, 15]));
});

test('what is read under string and buffer is unfolded and checked first', () => {
  const text = 'compressible '.repeat(1000);
  for (const compressor of ['lz4', 'zlib', 'gzip', 'brotli'] as const) {
    for (const checksum of [false, true]) {
      const item = itemOf(byName('msgpack', { compressor, checksum }), text);
      assert.equal(read(byName('string'), item), text);
      assert.deepEqual(read(byName('buffer'), item), Buffer.from(text));
      const own = read(byName('buffer'), item) as Buffer;
      item.item.fill(0);
      assert.equal(own.toString(), text);
    }
  }
});

test('whatever the codec, reading goes by the flags', () => {
  const value = { rows: [1, 'two', null] };
  const writers = ['msgpack', 'json', 'v8'] as const;
  for (const writer of writers) {
    for (const options of [{}, { checksum: true }, { compressFromBytes: 1, minGain: 0 }]) {
      const item = itemOf(byName(writer, options), { ...value, text: 'x'.repeat(200) });
      const plain = { ...value, text: 'x'.repeat(200) };
      for (const reader of writers) assert.deepEqual(read(byName(reader), item), plain);
      for (const format of ['pymemcache', 'pylibmc'] as const) {
        assert.deepEqual(read(codecWith({ format }), item), plain, 'variants of the same format');
      }
    }
  }
});

test('no bytes are told apart from a placeholder, by every codec that stores bytes', () => {
  const empty = Buffer.alloc(0);
  for (const name of CODEC_NAMES.filter((codec) => codec !== 'string')) {
    for (const value of [empty, new Uint8Array(0)]) {
      for (const options of [{}, { checksum: true }, { compressFromBytes: 0, minGain: 0 }]) {
        const codec = byName(name, options);
        const item = itemOf(codec, value);
        assert.ok(item.flags !== 0, name);
        assert.deepEqual(read(codec, item), empty);
        assert.deepEqual(read(byName('msgpack'), item), empty);
      }
    }
  }
  assert.deepEqual(itemOf(byName('msgpack'), empty), { flags: 0x600, item: empty });
  const appended = { flags: 0x600, item: Buffer.from('appended') };
  assert.deepEqual(read(byName('msgpack'), appended), Buffer.from('appended'));
  assert.deepEqual(read(byName('msgpack'), { flags: 0, item: empty }), empty);
  for (const format of ['pymemcache', 'pylibmc', 'raw', 'php', 'dalli', 'swift'] as const) {
    assert.deepEqual(new Shared({ format }).stored(empty), [0, ''], format);
  }
});

test('other formats: only text or only bytes, read as such', () => {
  for (const format of ['pymemcache', 'pylibmc', 'raw', 'php', 'dalli', 'spymemcached'] as const) {
    const own = new Shared({ format, codec: format === 'pymemcache' ? 'json' : undefined });
    const string = new Shared({ format, codec: 'string' });
    const buffer = new Shared({ format, codec: 'buffer' });
    assert.equal(string.roundTrip('é'), 'é', format);
    assert.deepEqual(string.stored('é'), own.stored('é'));
    assert.equal(string.read(own.stored(Buffer.from('bytes'))), 'bytes', format);
    assert.throws(() => string.stored(Buffer.from('b')), encodeError, format);
    assert.throws(() => string.stored(1), encodeError, format);
    assert.deepEqual(buffer.roundTrip(Buffer.from([0, 255])), Buffer.from([0, 255]), format);
    assert.deepEqual(buffer.read(own.stored('é')), Buffer.from('é'), format);
    assert.throws(() => buffer.stored('text'), encodeError, format);
  }
  const marshalled = (codec: CodecName): unknown =>
    new Shared({ format: 'dalli', codec }).read([1, '\x04\x08i.']);
  for (const codec of ['string', 'buffer'] as const) {
    assert.throws(() => marshalled(codec), decodeError, 'Marshal stays unreadable');
  }
});
