// What a terminal shows: widths, tables, numbers and plots.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  longTime,
  percent,
  shortBytes,
  shortMs,
  shortNumber,
} from '../../../src/cli/text/numbers.ts';
import { plotLines, sparkline } from '../../../src/cli/text/plot.ts';
import { tableLines } from '../../../src/cli/text/table.ts';
import { clipped, displayWidth, harmless, padded } from '../../../src/cli/text/width.ts';

describe('width', () => {
  test('is that of columns, not of characters', () => {
    for (const [text, width] of [
      ['', 0],
      ['abc', 3],
      ['日本', 4],
      ['한국', 4],
      ['é', 1],
      ['e\u0301', 1],
      ['👍', 2],
      ['👩‍👩‍👧', 2],
      ['ＡＢ', 4],
      ['a\u200bb', 2],
      ['\u001b[31mred\u001b[39m', 3],
    ] as const) {
      assert.equal(displayWidth(text), width, JSON.stringify(text));
    }
  });

  test('fills and cuts', () => {
    assert.equal(padded('日本', 6), '日本  ');
    assert.equal(padded('日本', 6, 'left'), '  日本');
    assert.equal(clipped('user:日本:1', 8), 'user:日…');
    assert.equal(clipped('short', 5), 'short');
    assert.equal(displayWidth(clipped('日'.repeat(50), 11)), 11);
  });

  test('what a server sent cannot command the terminal', () => {
    assert.equal(
      harmless('a\u001b[2Jb\r\n\u0085\u2028'),
      'a\\u001b[2Jb\\u000d\\u000a\\u0085\\u2028',
    );
  });
});

describe('table', () => {
  const columns = [
    { title: 'server' },
    { title: 'hits', side: 'right' as const },
    { title: 'extra', side: 'right' as const, dispensable: 2 },
    { title: 'more', side: 'right' as const, dispensable: 1 },
  ];
  const rows = [
    ['10.0.0.1:11211', '98 %', '1', '22'],
    ['日本.example:11211', '9 %', '333', '4'],
  ];

  test('stands in columns', () => {
    assert.deepEqual(tableLines(columns, rows, 80), [
      'server              hits  extra  more',
      '10.0.0.1:11211      98 %      1    22',
      '日本.example:11211   9 %    333     4',
    ]);
  });

  test('is never wider than there is room: columns go, then the first is cut', () => {
    for (const width of [40, 37, 34, 30, 26, 20, 16]) {
      for (const line of tableLines(columns, rows, width)) {
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      }
    }
    assert.equal(tableLines(columns, rows, 30)[0], 'server              hits  more');
    assert.equal(tableLines(columns, rows, 24)[0], 'server              hits');
    assert.match(tableLines(columns, rows, 16)[1], /^10\.0\.0\.1:… {2}98 %$/);
  });
});

test('numbers are short', () => {
  for (const [value, text] of [
    [0, '0'],
    [7, '7'],
    [0.25, '0.25'],
    [12.34, '12.3'],
    [999.4, '999'],
    [999.6, '1k'],
    [1234, '1.23k'],
    [12_345_678, '12.3M'],
  ] as const) {
    assert.equal(shortNumber(value), text);
  }
  assert.equal(shortBytes(64 * 2 ** 20), '64 MiB');
  assert.equal(shortBytes(1023.9), '1 KiB');
  assert.equal(shortMs(0.123), '0.12 ms');
  assert.equal(shortMs(1500), '1.5 s');
  assert.equal(percent(0.987), '98.7 %');
  assert.equal(percent(1), '100 %');
  assert.equal(longTime(0), '0 s');
  assert.equal(longTime(273_600), '3 d 4 h');
  assert.equal(longTime(59.9), '59 s');
});

describe('plots', () => {
  test('a line of blocks shows the latest values', () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█');
    assert.equal(sparkline([1, 2], 4), '  ▅█');
    assert.equal(sparkline([9, 9, 1, 2], 2), '▅█');
    assert.equal(sparkline([undefined, 0, 0], 3), ' ▁▁');
  });

  const wave = Array.from({ length: 400 }, (_, i) => 50 + 50 * Math.sin(i / 10));

  test('fill their width and height at 40, 80 and 120 columns', () => {
    for (const width of [40, 80, 120]) {
      const plot = { title: 'gets', values: wave, width, height: 4, format: shortNumber };
      const [title, ...lines] = plotLines(plot);
      assert.equal(title, `gets: ${shortNumber(wave.at(-1) ?? 0)}`);
      assert.equal(lines.length, 4);
      for (const line of lines) assert.equal(displayWidth(line), width);
      assert.match(lines[0], /^100 /);
      assert.match(lines[3], /^ {2}0 /);
      // Something reaches the top, and the bottom line is full where the wave is.
      assert.match(lines[0], /[\u2801-\u28ff]/);
      assert.match(lines[3], /\u28ff/);
    }
  });

  test('a value has its dots: two to a character, from the bottom', () => {
    const plot = { title: 't', width: 4, height: 1, format: String };
    assert.equal(plotLines({ ...plot, values: [1, 4], top: 4 })[1], '4 \u2800\u28f8');
    assert.equal(plotLines({ ...plot, values: [4, 2], top: 4 })[1], '4 \u2800\u28e7');
    assert.equal(plotLines({ ...plot, values: [0.001], top: 4 })[1], '4 \u2800\u2880');
  });

  test('nothing known is nothing shown', () => {
    const plot = { title: 't', values: [undefined], width: 8, height: 2, format: String };
    assert.deepEqual(plotLines(plot), [
      't: unknown',
      `0 ${'\u2800'.repeat(6)}`,
      `0 ${'\u2800'.repeat(6)}`,
    ]);
  });
});
