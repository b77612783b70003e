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

const oursOf = (rounds: readonly number[]): Bars['rows'][number] => ({
  label: 'memvolley',
  ours: true,
  rounds,
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
    assert.ok(Math.abs(comparison.factor.estimate - 1) < 1e-9);
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
