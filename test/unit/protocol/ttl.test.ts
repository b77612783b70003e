import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import {
  boundedTtl,
  cappedExptime,
  exptime,
  jitteredTtl,
  MAX_RELATIVE_SECONDS,
  type Ttl,
  isRelative,
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

const atEnd = (seconds: number): Date => new Date(NOW_MS + seconds * 1000);

test('maxTtl bounds every ttl, that of 0 and a Date among them', () => {
  const bounds: [Ttl, number | undefined, Ttl][] = [
    [0, undefined, 0],
    [1e6, undefined, 1e6],
    [0, 60, 60],
    [-0, 60, 60],
    [59, 60, 59],
    [60, 60, 60],
    [61, 60, 60],
    [MAX_RELATIVE_SECONDS + 1, 60, 60],
    [MAX_RELATIVE_SECONDS + 9, MAX_RELATIVE_SECONDS + 5, MAX_RELATIVE_SECONDS + 5],
    [Number.MAX_SAFE_INTEGER, 60, 60],
    [-1, 60, -1],
    [atEnd(60), 60, atEnd(60)],
    [atEnd(60.001), 60, 60],
    [atEnd(0), 60, atEnd(0)],
    [atEnd(-5), 60, atEnd(-5)],
    [new Date(8.64e15), 60, 60],
  ];
  for (const [ttl, maxTtl, expected] of bounds)
    assert.deepEqual(boundedTtl(ttl, maxTtl, NOW_MS), expected, `${String(ttl)} ${maxTtl}`);
});

test('ttlJitter takes off whole seconds up to its part, and leaves one', () => {
  const jitters: [ttl: number, part: number, random: number, expected: number][] = [
    [100, 0, 0.999, 100],
    [100, 0.1, 0, 100],
    [100, 0.1, 0.999, 90],
    [100, 0.1, 0.5, 95],
    [100, 1, 0.9999, 1],
    [100, 1, 0, 100],
    [9, 0.1, 0.999, 9],
    [10, 0.1, 0.999, 9],
    [2, 1, 0.999, 1],
    [1, 1, 0.999, 1],
    [0, 1, 0.999, 0],
    [-5, 1, 0.999, -5],
    [5_184_000, 0.5, 0.999_999_999, 2_592_000],
  ];
  for (const [ttl, part, random, expected] of jitters)
    assert.equal(
      jitteredTtl(ttl, part, () => random),
      expected,
      `${ttl} ${part} ${random}`,
    );
});

test('jitter reaches each of its seconds alike, and no other', () => {
  const seen = new Map<number, number>();
  for (let step = 0; step < 1100; step++) {
    const ttl = jitteredTtl(100, 0.1, () => step / 1100) as number;
    seen.set(ttl, (seen.get(ttl) ?? 0) + 1);
  }
  assert.deepEqual(
    [...seen].toSorted(([a], [b]) => a - b),
    Array.from({ length: 11 }, (_, i) => [90 + i, 100]),
  );
});

test('what is no ttl comes out as it went in, to be refused', () => {
  for (const odd of [1.9, 1e6 + 0.5, Number.NaN, Infinity, -Infinity, '60', null, {}]) {
    const bounded = boundedTtl(odd as Ttl, 60, NOW_MS);
    assert.ok(Object.is(bounded, odd), JSON.stringify(odd));
    assert.ok(Object.is(jitteredTtl(bounded, 0.5), odd), JSON.stringify(odd));
  }
  const invalid = new Date(Number.NaN);
  assert.equal(boundedTtl(invalid, 60), invalid);
  const date = atEnd(60);
  assert.equal(jitteredTtl(date, 1), date);
});

test('a ttl of up to 30 days goes out as it is', () => {
  for (const ttl of [0, 1, 300, 2_592_000]) {
    assert.equal(isRelative(ttl), true);
    assert.equal(exptime(ttl), ttl);
  }
  for (const ttl of [-1, 0.5, 2_592_001, Number.NaN, Infinity, new Date(), '1', undefined])
    assert.equal(isRelative(ttl), false);
});
