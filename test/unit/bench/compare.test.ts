import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Change, type Comparison, comparisonsOf } from '../../../bench/compare/comparison.ts';
import { shiftOf } from '../../../bench/compare/rank-interval.ts';
import type { Bars } from '../../../bench/report/figure.ts';
import type { Report } from '../../../bench/report/json.ts';
import { UsageError } from '../../../bench/usage-error.ts';
import { benchReport } from '../../support/bench-report.ts';

const JUDGING = { threshold: 5, absolute: false };

const countUp = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => i * step);

describe('the interval of a shift', () => {
  /** Two-tailed critical values of U, as tables of the Mann-Whitney test have them. */
  const CRITICAL = [
    [5, 5, 0.95, 2],
    [8, 8, 0.95, 13],
    [10, 10, 0.95, 23],
    [10, 15, 0.95, 39],
    [20, 20, 0.95, 127],
    [5, 5, 0.99, 0],
    [8, 8, 0.99, 7],
    [10, 10, 0.99, 16],
    [20, 20, 0.99, 105],
  ] as const;

  for (const [n, m, confidence, critical] of CRITICAL) {
    test(`leaves ${critical} differences out at each end, ${n} and ${m} figures, ${confidence}`, () => {
      const [before, after] = [countUp(n, 1000), countUp(m, 1)];
      const shift = shiftOf(before, after, confidence);
      assert.ok(shift !== undefined);
      const differences = after.flatMap((high) => before.map((low) => high - low));
      assert.equal(differences.filter((one) => one < shift.low).length, critical);
      assert.equal(differences.filter((one) => one > shift.high).length, critical);
    });
  }

  test('is none where no order of the figures would be rare enough', () => {
    assert.equal(shiftOf([1, 2, 3, 4], [9, 9, 9, 9], 0.99), undefined);
    assert.equal(shiftOf([1], [2], 0.95), undefined);
    assert.equal(shiftOf([], [], 0.95), undefined);
  });

  test('refuses what is no number, on either side', () => {
    const figures = [1, 2, 3, 4, 5, 6];
    const broken = [...figures, Number.NaN];
    assert.throws(() => shiftOf(figures, broken, 0.99), RangeError);
    assert.throws(() => shiftOf(broken, figures, 0.99), RangeError);
  });

  test('lies around the shift', () => {
    const before = [10, 11, 12, 13, 14];
    const shift = shiftOf(
      before,
      before.map((figure) => figure + 3),
      0.99,
    );
    assert.deepEqual(shift, { estimate: 3, low: -1, high: 7 });
  });
});

const changesOf = (comparisons: readonly Comparison[]): Change[] => [
  ...new Set(comparisons.map(({ change }) => change)),
];

/** A race of one case in which memvolley and others did this. */
function reportOf(
  rows: Bars['rows'],
  better: 'higher' | 'lower' = 'higher',
  title = 'get',
): Report {
  const figures: Bars[] = [{ kind: 'bars', title: 'figure', unit: '/s', better, rows }];
  const table = { title, head: [], rows: [] };
  return { ...benchReport(), sections: [{ table, figures, data: undefined }] };
}

const oursOf = (rounds: Bars['rows'][number]['rounds']): Bars['rows'][number] => ({
  label: 'memvolley',
  ours: true,
  rounds,
});

/**
 * Thousand gets a second, as two runs of one commit had them, 512 callers, while the machine was busy with other things
 * too, the second time more than the first.
 */
const RECORDED = {
  before: {
    memvolley: [187.7, 194.4, 341.1, 339.3, 335.0, 221.4, 232.8, 197.2],
    memjs: [22.6, 33.0, 31.9, 31.5, 33.1, 28.8, 24.0, 21.8],
    ioredis: [33.0, 60.2, 43.7, 53.4, 61.8, 53.1, 41.5, 35.9],
    'raw socket': [620.6, 539.2, 580.2, 908.8, 665.5, 568.6, 429.4, 446.1],
  },
  after: {
    memvolley: [74.0, 76.1, 122.2, 114.2, 170.9, 186.4, 139.0, 155.5],
    memjs: [14.3, 12.0, 9.3, 16.6, 15.9, 20.7, 19.9, 17.6],
    ioredis: [22.1, 38.1, 33.5, 29.6, 25.3, 29.2, 43.6, 25.1],
    'raw socket': [585.0, 408.2, 520.5, 548.8, 413.7, 402.3, 392.0, 358.2],
  },
};

function recorded(run: Record<string, readonly number[]>, speed = 1): Report {
  const rows = Object.entries(run).map(([label, rounds]) =>
    label === 'memvolley' ? oursOf(rounds.map((rate) => rate * speed)) : { label, rounds },
  );
  return reportOf(rows);
}

describe('two recorded runs of one commit', () => {
  test('are alike, though nearly every rate is half of what it was', () => {
    const [before, after] = [recorded(RECORDED.before), recorded(RECORDED.after)];
    assert.deepEqual(changesOf(comparisonsOf(before, after, JUDGING)), ['alike']);
    assert.deepEqual(changesOf(comparisonsOf(after, before, JUDGING)), ['alike']);
  });

  test('would be a regression without the others beside them', () => {
    const alone = (run: Record<string, readonly number[]>): Report =>
      recorded({ memvolley: run['memvolley'] });
    const judging = { ...JUDGING, absolute: true };
    const comparisons = comparisonsOf(alone(RECORDED.before), alone(RECORDED.after), judging);
    assert.deepEqual(changesOf(comparisons), ['regressed']);
  });

  test('are none once memvolley does two fifths of what it did', () => {
    const slowed = recorded(RECORDED.after, 0.4);
    assert.deepEqual(changesOf(comparisonsOf(recorded(RECORDED.before), slowed, JUDGING)), [
      'regressed',
    ]);
  });
});

