import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BROTLI,
  BYTES,
  CHECKSUM,
  COMPRESSED,
  type Compression,
  compressionOf,
  composeFlags,
  EMPTY,
  GZIP,
  INTEGER,
  JSON_TEXT,
  type Kind,
  kindOf,
  LONG,
  LZ4,
  MSGPACK,
  OWN,
  TEXT,
  V8,
  ZLIB,
  ZSTD,
} from '../../../src/codec/flags.ts';
import { NOTHING, PLACEHOLDER_FLAGS } from '../../../src/codec/placeholder.ts';

const KINDS: Kind[] = [BYTES, TEXT, INTEGER, MSGPACK, JSON_TEXT, V8];
const COMPRESSIONS: Compression[] = [0, ZLIB, LZ4, GZIP, BROTLI, ZSTD, OWN];
/** pickle, integer, long, zlib, text */
const PYMEMCACHE = 0b11111;

/** Every pattern of flags that is written, and pymemcache's longs. */
function written(): Set<number> {
  const flags = new Set<number>([LONG, LONG | ZLIB, EMPTY]);
  for (const kind of KINDS) {
    for (const compression of COMPRESSIONS) {
      for (const checksum of [false, true]) flags.add(composeFlags(kind, compression, checksum));
    }
  }
  return flags;
}

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
  // v8 always has a checksum.
  assert.equal(seen.size, KINDS.length * COMPRESSIONS.length * 2 - COMPRESSIONS.length);
  assert.deepEqual([kindOf(EMPTY), compressionOf(EMPTY)], [EMPTY, 0]);
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
  assert.equal(composeFlags(JSON_TEXT, 0, false), 4 << 8);
  assert.equal(composeFlags(JSON_TEXT, ZLIB, false), (4 << 8) | (1 << 11));
  assert.equal(composeFlags(JSON_TEXT, LZ4, true), 192 | (4 << 8));
  assert.equal(composeFlags(V8, 0, false), 128 | (5 << 8));
  assert.equal(composeFlags(V8, 0, true), 128 | (5 << 8));
  assert.equal(composeFlags(TEXT, GZIP, false), (1 << 8) | (1 << 13));
  assert.equal(composeFlags(BYTES, BROTLI, false), 2 << 13);
  assert.equal(composeFlags(MSGPACK, ZSTD, true), 128 | (3 << 8) | (3 << 13));
  assert.equal(composeFlags(JSON_TEXT, OWN, false), (4 << 8) | (4 << 13));
  assert.equal(EMPTY, 6 << 8);
});

test('what was written before there were more kinds and compressors reads as it did', () => {
  const old: [number, Kind, Compression][] = [
    [0, BYTES, 0],
    [2, INTEGER, 0],
    [4, LONG, 0],
    [16, TEXT, 0],
    [32, MSGPACK, 0],
    [8, BYTES, ZLIB],
    [24, TEXT, ZLIB],
    [40, MSGPACK, ZLIB],
    [64, BYTES, LZ4],
    [320, TEXT, LZ4],
    [832, MSGPACK, LZ4],
    [128, BYTES, 0],
    [384, TEXT, 0],
    [896, MSGPACK, 0],
    [192, BYTES, LZ4],
    [448, TEXT, LZ4],
    [960, MSGPACK, LZ4],
    [2176, BYTES, ZLIB],
    [2432, TEXT, ZLIB],
    [2944, MSGPACK, ZLIB],
  ];
  for (const [flags, kind, compression] of old) {
    assert.deepEqual([kindOf(flags), compressionOf(flags)], [kind, compression], String(flags));
  }
});

test('a reader that knows pymemcache only sees none of its bits in what it cannot read', () => {
  for (const flags of written()) {
    const kind = kindOf(flags) as Kind;
    const readable = [BYTES, TEXT, INTEGER, LONG, MSGPACK].includes(kind);
    const known = readable && [0, ZLIB].includes(compressionOf(flags)) && (flags & CHECKSUM) === 0;
    if (known) assert.equal(flags, kind | compressionOf(flags));
    else assert.equal(flags & PYMEMCACHE, 0, String(flags));
  }
});

test('what none of our writers sets is unknown', () => {
  const known = written();
  for (let flags = 0; flags < 1 << 17; flags++) {
    assert.equal(kindOf(flags) !== undefined, known.has(flags), String(flags));
  }
  for (const flags of [0x8000_0000, 0xffff_ffff, 1 << 20, 0xdead_beef]) {
    assert.equal(kindOf(flags), undefined);
  }
});

test('the mark of negative caching is in nothing that is written, nor is it a value', () => {
  for (const flags of written()) assert.equal(flags & NOTHING, 0, String(flags));
  assert.equal(kindOf(NOTHING), undefined);
  assert.equal(kindOf(PLACEHOLDER_FLAGS), BYTES);
});

test('what is compressed by something that workers have can be told by its bits', () => {
  for (const flags of written()) {
    const compression = compressionOf(flags);
    assert.equal(
      (flags & COMPRESSED) !== 0,
      compression !== 0 && compression !== OWN,
      String(flags),
    );
  }
});
