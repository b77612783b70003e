import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Bars } from '../../../bench/report/figure.ts';
import { figureText } from '../../../bench/report/figure-text.ts';
import { readJson, writeJson } from '../../../bench/report/json.ts';
import { pageOf } from '../../../bench/report/page.ts';
import { reportCommand, writePage } from '../../../bench/report/report-command.ts';
import { sectionText, verdictsText } from '../../../bench/report/text.ts';
import { UsageError } from '../../../bench/usage-error.ts';
import { benchReport } from '../../support/bench-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('the JSON of a run', () => {
  test('makes the same page and the same text again', () => {
    const report = benchReport();
    const path = join(folder, 'made', 'a.json');
    writeJson(path, report);
    const again = readJson(path);
    assert.equal(pageOf(again), pageOf(report));
    assert.deepEqual(again.sections.map(sectionText), report.sections.map(sectionText));
    assert.equal(verdictsText(again.sections), verdictsText(report.sections));
  });

  test('keeps every slice, and the standing of every target', () => {
    const report = benchReport();
    const path = join(folder, 'kept.json');
    writeJson(path, report);
    const { sections } = JSON.parse(readFileSync(path, 'utf8')) as {
      sections: {
        data: { slices: unknown[] }[];
        verdicts: { standing: string }[];
      }[];
    };
    assert.deepEqual(
      sections[0].data.map(({ slices }) => slices.length),
      [5, 5, 0, 5, 5, 5, 5, 5, 5],
    );
    assert.deepEqual(
      sections[0].verdicts.map(({ standing }) => standing),
      ['met', 'missed', 'not measured'],
    );
  });

  test('of another format, or of something else, is refused', () => {
    const refused = (path: string, message: RegExp): void =>
      assert.throws(
        () => readJson(path),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    refused(file('old.json', '{"format":2,"sections":[]}'), /has format 2, and only 3 can be read/);
    refused(file('soak.json', '{"samples":[]}'), /is no report of npm run bench/);
    refused(file('null.json', 'null'), /is no report of npm run bench/);
    refused(file('half.json', '{"format":3,'), /cannot be read/);
    refused(join(folder, 'absent.json'), /cannot be read/);
  });
});

test('a page lies beside its JSON, and fetches nothing', () => {
  const path = writePage(join(folder, 'b.json'), benchReport());
  assert.equal(path, join(folder, 'b.html'));
  const page = readFileSync(path, 'utf8');
  assert.doesNotMatch(page, /<script|<link|<img|\bsrc=|@import|url\(|href="(?!#)/);
  assert.match(page, /connect &lt;failed&gt; &amp; gave &quot;up&quot;/);
  assert.match(page, /A processor with &lt;brackets&gt;/);
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});

test('report tells how it is used', (t) => {
  const told = t.mock.method(console, 'log', () => {});
  reportCommand(['--help']);
  assert.match(
    String(told.mock.calls[0].arguments[0]),
    /^usage: npm run bench -- report FILE\.json/,
  );
  assert.throws(() => reportCommand(['--helo']), /the flags are --help$/);
});

test('bars of text: full as far as every round came, lighter up to the median and to the best round', () => {
  const bars: Bars = {
    kind: 'bars',
    title: 'rate',
    unit: '/s',
    rows: [
      { label: 'all alike', rounds: [400, 400, 400] },
      { label: 'apart', rounds: [300, 100, 200] },
      { label: 'once', rounds: [200, null] },
    ],
  };
  assert.deepEqual(figureText(bars).split('\n'), [
    'rate',
    `  all alike  ${'█'.repeat(40)}  400/s [400..400]`,
    `  apart      ${'█'.repeat(10)}${'▓'.repeat(10)}${'░'.repeat(10)}${' '.repeat(10)}  200/s [100..300]`,
    `  once       ${'█'.repeat(20)}${' '.repeat(20)}  200/s`,
  ]);
});

test('a point that is void is hollow, in no line and on no axis', () => {
  const page = pageOf(benchReport());
  const plot =
    /<figcaption>times over rates: p99<\/figcaption>.*?<\/figure>/s.exec(page)?.[0] ?? '';
  const rival = /<g class="series s1 d1">.*?<\/g>/s.exec(plot)?.[0] ?? '';
  assert.equal(/points="([^"]*)"/.exec(rival)?.[1].split(' ').length, 3);
  assert.equal(rival.split('fill="none" stroke="currentColor"><title>').length - 1, 2);
  assert.match(plot, /Hollow: void\.</);
  assert.doesNotMatch(plot, />(100|1000) ms</);
});
