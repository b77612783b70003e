import { escaped } from '../plot/svg-plot.ts';
import { standingOf, type Standing, type Verdict, verdictTable } from './verdict.ts';

/** What is beyond the largest figure, as a part of the picture. */
const MARGIN = 1.08;

/** The targets, each with its standing and where the rounds lie beside what is required. Nothing without targets. */
export function targetsHtml(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return '';
  const standings = verdicts.map(standingOf);
  const { rows } = verdictTable(verdicts);
  return [
    '<section id="targets">',
    '<h2>Targets</h2>',
    `<p><strong>${escaped(summary(standings))}</strong></p>`,
    '<table class="targets">',
    '<thead><tr><th scope="col">target</th><th scope="col" class="against">against</th><th scope="col">required</th><th scope="col">measured</th><th></th><th></th></tr></thead>',
    '<tbody>',
    ...rows.map((row, i) => rowHtml(row, verdicts[i], standings[i])),
    '</tbody>',
    '</table>',
    '</section>',
  ].join('\n');
}

function summary(standings: readonly Standing[]): string {
  const count = (wanted: Standing): number =>
    standings.filter((standing) => standing === wanted).length;
  const others = (['missed', 'not measured'] as const)
    .filter((standing) => count(standing) > 0)
    .map((standing) => `, ${count(standing)} ${standing}`);
  return `${count('met')} of ${standings.length} met${others.join('')}`;
}

function rowHtml(row: readonly string[], verdict: Verdict, standing: Standing): string {
  const [target, against, required, measured] = row.map(escaped);
  const color = standing.replace(' ', '-');
  return [
    `<tr><th scope="row">${target}</th>`,
    `<td class="against quiet">${against}</td>`,
    `<td class="required-text">${required}</td>`,
    `<td class="figure">${measured}</td>`,
    `<td class="range ${color}">${rangeSvg(verdict)}</td>`,
    `<td class="standing ${color}">${standing}</td></tr>`,
  ].join('');
}

/** From 0: a stroke where the requirement is, a band from the lowest to the highest round, a dot at the median. */
function rangeSvg({ required, measured }: Verdict): string {
  const bound = 'atLeast' in required ? required.atLeast : required.atMost;
  if (measured === undefined || !Number.isFinite(measured.median)) return '';
  const high = Math.max(bound, measured.max) * MARGIN || 1;
  const at = (value: number): string => `${((value / high) * 96 + 2).toFixed(2)}%`;
  return [
    '<svg height="16" aria-hidden="true">',
    `<line class="measured" x1="${at(measured.min)}" x2="${at(measured.max)}" y1="8" y2="8"/>`,
    `<circle cx="${at(measured.median)}" cy="8" r="4" fill="currentColor"/>`,
    `<line class="required" x1="${at(bound)}" x2="${at(bound)}" y1="1" y2="15"/>`,
    '</svg>',
  ].join('');
}
