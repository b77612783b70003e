import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ValueCodec } from '../../../src/codec/value-codec.ts';

const swap = {
  encode: (value: unknown, { key }: { key: string | Uint8Array }) => ({
    bytes: Buffer.from(`${String(key)}=${String(value)}`),
    flags: 0xffff_ffff,
  }),
  decode: (bytes: Uint8Array, flags: number, { key }: { key: string | Uint8Array }) => ({
    bytes,
    flags,
    key,
  }),
};

test('a codec of the user decides bytes and flags, sees the key and owns what it reads', () => {
  const codec = new ValueCodec({ codec: swap });
  assert.equal(codec.offloadsEncode('x'.repeat(100_000)), false);
  assert.equal(codec.offloadsDecode(64, 100_000), false);
  const encoded = codec.encode('v', 'k');
  assert.equal(String(encoded.data), 'k=v');
  assert.equal(encoded.flags, 0xffff_ffff);
  const source = Buffer.from('..k=v..');
  const { bytes, flags } = codec.decode(7, source, 2, 5, false, 'k') as ReturnType<
    typeof swap.decode
  >;
  source.fill(0);
  assert.equal(String(bytes), 'k=v');
  assert.equal(flags, 7);
});

test('a pair of functions knows no flags; a missing one leaves bytes alone', () => {
  const codec = new ValueCodec({
    codec: { serialize: (value) => `<${String(value)}>`, deserialize: (bytes) => bytes.length },
  });
  assert.deepEqual(codec.encode(1, 'k'), { flags: 0, data: '<1>' });
  assert.equal(codec.decode(99, Buffer.from('abc'), 0, 3, false, 'k'), 3);
  const half = new ValueCodec({ codec: { serialize: String as (value: unknown) => string } });
  assert.deepEqual(half.decode(1, Buffer.from('abc'), 1, 3, false, 'k'), Buffer.from('bc'));
  const other = new ValueCodec({ codec: { deserialize: (bytes) => bytes } });
  assert.deepEqual(other.encode(Buffer.from('x'), 'k').data, Buffer.from('x'));
  assert.throws(() => other.encode(1, 'k'), { code: 'ERR_MEMCACHE_ENCODE' });
});

test('what it throws or answers amiss is an error of ours that quotes nothing', () => {
  const failing = new ValueCodec({
    codec: {
      encode: () => {
        throw new Error('canary');
      },
      decode: () => {
        throw new Error('canary');
      },
    },
  });
  const clean = (code: string) => (error: unknown) => {
    assert.equal((error as { code: string }).code, code);
    assert.doesNotMatch(String((error as Error).stack), /canary/);
    return true;
  };
  assert.throws(() => failing.encode(1, 'k'), clean('ERR_MEMCACHE_ENCODE'));
  assert.throws(
    () => failing.decode(0, Buffer.from('x'), 0, 1, false, 'k'),
    clean('ERR_MEMCACHE_DECODE'),
  );
  for (const answer of [
    undefined,
    {},
    { bytes: 1, flags: 0 },
    { bytes: Buffer.alloc(1) },
    { flags: 0 },
    { bytes: [1], flags: 0 },
    { bytes: Buffer.alloc(1), flags: -1 },
    { bytes: Buffer.alloc(1), flags: 2 ** 32 },
    { bytes: Buffer.alloc(1), flags: 1.5 },
    { bytes: Buffer.alloc(1), flags: Number.NaN },
    { bytes: Buffer.alloc(1), flags: '0' },
  ]) {
    const odd = new ValueCodec({ codec: { encode: () => answer as never, decode: () => 0 } });
    assert.throws(() => odd.encode(1, 'k'), { code: 'ERR_MEMCACHE_ENCODE' });
  }
});

class Marked {
  readonly mark = '#';

  serialize(value: unknown): string {
    return `${this.mark}${String(value)}`;
  }

  deserialize(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString().slice(this.mark.length);
  }
}

test('a pair of methods keeps its object', () => {
  const codec = new ValueCodec({ codec: new Marked() });
  assert.deepEqual(codec.encode('v', 'k'), { flags: 0, data: '#v' });
  assert.equal(codec.decode(0, Buffer.from('#v'), 0, 2, false, 'k'), 'v');
});
