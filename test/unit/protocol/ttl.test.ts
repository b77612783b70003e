import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import {
  cappedExptime,
  exptime,
  MAX_RELATIVE_SECONDS,
  type Ttl,
} from '../../../src/protocol/ttl.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 250);
const NOW_S = Math.floor(NOW_MS / 1000);
const LAST_S = 2 ** 31 - 1;

const TABLE: [string, Ttl, number][] = [
  ['for ever', 0, 0],
  ['for ever, with a sign', -0, 0],
  ['one second', 1, 1],
  ['30 days are relative', MAX_RELATIVE_SECONDS, 2_592_000],
  ['a second more is a moment', MAX_RELATIVE_SECONDS + 1, NOW_S + 2_592_001],
  ['a year is a moment', 31_536_000, NOW_S + 31_536_000],
  ['up to the last second of the server’s clock', LAST_S - NOW_S, LAST_S],
  ['negative is already over', -1, -1],
  ['any negative is', -1_000_000, -1],
  ['the smallest integer is', Number.MIN_SAFE_INTEGER, -1],
  ['a date to come', new Date((NOW_S + 60) * 1000), NOW_S + 60],
  ['a date lives to the end of its second', new Date((NOW_S + 60) * 1000 + 1), NOW_S + 61],
  ['a date within this second', new Date(NOW_MS + 1), NOW_S + 1],
  ['a date far away', new Date(LAST_S * 1000), LAST_S],
  ['now', new Date(NOW_MS), -1],
  ['a date gone by', new Date(NOW_MS - 1), -1],
  ['the beginning of time', new Date(0), -1],
];

for (const [name, ttl, expected] of TABLE) {
  test(name, () => {
    const seconds = exptime(ttl, NOW_MS);
    assert.ok(seconds === expected, `${seconds} is not ${expected}`);
    assert.match(`${seconds}`, /^(?:-1|\d+)$/);
  });
}

const REFUSED: [string, unknown, RegExp][] = [
  ['a fraction', 1.9, /not the number 1\.9$/],
  ['a fraction below zero', -0.5, /not the number -0\.5$/],
  ['NaN', Number.NaN, /not the number NaN$/],
  ['Infinity', Infinity, /not the number Infinity$/],
  ['-Infinity', -Infinity, /not the number -Infinity$/],
  ['text', '60', /not string$/],
  ['a bigint', 60n, /not bigint$/],
  ['null', null, /not object$/],
  ['undefined', undefined, /not undefined$/],
  ['an object', { valueOf: () => 60 }, /not object$/],
  ['an invalid date', new Date(Number.NaN), /not an invalid Date$/],
  ['a second after the server’s clock ends', LAST_S - NOW_S + 1, /before 2038-01-19/],
  ['a date after it', new Date((LAST_S + 1) * 1000), /before 2038-01-19/],
  ['the largest integer', Number.MAX_SAFE_INTEGER, /before 2038-01-19/],
  ['the largest number', Number.MAX_VALUE, /before 2038-01-19/],
  ['the last date there is', new Date(8.64e15), /before 2038-01-19/],
];

for (const [name, ttl, message] of REFUSED) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => exptime(ttl as Ttl, NOW_MS),
      (error: IllegalInputError) => {
        assert.ok(error instanceof IllegalInputError);
        assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('without a clock of its own it takes the system’s', () => {
  const before = Math.floor(Date.now() / 1000);
  const seconds = exptime(MAX_RELATIVE_SECONDS + 1) - MAX_RELATIVE_SECONDS - 1;
  assert.ok(seconds >= before && seconds <= before + 2);
});

const CAPPED: [string, exptime: number, maxTtl: number | undefined, expected: number][] = [
  ['no cap leaves it as it is', 300, undefined, 300],
  ['no cap leaves for ever', 0, undefined, 0],
  ['no cap leaves a moment', NOW_S + 1, undefined, NOW_S + 1],
  ['what lives for ever lives as long as the cap', 0, 10, 10],
  ['what lives longer does, too', 11, 10, 10],
  ['what lives as long stays', 10, 10, 10],
  ['what lives shorter stays', 9, 10, 9],
  ['what is over stays over', -1, 10, -1],
  ['the longest relative time', MAX_RELATIVE_SECONDS, 10, 10],
  ['under the longest cap', MAX_RELATIVE_SECONDS, MAX_RELATIVE_SECONDS, MAX_RELATIVE_SECONDS],
  ['a moment after the cap', NOW_S + 11, 10, 10],
  ['a moment at the cap', NOW_S + 10, 10, 10],
  ['a moment before the cap', NOW_S + 3, 10, 3],
  ['a moment that is now', NOW_S, 10, -1],
  ['a moment gone by', NOW_S - 100, 10, -1],
  ['the last moment there is', LAST_S, 10, 10],
];

for (const [name, given, maxTtl, expected] of CAPPED) {
  test(`capped: ${name}`, () => {
    assert.equal(cappedExptime(given, maxTtl, NOW_MS), expected);
  });
}

test('capped without a clock of its own it takes the system’s', () => {
  const inThree = Math.floor(Date.now() / 1000) + 3;
  const left = cappedExptime(inThree, 10);
  assert.ok(left === 3 || left === 2);
});
