import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compact } from '../../bench/plot/axis.ts';
import type { Bars, CurveLine, Figure, PercentileLine } from '../../bench/report/figure.ts';
import { readJson, type Report, writeJson } from '../../bench/report/json.ts';
import { pageOf } from '../../bench/report/page.ts';
import { figuresOf as measuredIn } from '../../bench/report/bars.ts';
import { roundOff, spreadOf, spreadText } from '../../bench/report/spread.ts';
import { benchReport } from '../support/bench-report.ts';
import { browserMissing, type Look, seenIn } from '../support/browser.ts';

/** What the browser makes of the page. Lengths are pixels on the screen. */
interface Seen {
  readonly sections: {
    readonly title: string;
    readonly table: string[][];
    readonly bars: {
      readonly title: string;
      readonly rows: { cells: string[]; bar: number; from: number; to: number }[];
    }[];
    readonly plots: {
      readonly title: string;
      readonly names: string[];
      readonly lines: { line: number; dots: { x: number; y: number; text: string }[] }[];
    }[];
  }[];
  readonly targets: string[][];
  readonly environment: string[];
  /** Pairs of texts that lie over each other. */
  readonly overlapping: string[];
  /** What is wider than the window, and does not scroll by itself. */
  readonly protruding: string[];
  /** Contrast of texts and of their ground, the least of all. */
  readonly contrast: number;
  readonly requests: number;
  /** What the browser prefers, as pages see it. */
  readonly dark: boolean;
}

const SCRIPT = `
const all = (root, what) => [...root.querySelectorAll(what)];
const text = (node) => node.textContent.trim();
const cells = (row) => all(row, 'th,td').map(text);
const box = (node) => node.getBoundingClientRect();
const middle = (node) => ({ x: box(node).x + box(node).width / 2, y: box(node).y + box(node).height / 2 });
const sections = all(document, 'section[id^=s]').map((section) => ({
  title: text(section.querySelector('h2')),
  table: all(section, '.data tr').map(cells),
  bars: all(section, 'figure').filter((figure) => figure.querySelector('.bars')).map((figure) => ({
    title: text(figure.querySelector('figcaption')),
    rows: all(figure, 'tr').map((row) => {
      const left = box(row.querySelector('svg')).x;
      const spread = box(row.querySelector('.spread'));
      return { cells: cells(row), bar: box(row.querySelector('.bar')).width, from: spread.left - left, to: spread.right - left };
    }),
  })),
  plots: all(section, 'figure').filter((figure) => figure.querySelector('.plot')).map((figure) => ({
    title: text(figure.querySelector('figcaption')),
    names: all(figure, '.plot > text:not(.quiet)').map(text),
    lines: all(figure, '.series').map((series) => ({
      line: series.querySelector('polyline').points.numberOfItems,
      dots: all(series, 'circle').map((dot) => ({ ...middle(dot), text: text(dot) })),
    })),
  })),
}));
const texts = all(document, 'h1,h2,p,figcaption,td,th,dt,dd,.plot text').filter((node) => text(node) !== '' && box(node).width > 0);
const inner = (node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return node.tagName === 'text' ? box(node) : range.getBoundingClientRect();
};
const boxes = texts.map((node) => [text(node), inner(node)]);
const overlapping = boxes.flatMap(([one, a], i) => boxes.slice(i + 1)
  .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
  .map(([other]) => one + ' / ' + other));
const protruding = texts.filter((node) => !node.closest('.scroll') && (inner(node).right > innerWidth + 1 || inner(node).left < -1)).map(text);
if (document.documentElement.scrollWidth > innerWidth) protruding.push('the page');
const luminance = (color) => {
  const [r, g, b] = color.match(/[\\d.]+/g).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const groundOf = (node) => {
  const color = getComputedStyle(node).backgroundColor;
  return color === 'rgba(0, 0, 0, 0)' && node.parentElement ? groundOf(node.parentElement) : color;
};
const contrast = Math.min(...texts.map((node) => {
  const style = getComputedStyle(node);
  const pair = [luminance(node.tagName === 'text' ? style.fill : style.color), luminance(groundOf(node))];
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}));
const seen = {
  sections, overlapping, protruding, contrast,
  targets: all(document, '.targets tbody tr').map(cells),
  environment: all(document, 'dt').map((name) => text(name) + ': ' + text(name.nextElementSibling)),
  requests: performance.getEntriesByType('resource').length,
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
};`;

const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
after(() => rmSync(folder, { recursive: true }));

/** What the page has to show is read from the file, as anybody would. */
function kept(): Report {
  const path = join(folder, 'run.json');
  writeJson(path, benchReport());
  return readJson(path);
}

const report = kept();
const look = async (how: Look): Promise<Seen> =>
  (await seenIn(pageOf(report), SCRIPT, how)) as Seen;
const DESK: Look = { width: 1100, dark: false };
const LOOKS: readonly Look[] = [
  { width: 1100, dark: true },
  { width: 700, dark: false },
  { width: 500, dark: false },
  { width: 500, dark: true },
];

const figuresOf = <K extends Figure['kind']>(
  { figures = [] }: Report['sections'][number],
  kind: K,
): Extract<Figure, { kind: K }>[] =>
  figures.filter((figure): figure is Extract<Figure, { kind: K }> => figure.kind === kind);

