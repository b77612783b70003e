import type { Section } from '../bench.ts';
import { escaped } from '../plot/svg-plot.ts';
import type { Environment } from '../support/environment.ts';
import { type ColorOf, colorsOf } from './figure-plots.ts';
import type { Report } from './json.ts';
import { figureHtml } from './page-figures.ts';
import { PAGE_STYLE } from './page-style.ts';
import { targetsHtml } from './page-targets.ts';
import type { Table } from './table.ts';

/** The report as one page that needs nothing else: no network, no script. */
export function pageOf(report: Report): string {
  const { environment, selection, sections } = report;
  const colorOf = colorsOf(sections.flatMap(({ figures = [] }) => figures));
  const verdicts = sections.flatMap((section) => section.verdicts ?? []);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>memvolley bench, ${escaped(environment.date.slice(0, 10))}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    '<h1>memvolley bench</h1>',
    `<p class="quiet">${escaped(environment.date.slice(0, 16).replace('T', ' '))} UTC, commit ${escaped(environment.commit)}, ${selection.rounds} round${selection.rounds === 1 ? '' : 's'} of ${selection.seconds} s</p>`,
    ...(environment.warning === undefined
      ? []
      : [`<p class="missed"><strong>${escaped(environment.warning)}</strong></p>`]),
    targetsHtml(verdicts),
    contents(sections),
    ...sections.map((section, i) => sectionHtml(section, i, colorOf)),
    environmentHtml(environment),
    reading(),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function contents(sections: readonly Section[]): string {
  const items = sections.map(
    ({ table }, i) => `<li><a href="#s${i + 1}">${escaped(table.title)}</a></li>`,
  );
  return `<nav><h2>What was run</h2><ul>${items.join('')}</ul></nav>`;
}

function sectionHtml({ table, figures = [] }: Section, index: number, colorOf: ColorOf): string {
  return [
    `<section id="s${index + 1}">`,
    `<h2>${escaped(table.title)}</h2>`,
    '<div class="figures">',
    ...figures.map((figure) => figureHtml(figure, colorOf)),
    '</div>',
    tableHtml(table),
    '</section>',
  ].join('\n');
}

function tableHtml({ head, rows, remarks = false, notes = [] }: Table): string {
  const cells = (row: readonly string[]): string =>
    head
      .map((_, column) =>
        column === 0
          ? `<th scope="row">${escaped(row[0])}</th>`
          : `<td>${escaped(row[column] ?? '')}</td>`,
      )
      .join('');
  return [
    '<div class="scroll">',
    `<table class="data${remarks ? ' remarks' : ''}">`,
    `<thead><tr>${head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map((row) => `<tr>${cells(row)}</tr>`),
    '</tbody>',
    '</table>',
    '</div>',
    ...notes.map((note) => `<p class="quiet">${escaped(note)}</p>`),
  ].join('\n');
}

function environmentHtml(environment: Environment): string {
  const { packages, others, servers, memoryGiB, loadBefore, ...plain } = environment;
  const entries: [string, string][] = [
    ...Object.entries(plain).map(([name, value]): [string, string] => [name, String(value)]),
    ['memory', `${memoryGiB} GiB`],
    ['load before', loadBefore.toFixed(2)],
    ['servers', servers.join('; ')],
    ...Object.entries(packages),
    ...others.map(({ name, version, settings }): [string, string] => [
      name,
      [version, settings].filter((text) => text !== '').join(', '),
    ]),
  ];
  const list = entries.map(
    ([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`,
  );
  return `<section id="environment">\n<h2>Environment</h2>\n<dl>\n${list.join('\n')}\n</dl>\n</section>`;
}

function reading(): string {
  return [
    '<section id="reading">',
    '<h2>Reading it</h2>',
    '<p>Only ratios mean anything elsewhere: all take turns in every round, and a ratio is taken within a round.</p>',
    '<p>Figures are medians of the rounds, with the lowest and the highest of them in brackets, or as a line over the bar.</p>',
    '<p>The axis of percentiles is logarithmic in 1 / (1 - p): every nine has as much room as the one before.</p>',
    '</section>',
  ].join('\n');
}
