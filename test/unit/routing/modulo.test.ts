import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, memjs, modula } from '../../../src/routing/modulo.ts';
import { crc32 as crc32Of } from '../../../src/routing/crc32.ts';
import type { HashNode } from '../../../src/routing/hasher.ts';

const nodes = (count: number): HashNode[] =>
  Array.from({ length: count }, (_, i) => ({ name: `h${i}:1`, weight: 1 }));

test('without a server its keys are placed as if the list had been made without it', () => {
  for (const hasher of [modula(), modula({ hash: 'md5' }), crc32]) {
    const all = hasher(nodes(7));
    const six = hasher(nodes(6));
    for (let i = 0; i < 100; i++) {
      const [first, second, ...rest] = all.candidates(`k${i}`);
      assert.equal(first, all.locate(`k${i}`));
      const left = [0, 1, 2, 3, 4, 5, 6].filter((number) => number !== first);
      assert.equal(second, left[six.locate(`k${i}`)]);
      assert.equal(new Set([first, second, ...rest]).size, 7);
    }
  }
});

test('the remainder is that of an unsigned number', () => {
  const key = Array.from({ length: 100 }, (_, i) => `k${i}`).find((k) => crc32Of(k) >= 2 ** 31);
  assert.ok(key !== undefined);
  assert.equal(crc32(nodes(7)).locate(key), crc32Of(key) % 7);
});

test('memjs: the lowest integer has no opposite of its own, and counts as 2 ** 31', () => {
  // 'polygenelubricants' is the known text whose hash in base 31 is -2 ** 31.
  assert.equal(memjs(nodes(7)).locate('polygenelubricants'), 2 ** 31 % 7);
  assert.deepEqual(memjs(nodes(3)).candidates('polygenelubricants'), [2, 0, 1]);
});
