import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyBytes } from '../../../src/routing/key-bytes.ts';
import { murmur3, PrefixedMurmur3 } from '../../../src/routing/murmur3.ts';
import { loadAsPython } from '../../../src/routing/python-text.ts';
import { readVectors } from './vectors.ts';

interface Vector {
  readonly kind: string;
  readonly input: string;
  readonly seed: number;
  readonly expect: number;
}
const { cases } = readVectors('python') as { cases: Vector[] };

function hashOf(text: string, seed: number): number {
  const key = new KeyBytes();
  loadAsPython(key, text);
  return murmur3(key.bytes, key.length, seed) >>> 0;
}

test('the hashes pymemcache makes', () => {
  const vectors = cases.filter(({ kind }) => kind === 'murmur3_32');
  assert.ok(vectors.length > 10);
  for (const { input, seed, expect } of vectors) assert.equal(hashOf(input, seed), expect);
  assert.equal(hashOf('hello, world', 0), 345_750_399);
  assert.equal(hashOf('6666', 10), 2_981_722_772);
});

test('behind prefixes of every length the hash is that of the whole', () => {
  const text = 'the prefixes and the keys are pieces of this text, and some are longer than others';
  const prefixes = Array.from({ length: 23 }, (_, length) => text.slice(0, (length * 7) % 23));
  for (const seed of [0, 2 ** 32 - 1]) {
    const hashes = new PrefixedMurmur3(
      prefixes.map((prefix) => Buffer.from(prefix)),
      seed,
    );
    assert.deepEqual(new Set(hashes.numbers), new Set(prefixes.keys()));
    for (const key of [...Array(50).keys()].map((length) => text.slice(3, 3 + length))) {
      hashes.take(Buffer.from(key), key.length);
      hashes.numbers.forEach((number, i) => {
        assert.equal(hashes.hashes[i] >>> 0, hashOf(prefixes[number] + key, seed));
      });
    }
  }
});

test('a key may be longer than any before', () => {
  const hashes = new PrefixedMurmur3([Buffer.from('p')], 0);
  for (const length of [10, 255, 256, 257, 5000, 10]) {
    hashes.take(Buffer.alloc(length, 'k'), length);
    assert.equal(hashes.hashes[0] >>> 0, hashOf(`p${'k'.repeat(length)}`, 0));
  }
});