function assertBars(seen: Seen['sections'][number]['bars'][number], bars: Bars): void {
  assert.equal(seen.title, bars.title);
  const longest = Math.max(...bars.rows.flatMap(measuredIn));
  const spreads = bars.rows.map((row) => spreadOf(measuredIn(row)));
  assert.deepEqual(
    seen.rows.map(({ cells }) => [cells[0], cells[2]]),
    bars.rows.map(({ label }, i) => {
      const { median, min, max } = spreads[i];
      return [label, `${compact(median)}${bars.unit} [${compact(min)}..${compact(max)}]`];
    }),
  );
  const whole = Math.max(...seen.rows.map(({ to }) => to));
  for (const [i, { bar, from, to }] of seen.rows.entries()) {
    const { median, min, max } = spreads[i];
    for (const [pixels, figure] of [
      [bar, median],
      [from, min],
      [to, max],
    ] as const) {
      const due = (figure / longest) * whole;
      assert.ok(Math.abs(pixels - due) < 1.5, `${bars.title}: ${pixels} px are ${due}`);
    }
  }
}

function assertLine(
  dots: Seen['sections'][number]['plots'][number]['lines'][number]['dots'],
  figures: readonly (readonly [x: string, value: number])[],
  unit = 'ms',
): void {
  assert.deepEqual(
    dots.map(({ text }) => text.split(': ')[1]),
    figures.map(([x, value]) => `${x}, ${compact(value)} ${unit}`),
  );
  for (const [i, { x, y }] of dots.entries()) {
    if (i === 0) continue;
    assert.ok(x > dots[i - 1].x, 'dots go from the left to the right');
    assert.ok(y < dots[i - 1].y, 'and what is more is higher');
  }
}

const percentilesIn = ({ points }: PercentileLine): [string, number][] =>
  points.map(([percentile, time]) => [percentile === 0 ? 'least' : `p${percentile}`, time]);

const ratesIn = ({ points }: CurveLine, time: 'p50' | 'p99'): [string, number][] =>
  points
    .filter((point) => point.void !== true)
    .map((point) => [`${compact(point.rate)}/s`, point[time]]);

describe('the page of a run in a browser', { skip: browserMissing }, () => {
  let desk: Seen;
  before(async () => (desk = await look(DESK)));

  test('shows the figures of its JSON, and asks the network for nothing', () => {
    const seen = desk;
    assert.equal(seen.requests, 0);
    assert.equal(seen.sections.length, report.sections.length);
    for (const [i, section] of report.sections.entries()) {
      const { title, table, bars, plots } = seen.sections[i];
      assert.equal(title, section.table.title);
      const { head, rows } = section.table;
      assert.deepEqual(table, [head, ...rows.map((row) => head.map((_, at) => row[at] ?? ''))]);
      const expected = figuresOf(section, 'bars');
      assert.equal(bars.length, expected.length);
      for (const [at, figure] of expected.entries()) assertBars(bars[at], figure);
      // The first line lies over the others: it is drawn last.
      const linesOf = (at: number) => plots[at].lines.toReversed();
      for (const { series } of figuresOf(section, 'percentiles')) {
        assert.deepEqual(
          plots[0].names,
          series.map(({ label }) => label),
        );
        for (const [at, { dots }] of linesOf(0).entries())
          assertLine(dots, percentilesIn(series[at]));
      }
      for (const { title: name, over, series } of figuresOf(section, 'growth')) {
        assert.equal(plots[0].title, `${name} over ${over}`);
        for (const [at, { dots }] of linesOf(0).entries()) {
          const due = series[at].points.map(([x, cost]) => [compact(x), cost] as const);
          assertLine(dots, due, 'us');
        }
      }
      for (const { title: name, series } of figuresOf(section, 'curve')) {
        for (const [plot, time] of (['p50', 'p99'] as const).entries()) {
          assert.equal(plots[plot].title, `${name}: ${time}`);
          for (const [at, { line, dots }] of linesOf(plot).entries()) {
            assert.equal(dots.length, series[at].points.length);
            assertLine(dots.slice(0, line), ratesIn(series[at], time));
          }
        }
      }
    }
  });

  test('shows the targets and the environment', () => {
    const { targets, environment } = desk;
    const verdicts = report.sections.flatMap((section) => section.verdicts ?? []);
    assert.deepEqual(
      targets.map(([target, , required, measured, , standing]) => [
        target,
        required,
        measured,
        standing,
      ]),
      verdicts.map(({ target, required, measured }, i) => [
        target,
        'atLeast' in required
          ? `>= ${roundOff(required.atLeast)}x`
          : `<= ${roundOff(required.atMost)}x`,
        measured === undefined ? '-' : spreadText(measured, 'x'),
        ['met', 'missed', 'not measured'][i % 3],
      ]),
    );
    const { node, cpu, packages, others } = report.environment;
    const facts = [
      `node: ${node}`,
      `cpu: ${cpu}`,
      ...Object.entries(packages).map(([name, version]) => `${name}: ${version}`),
    ];
    for (const fact of facts) assert.ok(environment.includes(fact), fact);
    for (const { name, version } of others) {
      assert.ok(
        environment.some((fact) => fact.startsWith(`${name}: ${version}`)),
        name,
      );
    }
  });

  for (const how of [DESK, ...LOOKS]) {
    test(`can be read at a width of ${how.width}, ${how.dark ? 'dark' : 'light'}`, async () => {
      const { overlapping, protruding, contrast, dark } = how === DESK ? desk : await look(how);
      assert.equal(dark, how.dark);
      assert.deepEqual(overlapping, []);
      assert.deepEqual(protruding, []);
      assert.ok(contrast >= 4.5, `the least contrast is ${contrast}`);
    });
  }
});
