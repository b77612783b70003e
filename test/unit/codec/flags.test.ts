import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BYTES,
  type Compression,
  compressionOf,
  composeFlags,
  INTEGER,
  type Kind,
  kindOf,
  LONG,
  LZ4,
  MSGPACK,
  TEXT,
  ZLIB,
} from '../../../src/codec/flags.ts';

const KINDS: Kind[] = [BYTES, TEXT, INTEGER, MSGPACK];
const COMPRESSIONS: Compression[] = [0, ZLIB, LZ4];

test('every combination written is read back as what it was', () => {
  const seen = new Set<number>();
  for (const kind of KINDS) {
    for (const compression of COMPRESSIONS) {
      for (const checksum of [false, true]) {
        const flags = composeFlags(kind, compression, checksum);
        seen.add(flags);
        assert.deepEqual([kindOf(flags), compressionOf(flags)], [kind, compression], String(flags));
      }
    }
  }
  assert.equal(seen.size, KINDS.length * COMPRESSIONS.length * 2);
});

test('the flags on the wire are the documented ones', () => {
  assert.equal(composeFlags(TEXT, 0, false), 16);
  assert.equal(composeFlags(TEXT, ZLIB, false), 24);
  assert.equal(composeFlags(MSGPACK, 0, false), 32);
  assert.equal(composeFlags(BYTES, LZ4, false), 64);
  assert.equal(composeFlags(TEXT, LZ4, false), 64 | (1 << 8));
  assert.equal(composeFlags(INTEGER, LZ4, false), 64 | (2 << 8));
  assert.equal(composeFlags(MSGPACK, LZ4, false), 64 | (3 << 8));
  assert.equal(composeFlags(MSGPACK, LZ4, true), 192 | (3 << 8));
  assert.equal(composeFlags(TEXT, ZLIB, true), 128 | (1 << 8) | (1 << 11));
});

test('a reader that knows pymemcache only sees none of its bits in what it cannot read', () => {
  for (const kind of KINDS) {
    assert.equal(composeFlags(kind, LZ4, false) & 0b11111, 0);
    for (const compression of COMPRESSIONS) {
      assert.equal(composeFlags(kind, compression, true) & 0b11111, 0);
    }
  }
});

test('what none of our writers sets is unknown', () => {
  const known = new Set<number>([LONG, LONG | ZLIB]);
  for (const kind of KINDS) {
    for (const compression of COMPRESSIONS) {
      known.add(composeFlags(kind, compression, false));
      known.add(composeFlags(kind, compression, true));
    }
  }
  for (let flags = 0; flags < 1 << 13; flags++) {
    assert.equal(kindOf(flags) !== undefined, known.has(flags), String(flags));
  }
  for (const flags of [0x8000_0000, 0xffff_ffff, 1 << 20, 0xdead_beef]) {
    assert.equal(kindOf(flags), undefined);
  }
});