describe('two runs', () => {
  test('of the same speed are alike, by whatever seed their figures jump', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const runs = [benchReport({ seed }), benchReport({ seed: seed + 1000 })];
      assert.deepEqual(changesOf(comparisonsOf(runs[0], runs[1], JUDGING)), ['alike']);
    }
  });

  test('of which one is a fifth slower differ: rates, tails and CPU', () => {
    const [before, after] = [benchReport({ seed: 1 }), benchReport({ seed: 2, ours: 0.8 })];
    assert.deepEqual(changesOf(comparisonsOf(before, after, JUDGING)), ['regressed']);
    assert.deepEqual(changesOf(comparisonsOf(after, before, JUDGING)), ['improved']);
    const wide = { ...JUDGING, threshold: 50 };
    assert.deepEqual(changesOf(comparisonsOf(before, after, wide)), ['alike']);
  });

  test('on machines of another speed are alike', () => {
    const machine = [1, 1.1, 0.9, 1.05, 0.95];
    const run = (speed: number): Report =>
      reportOf([
        oursOf(machine.map((round) => 900 * speed * round)),
        { label: 'memjs', rounds: machine.map((round) => 100 * speed * round) },
        { label: 'memcache', rounds: machine.map((round) => 400 * speed * round) },
      ]);
    const [comparison] = comparisonsOf(run(1), run(0.5), JUDGING);
    assert.equal(comparison.change, 'alike');
    assert.equal(comparison.unit, 'x');
    assert.ok(Math.abs(comparison.before - 4.5) < 1e-9);
    assert.ok(Math.abs((comparison.factor?.estimate ?? 0) - 1) < 1e-9);
  });

  test('are measured by those only that took part in both', () => {
    const rounds = [10, 10, 10, 10, 10];
    const [comparison] = comparisonsOf(
      reportOf([
        oursOf(rounds),
        { label: 'memjs', rounds },
        { label: 'gone', rounds: countUp(5, 1) },
      ]),
      reportOf([
        oursOf(rounds),
        { label: 'memjs', rounds },
        { label: 'new', rounds: [1, 1, 1, 1, 1] },
      ]),
      JUDGING,
    );
    assert.deepEqual(comparison.factor, { estimate: 1, low: 1, high: 1 });
  });

  test('are compared in the rounds that both sides have', () => {
    const machine = [1, 0.5, 2, 1, 0.25, 1];
    const run = (speed: number): Report =>
      reportOf([
        oursOf(machine.map((round) => 100 * speed * round)),
        { label: 'rival', rounds: machine.map((round, i) => (i === 2 ? null : 10 * round)) },
      ]);
    const [comparison] = comparisonsOf(run(1), run(0.5), JUDGING);
    assert.equal(comparison.change, 'regressed');
    assert.deepEqual([comparison.before, comparison.after].map(Math.round), [10, 5]);
  });

  test('are held against those that were never void, where there are any', () => {
    const run = (ours: number): Report =>
      reportOf([
        oursOf([ours, null, ours, ours, ours, ours]),
        { label: 'whole', rounds: [10, 10, 10, 10, 10, 10] },
        { label: 'struck', rounds: [10, 10, null, null, 1, 1] },
      ]);
    const [comparison] = comparisonsOf(run(100), run(50), JUDGING);
    assert.equal(comparison.change, 'regressed');
    assert.deepEqual([comparison.before, comparison.after].map(Math.round), [10, 5]);
  });

  test('with too few rounds left by void slices are not judged, and the others are', () => {
    const rounds = [10, 10, 10, 10, 10];
    const run = (figure: number, second: Bars['rows'][number]['rounds']): Report => {
      const [first, other] = [
        reportOf([oursOf(rounds.map(() => figure)), { label: 'rival', rounds }]),
        reportOf([oursOf(rounds), { label: 'rival', rounds: second }], 'higher', 'set'),
      ];
      return { ...first, sections: [...first.sections, ...other.sections] };
    };
    const comparisons = comparisonsOf(run(10, rounds), run(5, [10, 10, null, 10, 10]), JUDGING);
    assert.deepEqual(
      comparisons.map(({ section, change, factor }) => [section, change, factor !== undefined]),
      [
        ['get', 'regressed', true],
        ['set', 'not judged', false],
      ],
    );
  });

  test('without others are told, and judged only if that is asked for', () => {
    const before = reportOf([oursOf([10, 11, 12, 13, 14])], 'lower');
    const after = reportOf([oursOf([20, 21, 22, 23, 24])], 'lower');
    const [told] = comparisonsOf(before, after, JUDGING);
    assert.equal(told.change, 'not judged');
    assert.equal(told.unit, '/s');
    const [judged] = comparisonsOf(before, after, { ...JUDGING, absolute: true });
    assert.equal(judged.change, 'regressed');
  });

  test('of other cases, or of too few rounds, are refused', () => {
    const rounds = [1, 2, 3, 4, 5];
    const refused = (before: Report, after: Report, message: RegExp): void =>
      assert.throws(
        () => comparisonsOf(before, after, JUDGING),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    const get = reportOf([oursOf(rounds)]);
    const set = reportOf([oursOf(rounds)], 'higher', 'set');
    refused(
      get,
      set,
      /only the first has: get: figure, memvolley\. only the second has: set: figure/,
    );
    const short = reportOf([oursOf([1, 2, 3, 4])]);
    refused(get, short, /get has 5 and 4 rounds: that is too few/);
    const nothing = reportOf([{ label: 'memjs', rounds }]);
    refused(nothing, nothing, /no figures of memvolley/);
  });
});
