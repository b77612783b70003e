import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { freshVersion, isVersion } from '../../../src/namespace/version.ts';
import { runs } from '../../support/runs.ts';

const NOW = Date.UTC(2026, 10, 21);

test('a version is a clock and chance, 9 digits each', () => {
  assert.equal(freshVersion(undefined, 36 ** 7 + 35, 36 + 1), '01000000z000000011');
  assert.equal(freshVersion(undefined, NOW, 2 ** 46 - 1).length, 18);
  assert.match(freshVersion(undefined), /^[0-9a-z]{18}$/);
});

test('two of the same millisecond differ', () => {
  const versions = Array.from({ length: 1000 }, () => freshVersion(undefined, NOW));
  assert.equal(new Set(versions).size, 1000);
});

test('a fresh one is greater than the last, whatever the clock says', () => {
  const clocks = fc.integer({ min: 0, max: NOW });
  const chances = fc.integer({ min: 0, max: 2 ** 46 - 1 });
  fc.assert(
    fc.property(clocks, clocks, chances, chances, (before, after, one, other) => {
      const last = freshVersion(undefined, before, one);
      const fresh = freshVersion(last, after, other);
      assert.ok(fresh > last);
      assert.ok(isVersion(last) && isVersion(fresh));
      assert.equal(fresh.length, last.length);
    }),
    runs(100),
  );
});

test('what is no version', () => {
  const version = freshVersion(undefined, NOW);
  const others = [
    undefined,
    7,
    '',
    '1',
    version.slice(1),
    `${version}0`,
    version.toUpperCase().replace(/^0/, 'A'),
    version.replace(/.$/, '~'),
    `${version}\n`,
    Buffer.from(version),
  ];
  for (const other of others) assert.equal(isVersion(other), false, String(other));
  assert.equal(isVersion(version), true);
});

test('one so late that none could come after it is none; one of a clock that is decades ahead is', () => {
  assert.equal(isVersion('z'.repeat(18), NOW), false);
  const year = 365 * 86_400_000;
  assert.equal(isVersion(freshVersion(undefined, NOW + 99 * year), NOW), true);
  assert.equal(isVersion(freshVersion(undefined, NOW + 101 * year), NOW), false);
  assert.equal(
    isVersion(freshVersion(undefined, NOW), 0),
    true,
    'seen by a clock that stands at 0',
  );
});
