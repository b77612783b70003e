import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xxh64 } from '../../../src/routing/xxh64.ts';
import { readVectors } from './vectors.ts';

const { xxh64: vectors } = readVectors('algorithms') as {
  xxh64: { key: string; seed: number; hash: string }[];
};

const hex = (number: number): string => (number >>> 0).toString(16).padStart(8, '0');

function hexOf(key: string | Uint8Array, seed?: number): string {
  const [low, high] = xxh64(key, seed);
  return hex(high) + hex(low);
}

test('keys of every kind of length, with seeds', () => {
  assert.ok(vectors.length > 30);
  for (const { key, seed, hash } of vectors) {
    assert.equal(hexOf(key, seed), hash);
    assert.equal(hexOf(Buffer.from(key), seed), hash);
  }
});

test('the seed is 0 unless given', () => {
  assert.equal(hexOf(''), 'ef46db3751d8e999');
  assert.equal(hexOf('abc'), '44bc2cf5ad770999');
});
