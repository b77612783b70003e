import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import { test } from 'node:test';
import { createHash, randomInt, randomUUID } from '../../../src/primitives/late-crypto.ts';

test('hashes are those of node:crypto', () => {
  assert.equal(createHash('md5').update('').digest('hex'), 'd41d8cd98f00b204e9800998ecf8427e');
  const hash = (make: typeof createHash): string =>
    make('shake256', { outputLength: 5 }).update('a key').digest('hex');
  assert.equal(hash(createHash), hash(crypto.createHash));
});

test('chance stays within its limit, and names are made only once', () => {
  for (let i = 0; i < 100; i++) assert.ok([0, 1, 2].includes(randomInt(3)));
  assert.ok(randomInt(2 ** 46) > 2 ** 20);
  assert.match(randomUUID(), /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  assert.notEqual(randomUUID(), randomUUID());
});
