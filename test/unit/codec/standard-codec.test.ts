import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type CodecOptions, resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import { StandardCodec } from '../../../src/codec/standard-codec.ts';
import { MemcacheError } from '../../../src/errors.ts';

interface Vector {
  kind: string;
  value: unknown;
  flags: number;
  stored?: string;
  stored_hex?: string | null;
  stored_len?: number;
}

const vectorsFile = new URL('../../../../test/unit/codec/vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vector[];

const codecWith = (options: CodecOptions = {}): StandardCodec =>
  new StandardCodec(resolveCodecOptions(options));

const encodeError = { code: 'ERR_MEMCACHE_ENCODE' };
const decodeError = { code: 'ERR_MEMCACHE_DECODE' };

function bytesOf(data: string | Uint8Array): Buffer {
  return Buffer.from(data as string);
}

function decode(codec: StandardCodec, flags: number, item: Uint8Array, key = 'k'): unknown {
  const around = Buffer.concat([Buffer.from('<<<'), item, Buffer.from('>>>')]);
  return codec.decode(flags, around, 3, 3 + item.length, false, key);
}

function roundTrip(codec: StandardCodec, value: unknown): unknown {
  const { flags, data } = codec.encode(value, 'k');
  return decode(codec, flags, bytesOf(data));
}

/** The vectors write bytes as `{ bytes }` (one character each), big integers as `{ int }`, repetition as `a x400`. */
function valueOf({ kind, value }: Vector): unknown {
  if (kind === 'serde_compressed') {
    const [piece, times] = String(value).split(' x');
    return piece.repeat(Number(times));
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('bytes' in value) return Buffer.from(String(value.bytes), 'latin1');
  return 'int' in value ? BigInt(String(value.int)) : value;
}

/** The item. What is given without its bytes is text that was not compressed. */
function storedBytes(vector: Vector): Buffer {
  const { stored, stored_hex: hex, stored_len: length } = vector;
  const text = stored ?? (hex === null ? String(valueOf(vector)) : '');
  const bytes = hex ? Buffer.from(hex, 'hex') : Buffer.from(text, 'latin1');
  if (length !== undefined) assert.equal(bytes.length, length);
  return bytes;
}

for (const format of ['memvolley', 'pymemcache'] as const) {
  test(`${format}: reads what pymemcache writes, and refuses its pickles`, () => {
    const kinds: Record<string, number> = {};
    for (const vector of vectors) {
      const stored = storedBytes(vector);
      kinds[vector.kind] = (kinds[vector.kind] ?? 0) + 1;
      if (vector.kind === 'serde_pickle_bytes') {
        assert.throws(() => decode(codecWith({ format }), vector.flags, stored), decodeError);
      } else {
        assert.deepEqual(decode(codecWith({ format }), vector.flags, stored), valueOf(vector));
      }
    }
    assert.deepEqual(kinds, { serde_bytes: 6, serde_pickle_bytes: 10, serde_compressed: 3 });
  });
}

test('pymemcache: writes the flags and bytes pymemcache writes', () => {
  const codec = codecWith({ format: 'pymemcache' });
  for (const vector of vectors.filter(({ kind }) => kind === 'serde_bytes')) {
    const { flags, data } = codec.encode(valueOf(vector), 'k');
    assert.equal(flags, vector.flags);
    assert.equal(bytesOf(data).toString('latin1'), vector.stored);
  }
});

test('pymemcache with zlib: compresses above 400 bytes, as its readers expect', () => {
  const codec = codecWith({ format: 'pymemcache', compressor: 'zlib' });
  for (const vector of vectors.filter(({ kind }) => kind === 'serde_compressed')) {
    const value = valueOf(vector);
    assert.equal(codec.encode(value, 'k').flags, vector.flags);
    assert.equal(roundTrip(codec, value), value);
  }
});

test('pylibmc: reads and writes as pymemcache, but calls every integer a long', () => {
  const codec = codecWith({ format: 'pylibmc', compressor: 'zlib' });
  for (const vector of vectors.filter(({ kind }) => kind === 'serde_bytes')) {
    const { flags, data } = codec.encode(valueOf(vector), 'k');
    assert.equal(flags, vector.flags === 2 ? 4 : vector.flags);
    assert.equal(bytesOf(data).toString('latin1'), vector.stored);
    assert.deepEqual(roundTrip(codec, valueOf(vector)), valueOf(vector));
  }
  const digits = 10n ** 1000n;
  assert.deepEqual(codec.encode(digits, 'k'), { flags: 4, data: String(digits) });
  assert.equal(codec.encode('a'.repeat(401), 'k').flags, 24);
  assert.equal(decode(codec, 2, Buffer.from('1')), 1);
});

test('beyond what the server counts, integers stay integers where the format has them', () => {
  for (const format of ['pymemcache', 'pylibmc'] as const) {
    const codec = codecWith({ format, codec: 'json' });
    for (const value of [-1n, 2n ** 64n])
      assert.equal(roundTrip(codec, value), value === -1n ? -1 : value);
  }
});

test('pymemcache: objects are refused, and the message says what to do', () => {
  const refused = { ...encodeError, message: /codec: 'json'/ };
  for (const value of [{ a: 1 }, [1], null, true, 1.5]) {
    assert.throws(() => codecWith({ format: 'pymemcache' }).encode(value, 'k'), refused);
  }
});

test("codec: 'json' stores objects as text where the format's flags cannot say JSON", () => {
  for (const format of ['pylibmc', 'pymemcache'] as const) {
    const codec = codecWith({ format, codec: 'json' });
    assert.deepEqual(codec.encode({ a: [1, null] }, 'k'), { flags: 16, data: '{"a":[1,null]}' });
    assert.equal(roundTrip(codec, { a: 1 }), '{"a":1}');
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    assert.throws(() => codec.encode(cyclic, 'k'), encodeError);
  }
});

test('each kind of value takes the flags of its kind', () => {
  const codec = codecWith();
  const flagsOf = (value: unknown): number => codec.encode(value, 'k').flags;
  assert.equal(flagsOf(Buffer.from('b')), 0);
  assert.equal(flagsOf(new Uint8Array(2)), 0);
  assert.equal(flagsOf('text'), 16);
  const safe = [0, -1, 42, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  for (const integer of [...safe, 1n, 2n ** 64n - 1n]) {
    assert.deepEqual(codec.encode(integer, 'k'), { flags: 2, data: String(integer) });
  }
  for (const other of [
    -0,
    1.5,
    2 ** 53,
    Number.NaN,
    true,
    null,
    {},
    [],
    -1n,
    2n ** 64n,
    new Date(),
  ]) {
    assert.equal(flagsOf(other), 32, inspect(other));
  }
});

test('values come back as they went', () => {
  const values = [
    ['', 'plain', 'äöü €', '😀', '\ufffd', '\ufeffbom', '\0', 'x'.repeat(10_000)],
    [0, -1, 1.5, -0, Number.NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, Number.MIN_VALUE],
    [true, false, null, [], {}, [1, [2, [3]]], { a: { b: [null, undefined] } }],
    [2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 70n],
    [new Date(0), new Date(-1), new Date('2024-02-29T12:34:56.789Z'), new Set([1, 'a'])],
    [new Float32Array([1.5, -2]), new Float64Array([1 / 3]), new Uint16Array([1, 65535])],
    [{ bytes: Buffer.from([1, 2, 3]) }, new BigInt64Array([1n]), new Int8Array([-1])],
  ].flat();
  const codec = codecWith();
  for (const value of values) assert.deepEqual(roundTrip(codec, value), value);
  assert.deepEqual(roundTrip(codec, Buffer.from([0, 255])), Buffer.from([0, 255]));
  assert.deepEqual(roundTrip(codec, new Uint8Array([7])), Buffer.from([7]));
});

test('what is lost on the way is lost as documented', () => {
  const codec = codecWith();
  assert.equal(roundTrip(codec, 5n), 5);
  assert.deepEqual(roundTrip(codec, new Map([['a', 1]])), { a: 1 });
  assert.match((roundTrip(codec, { s: '\ud800' }) as { s: string }).s, /^\ufffd+$/);
});

test('what cannot be stored is refused', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const refused = [undefined, () => 1, Symbol('s'), '\ud800', 'a\udc00b', cyclic, [Symbol('s')]];
  for (const value of refused) {
    assert.throws(() => codecWith().encode(value, 'k'), encodeError, inspect(value));
  }
  assert.deepEqual(roundTrip(codecWith(), { still: 'works' }), { still: 'works' });
});

test('integers: blanks that decr leaves, signs, and more than 2^53', () => {
  const read = (text: string, flags = 2): unknown => decode(codecWith(), flags, Buffer.from(text));
  assert.equal(read('9  '), 9);
  assert.equal(read('-12'), -12);
  assert.equal(read('+12'), 12);
  assert.ok(Object.is(read('-0'), 0));
  assert.equal(read('9007199254740991'), Number.MAX_SAFE_INTEGER);
  assert.equal(read('9007199254740992'), 2n ** 53n);
  assert.equal(read('-9007199254740993'), -(2n ** 53n) - 1n);
  assert.equal(read('0000000000000000000001'), 1);
  assert.equal(read('18446744073709551615'), 2n ** 64n - 1n);
  assert.equal(read('77', 4), 77);
  for (const bad of ['', ' ', '-', '1 2', '1.5', '1e3', '0x1', ' 1', '1_0', '9'.repeat(4301)]) {
    assert.throws(() => read(bad), decodeError, bad.slice(0, 9));
  }
});

test('large values are compressed when it gains enough, with either compressor', () => {
  const text = 'compressible '.repeat(1000);
  for (const [compressor, flags] of [
    ['lz4', 64 | (1 << 8)],
    ['zlib', 24],
  ] as const) {
    const codec = codecWith({ compressor });
    const encoded = codec.encode(text, 'k');
    assert.equal(encoded.flags, flags);
    assert.ok(encoded.data.length < text.length / 5);
    assert.equal(roundTrip(codec, text), text);
    const object = { rows: Array.from({ length: 500 }, (_, id) => ({ id, name: 'n' })) };
    assert.deepEqual(roundTrip(codec, object), object);
    assert.deepEqual(roundTrip(codec, Buffer.alloc(9000, 1)), Buffer.alloc(9000, 1));
  }
  assert.equal(codecWith({ compressor: 'none' }).encode(text, 'k').flags, 16);
  assert.equal(codecWith().encode('x'.repeat(4095), 'k').flags, 16);
  assert.equal(codecWith().encode('x'.repeat(4096), 'k').flags, 64 | (1 << 8));
  // 1366 three-byte characters are 4098 bytes.
  assert.equal(codecWith().encode('€'.repeat(1366), 'k').flags, 64 | (1 << 8));
  assert.equal(codecWith().encode('€'.repeat(1365), 'k').flags, 16);
});

test('what hardly shrinks is stored as it is', () => {
  let state = 1;
  const noise = Buffer.from(
    Array.from({ length: 8000 }, () => (state = (state * 48271) % 0x7fffffff) & 0xff),
  );
  assert.deepEqual(codecWith().encode(noise, 'k'), { flags: 0, data: noise });
});

test('no decoded value aliases the bytes it was read from', () => {
  for (const checksum of [false, true]) {
    const codec = codecWith({ checksum });
    for (const value of [
      Buffer.alloc(20, 7),
      { b: Buffer.alloc(20, 7), f: new Float32Array([1]) },
    ]) {
      const { flags, data } = codec.encode(value, 'k');
      const source = Buffer.from(data as Uint8Array);
      const decoded = codec.decode(flags, source, 0, source.length, false, 'k');
      source.fill(0xee);
      assert.deepEqual(decoded, value);
    }
  }
});

test('owned bytes are handed out without a copy', () => {
  const own = Buffer.from('0123456789');
  const value = codecWith().decode(0, own, 2, 5, true, 'k') as Buffer;
  assert.equal(value.buffer, own.buffer);
  assert.equal(value.toString(), '234');
});

test('unknown flags, bad text and bad msgpack are errors that quote nothing', () => {
  const canary = 'canary-secret';
  const packed = codecWith().encode({ [canary]: canary }, 'k').data as Uint8Array;
  const broken: [number, Uint8Array][] = [
    [1, Buffer.from(canary)],
    [1 << 14, Buffer.from(canary)],
    [16, Buffer.from(`${canary}\xff`, 'latin1')],
    [2, Buffer.from(canary)],
    [8, Buffer.from(canary)],
    [64, Buffer.from(canary)],
    [128, Buffer.from(canary)],
    [32, Buffer.concat([packed, Buffer.from(canary)])],
    [32, Buffer.alloc(0)],
    ...Array.from(packed, (_, cut): [number, Uint8Array] => [32, packed.subarray(0, cut)]),
  ];
  for (const [flags, bytes] of broken) {
    assert.throws(
      () => decode(codecWith(), flags, bytes, canary),
      (error: unknown) => {
        assert.ok(error instanceof MemcacheError && error.code === 'ERR_MEMCACHE_DECODE');
        assert.equal(error.cause, undefined);
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /canary-secret/);
        return true;
      },
      `${flags} ${bytes.length}`,
    );
  }
  const refused = Object.assign([Symbol(canary)], { canary });
  assert.throws(
    () => codecWith().encode(refused, canary),
    (error: unknown) => !inspect(error, { showHidden: true }).includes('canary-secret'),
  );
});
