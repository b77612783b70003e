import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample, SoakRecord } from '../../../bench/soak/record.ts';
import { median, trendOf } from '../../../bench/soak/trend.ts';
import { judge } from '../../../bench/soak/verdict.ts';
import { Random } from '../../../bench/support/random.ts';

const SECONDS = 600;
const SETTLE_EVERY = 10;

/** What a measure is at a second, beside its noise. */
interface Course {
  readonly rss?: (at: number) => number;
  readonly heap?: (at: number) => number;
  readonly buffers?: (at: number) => number;
  readonly sockets?: (at: number) => number;
}

/** A run as a healthy client would have it: every measure jumps about, and none of them grows. */
function recordOf(course: Course = {}, more: Partial<SoakRecord> = {}): SoakRecord {
  const random = new Random(7);
  const noisy = (value: number, by: number): number => value + random.between(-by, by);
  const { rss = () => 160, heap = () => 14, buffers = () => 12, sockets = () => 20 } = course;
  const samples = Array.from({ length: SECONDS }, (_, at): Sample => {
    const settled = {
      heapMiB: noisy(heap(at), 1),
      arrayBuffersMiB: noisy(buffers(at), 2),
    };
    return {
      at,
      // Memory is taken in steps and given back late.
      rssMiB: noisy(rss(at), 10) + (at % 100 < 10 ? 60 : 0),
      heapMiB: noisy(30, 15),
      externalMiB: 20,
      arrayBuffersMiB: noisy(25, 12),
      sockets: Math.round(noisy(sockets(at), 8)),
      open: 10,
      operationsPerSecond: 1000,
      errors: {},
      latency: { p50: 1, p99: 10, p999: 100, max: 400 },
      ...(at % SETTLE_EVERY === 0 && { settled }),
    };
  });
  return {
    seed: 1,
    seconds: SECONDS,
    samples,
    events: [],
    operations: SECONDS * 1000,
    byVerb: {},
    errors: {},
    faulty: { wrong: 0, unanswered: 0, unhandled: 0, foreign: 0 },
    examples: [],
    latest: { ms: 0, verb: 'none' },
    blockedMs: 0,
    visitors: 0,
    socketsBefore: 0,
    socketsAfter: 0,
    left: {},
    named: {},
    ...more,
  };
}

const failures = (record: SoakRecord): string[] =>
  judge(record)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what);

test('a run without growth holds, however its figures jump', () => {
  assert.deepEqual(failures(recordOf()), []);
});

test('what grows while it warms up and stays is no leak', () => {
  const warm = (end: number) => (at: number) => end * (1 - Math.exp(-at / 40));
  assert.deepEqual(failures(recordOf({ rss: warm(200), heap: warm(20), buffers: warm(30) })), []);
});

const LEAKS: readonly [string, Course, string][] = [
  ['RSS, 100 KiB a second', { rss: (at) => 160 + at / 10 }, 'RSS does not grow'],
  [
    'the heap, 30 KiB a second',
    { heap: (at) => 14 + at * 0.03 },
    'heap after collection does not grow',
  ],
  [
    'array buffers, 50 KiB a second',
    { buffers: (at) => 12 + at * 0.05 },
    'array buffers after collection does not grow',
  ],
  [
    'a socket every five seconds',
    { sockets: (at) => 20 + at / 5 },
    'number of sockets does not grow',
  ],
  [
    'steps of 32 MiB, a minute apart',
    { rss: (at) => 160 + 32 * Math.floor(at / 60) },
    'RSS does not grow',
  ],
];

for (const [name, course, what] of LEAKS) {
  test(`a leak is found: ${name}`, () => {
    assert.deepEqual(failures(recordOf(course)), [what]);
  });
}

test('one faulty thing is enough', () => {
  const faulty = { wrong: 0, unanswered: 0, unhandled: 0, foreign: 0 };
  for (const [name, what] of [
    ['wrong', 'no wrong value'],
    ['unanswered', 'no call without an answer'],
    ['unhandled', 'nothing unhandled'],
    ['foreign', "no error but the client's own"],
  ]) {
    assert.deepEqual(failures(recordOf({}, { faulty: { ...faulty, [name]: 1 } })), [what]);
  }
});

test('sockets and connections that stay are found, and named', () => {
  assert.deepEqual(failures(recordOf({}, { socketsAfter: 1 })), [
    'sockets are back to where they began',
  ]);
  assert.deepEqual(failures(recordOf({}, { left: { Wire: 1 } })), [
    'no connection is left in the heap',
  ]);
  const named = judge(recordOf({}, { named: { Connection: 2, Wire: 2 } }));
  assert.match(named.find(({ holds }) => !holds)?.found ?? '', /^2 Connection, 2 Wire$/);
});

test('a run too short to tell does not hold', () => {
  const { samples, ...rest } = recordOf();
  assert.ok(failures({ ...rest, samples: samples.slice(0, 4) }).length > 0);
});

test('the slope of a line with points far off is that of the line', () => {
  const line = Array.from({ length: 50 }, (_, x) => [x, 3 + 0.5 * x] as const);
  const off = line.map(([x, y], i) => [x, i % 5 === 0 ? y + 1000 : y] as const);
  assert.ok(Math.abs(trendOf(off).slope - 0.5) < 0.1);
  const { slope, least, most } = trendOf(line);
  assert.deepEqual([slope, least, most], [0.5, 0.5, 0.5]);
});

test('95 times of 100 the interval of a slope that is none but noise holds 0', () => {
  const holding = Array.from({ length: 400 }, (_, seed) => {
    const random = new Random(seed);
    const { least, most } = trendOf(Array.from({ length: 30 }, (__, x) => [x, random.share()]));
    return least <= 0 && most >= 0;
  }).filter(Boolean);
  assert.ok(Math.abs(holding.length / 400 - 0.95) < 0.03, `${holding.length} of 400`);
});

test('the median of an even and of an odd number of values', () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});
