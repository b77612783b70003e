// Whatever the bytes, they are read as msgpackr alone reads them, or refused as it refuses them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MemcacheError } from '../../src/errors.ts';
import { GAVE_UP, readMsgpack } from '../../src/codec/msgpack-reader.ts';
import { unpack } from '../../src/codec/serializer.ts';
import { packed, reference, REFUSED } from '../support/msgpack-reference.ts';
import { runs } from '../support/runs.ts';

const key = fc.oneof(
  fc.constantFrom('id', 'name', 'price', 'tags', 'constructor', '__proto__', '', '0', '17'),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const leaf = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.float(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.constantFrom('new', 'sale', null, true, false, -0, 2 ** 53, -(2 ** 53)),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: leaf, weight: 2 },
    { arbitrary: fc.array(tie('data'), { maxLength: 20 }), weight: 1 },
    { arbitrary: fc.array(fc.double(), { maxLength: 20 }), weight: 1 },
    {
      arbitrary: fc
        .array(fc.tuple(key, tie('data')), { maxLength: 40 })
        .map((entries) => new Map(entries)),
      weight: 2,
    },
  ),
}));

function ours(item: Buffer): unknown {
  // Bytes around it, so that one that is read beyond its end shows.
  const source = Buffer.concat([Buffer.alloc(3, 0x91), item, Buffer.alloc(9, 0x01)]);
  try {
    return unpack(source, 3, 3 + item.length);
  } catch (error) {
    assert.ok(error instanceof MemcacheError && error.code === 'ERR_MEMCACHE_DECODE');
    return REFUSED;
  }
}

function isSame(item: Buffer): void {
  if (item.length === 0) return;
  const expected = reference(item);
  assert.deepEqual(ours(item), expected, item.toString('hex'));
  const read = readMsgpack(item, 0, item.length);
  if (read !== GAVE_UP) assert.deepEqual(read, expected, item.toString('hex'));
}

test('plain data, with keys of any kind, is read here', () => {
  fc.assert(
    fc.property(data, (value) => {
      const item = packed(value);
      isSame(item);
      const marked = item.includes('\ufffd') || item.includes('\ufeff');
      if (!marked) assert.notEqual(readMsgpack(item, 0, item.length), GAVE_UP);
    }),
    runs(1000),
  );
});

test('at every cut, with a byte changed, with bytes behind it', () => {
  fc.assert(
    fc.property(data, fc.nat(), fc.nat({ max: 255 }), (value, place, byte) => {
      const item = packed(value);
      for (let cut = 1; cut < Math.min(item.length, 200); cut++) isSame(item.subarray(0, cut));
      isSame(Buffer.concat([item, Buffer.of(byte)]));
      const damaged = Buffer.from(item);
      damaged[place % item.length] = byte;
      isSame(damaged);
    }),
    runs(300),
  );
});

test('any bytes', () => {
  const token = fc.oneof(
    fc.nat({ max: 255 }),
    fc.constantFrom(0x81, 0x82, 0x92, 0xa1, 0xa2, 0xcb, 0xd9, 0xdc, 0xde, 0xc4, 0),
  );
  fc.assert(
    fc.property(fc.array(token, { minLength: 1, maxLength: 40 }), (bytes) => {
      isSame(Buffer.from(bytes));
    }),
    runs(5000),
  );
});
