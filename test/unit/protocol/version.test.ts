import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSince, type Version, versionOf } from '../../../src/protocol/version.ts';

const TEXTS: [string, Version | undefined][] = [
  ['1.6.18', [1, 6, 18]],
  ['1.4.25', [1, 4, 25]],
  ['1.6.40-rc1', [1, 6, 40]],
  ['2.0.0 proxy', [2, 0, 0]],
  ['', undefined],
  ['1.6', undefined],
  ['v1.6.18', undefined],
  ['123456.1.1', undefined],
];

for (const [text, version] of TEXTS) {
  test(`the release in '${text}'`, () => {
    assert.deepEqual(versionOf(text), version);
  });
}

test('releases are compared part by part', () => {
  const order: Version[] = [
    [1, 4, 39],
    [1, 5, 0],
    [1, 6, 9],
    [1, 6, 10],
    [1, 6, 18],
    [2, 0, 0],
  ];
  for (const [i, a] of order.entries())
    for (const [j, b] of order.entries())
      assert.equal(isSince(a, b), i >= j, `${a.join('.')} and ${b.join('.')}`);
});
