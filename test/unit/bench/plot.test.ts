import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compact, linearAxis, logarithmicAxis, shareOf } from '../../../bench/plot/axis.ts';
import type { Plot, Series } from '../../../bench/plot/plot.ts';
import { drawLegend, drawPlot } from '../../../bench/plot/svg-plot.ts';
import { plotText } from '../../../bench/plot/text-plot.ts';

const rounded = (values: readonly number[]): number[] => values.map((value) => +value.toFixed(9));

describe('an axis', () => {
  test('starts at 0 and has round ticks that it reaches', () => {
    const axis = linearAxis([3, 234]);
    assert.deepEqual(axis.ticks, [0, 100, 200]);
    assert.equal(shareOf(axis, 0), 0);
    assert.equal(shareOf(axis, 117), 0.5);
    assert.equal(shareOf(axis, 234), 1);
  });

  test('of nothing but zeros is an axis too', () => {
    for (const axis of [linearAxis([0]), logarithmicAxis([0], { floor: 0.1 })]) {
      assert.equal(shareOf(axis, 0), 0);
      assert.ok(axis.ticks.length > 1);
    }
  });

  test('of powers has those inside it, or 2 and 5 where they are few', () => {
    assert.deepEqual(rounded(logarithmicAxis([0.02, 3000]).ticks), [0.1, 1, 10, 100, 1000]);
    assert.deepEqual(rounded(logarithmicAxis([3, 60]).ticks), [5, 10, 20, 50]);
  });

  test('of powers shows what is below its floor on it', () => {
    const axis = logarithmicAxis([0, 10, 1000], { floor: 0.1 });
    assert.equal(axis.low, 10);
    assert.equal(shareOf(axis, 0), 0);
    assert.ok(Math.abs(shareOf(axis, 100) - 0.5) < 1e-9);
  });
});

test('figures are short', () => {
  assert.deepEqual([0, 0.12345, 9999, 10_000, 1_234_567].map(compact), [
    '0',
    '0.123',
    '10000',
    '10k',
    '1.23M',
  ]);
});

const lineOf = (name: string, color: number, points: Series['points']): Series => ({
  name,
  mark: name[0],
  color,
  points,
});

const PLOT: Plot = {
  title: 'height, m',
  x: linearAxis([10]),
  y: linearAxis([100]),
  series: [
    lineOf('up', 0, [
      [0, 0],
      [5, 50],
      [10, 100],
    ]),
    lineOf('down & <out>', 1, [
      [0, 100],
      [10, 0],
    ]),
  ],
};

test('a plot of text has its marks along the lines', () => {
  const [title, ...lines] = plotText(PLOT).split('\n');
  assert.equal(title, 'height, m: u up, d down & <out>');
  const left = '     100 |'.length;
  assert.match(lines[0], /^ {5}100 \|d+ {60,}u+$/);
  assert.equal(lines[5][left + 38], 'u');
  assert.match(lines[10], /^ {7}0 \|u+ {60,}d+$/);
  for (let column = 0; column < 76; column++) {
    assert.ok(
      lines.slice(0, 11).some((line) => line[left + column] === 'u'),
      `column ${column}`,
    );
  }
  assert.match(lines[12], /^ {10}0 +5 +10$/);
});

test('a picture has its points where the values are, and no markup out of names', () => {
  const svg = drawPlot(PLOT, { left: 100, top: 20, width: 400, height: 200 }).join('\n');
  assert.match(svg, /<polyline points="100,220 300,120 500,20"/);
  assert.match(svg, /<polyline points="100,20 500,220"/);
  assert.match(svg, /<title>down &amp; &lt;out&gt;: 10, 0<\/title>/);
  assert.doesNotMatch(svg, /NaN|undefined|<out>/);
});

test('a legend takes the rows that its names need', () => {
  const names = Array.from({ length: 6 }, (_, i) => lineOf(`a client called ${i}`, i, []));
  const room = { left: 0, top: 0 };
  const { height } = drawLegend(names.slice(0, 1), { ...room, width: 400 });
  assert.equal(drawLegend(names, { ...room, width: 2000 }).height, height);
  assert.equal(drawLegend(names, { ...room, width: 340 }).height, 3 * height);
});
