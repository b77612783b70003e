import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figureText } from '../../../bench/report/figure-text.ts';
import {
  growthFigure,
  growthTable,
  leastMiddle,
  linearVerdict,
  type Measured,
  stepsOf,
} from '../../../bench/report/growth.ts';
import { standingOf } from '../../../bench/report/verdict.ts';

/** Five rounds that are alike but for the machine, which is faster in one than in another. */
const MACHINE = [1, 1.3, 0.9, 1.1, 1.05];

/** Costs by what there is of x. */
function measured(costs: Readonly<Record<number, number>>, more: Partial<Measured> = {}): Measured {
  const points = Object.entries(costs).map(([x, cost]) => ({
    x: Number(x),
    label: x,
    rounds: MACHINE.map((speed) => cost * speed),
  }));
  return { over: 'servers', of: 'get', points, ...more };
}

const near = (found: number | undefined, expected: number): void =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) < 1e-9, `${found} is not ${expected}`);

describe('the slope of a step', () => {
  test('is the power with which the cost grows, whatever the machine does in a round', () => {
    const [gentle, steep] = stepsOf(measured({ 1: 2, 4: 4, 8: 32 }));
    for (const slope of gentle.slopes) near(slope, 0.5);
    for (const slope of steep.slopes) near(slope, 3);
  });

  test('is of the whole where the cost is that of a part', () => {
    const flat = { 10: 5, 100: 5 };
    near(stepsOf(measured(flat))[0].slopes[0], 0);
    near(stepsOf(measured(flat, { whole: 'call' }))[0].slopes[0], 1);
  });
});

describe('the least that a middle can be', () => {
  test('is the lowest of five, the fourth of fifteen', () => {
    assert.equal(leastMiddle([3, 1, 5, 4, 2]), 1);
    assert.equal(leastMiddle(Array.from({ length: 15 }, (_, i) => 15 - i)), 4);
  });

  test('is not known of four', () => {
    assert.equal(leastMiddle([1, 2, 3, 4]), undefined);
    assert.equal(leastMiddle([]), undefined);
  });
});

describe('no worse than linear', () => {
  test('is met by what grows as fast, and by noise around it', () => {
    const linear = measured({ 1: 1, 10: 5, 100: 50 });
    const [first, second, third] = linear.points;
    const rounds = [50.5, 49.5, 51.5, 51, 50].map((cost, i) => cost * MACHINE[i]);
    const verdict = linearVerdict({ ...linear, points: [first, second, { ...third, rounds }] });
    assert.equal(standingOf(verdict), 'met');
    assert.ok((verdict.measured?.max ?? 0) > 1);
  });

  test('is missed by a single step that is steeper in every round', () => {
    const verdict = linearVerdict(measured({ 1: 1, 10: 2, 100: 40, 1000: 50 }));
    assert.equal(standingOf(verdict), 'missed');
    assert.match(verdict.target, /steepest step \(10 to 100\)/);
    near(verdict.measured?.median, Math.log10(20));
  });

  test('is not measured by four rounds, or where a point did not run', () => {
    const good = measured({ 1: 1, 2: 1.5, 4: 2 });
    assert.equal(standingOf(linearVerdict(good)), 'met');
    const fewer = good.points.map((point) => ({ ...point, rounds: point.rounds.slice(0, 4) }));
    assert.equal(standingOf(linearVerdict({ ...good, points: fewer })), 'not measured');
    const [first, second, third] = good.points;
    const failed = [first, { ...second, rounds: [] }, third];
    assert.equal(standingOf(linearVerdict({ ...good, points: failed })), 'not measured');
  });
});

test('a table tells the growth of the whole from its first point on, and who did not run', () => {
  const of = { over: 'keys of a call', of: 'key', whole: 'call' };
  const some = measured({ 1: 4, 10: 0.8 }, of);
  const failed = { x: 100, label: '100', rounds: [] };
  const { head, rows } = growthTable('costs', { ...some, points: [...some.points, failed] }, []);
  assert.deepEqual(head, [
    'keys of a call',
    'CPU us/key',
    'CPU us/call',
    'times the first',
    'slope of the step',
  ]);
  assert.deepEqual(rows, [
    ['1', '4.20 [3.60..5.20]', '4.20', '1', ''],
    ['10', '0.84 [0.72..1.04]', '8.40', '2.00x [2.00..2.00]', '0.30 [0.30..0.30]'],
    ['100', '-'],
  ]);
});

test('a figure has a logarithmic axis of what there is more of, and goes up with the cost', () => {
  const figure = growthFigure(measured({ 1: 1, 10: 10, 100: 100 }), 'memvolley');
  const [title, ...lines] = figureText(figure).split('\n');
  assert.equal(title, 'CPU per get over servers: A memvolley');
  const left = ' 100 us |'.length + 1;
  assert.equal(lines[0].at(-1), 'A');
  assert.equal(lines[10][left], 'A');
  assert.match(lines[5].slice(left), /^ {34,38}A+$/);
  assert.match(lines[12], /^ +1 +10 +100$/);
});
