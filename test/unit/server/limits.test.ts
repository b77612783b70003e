import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestReply, longestValue } from '../../../src/server/limits.ts';

const KEY = 'k'.repeat(10);

const TABLE: [string, number | undefined, number | undefined, number, number][] = [
  ['what memcached starts with, as long as nothing is known', undefined, undefined, 0, 1_048_507],
  ['flags take four bytes more', undefined, undefined, 32, 1_048_503],
  ['what the server said', undefined, 8_388_608, 0, 8_388_539],
  ['what the server said, with flags', undefined, 8_388_608, 1, 8_388_535],
  ['what was configured, where the server said nothing', 5_000_000, undefined, 1, 5_000_000],
  ['what was configured, where the server takes more', 1000, 8_388_608, 1, 1000],
  ['what the server takes, where more was configured', 9_000_000, 1_048_576, 0, 1_048_507],
];

for (const [name, configured, itemSizeMax, flags, expected] of TABLE) {
  test(name, () => assert.equal(longestValue({ configured, itemSizeMax }, KEY, flags), expected));
}

test('a longer key leaves less room', () => {
  const limits = { configured: undefined, itemSizeMax: 1000 };
  assert.equal(longestValue(limits, '', 0) - longestValue(limits, 'k'.repeat(250), 0), 250);
});

test('no reply is longer than an item may be', () => {
  assert.equal(longestReply(2_097_152), 2_097_152);
  assert.equal(longestReply(undefined), 1_073_741_824);
});
