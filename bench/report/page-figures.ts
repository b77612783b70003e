import { colorClass } from '../plot/palette.ts';
import type { Plot } from '../plot/plot.ts';
import { drawLegend, drawPlot, escaped } from '../plot/svg-plot.ts';
import { measuredBars } from './bars.ts';
import type { Bars, Figure } from './figure.ts';
import { type ColorOf, plotsOf } from './figure-plots.ts';

const WIDTH = 440;
const LEFT = 62;
const RIGHT = 22;
const HEIGHT = 200;
/** Below the axis, for its texts. */
const BELOW = 24;
const FIRST_LINE = 14;

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

/** A figure as HTML: bars as a table whose rows have a picture, lines as a picture. */
export function figureHtml(figure: Figure, colorOf: ColorOf): string {
  if (figure.kind === 'bars') return barsHtml(figure, colorOf);
  return plotsOf(figure, colorOf).map(plotHtml).join('\n');
}

/** A bar from 0 to the median, and over it a line from the lowest round to the highest. */
function barsHtml(bars: Bars, colorOf: ColorOf): string {
  const rows = measuredBars(bars).map(({ label, ours, shares, median, range }) => {
    const picture = [
      '<svg height="14" aria-hidden="true">',
      `<rect class="bar" y="3" height="8" width="${percent(shares.median)}"/>`,
      `<line class="spread" y1="7" y2="7" x1="${percent(shares.min)}" x2="${percent(shares.max)}"/>`,
      '</svg>',
    ].join('');
    const [row, color] = ours
      ? [' class="ours"', ` class="${colorClass(colorOf(label))}"`]
      : ['', ''];
    const figure = `<td class="figure">${escaped(median)} <span class="quiet">${range}</span></td>`;
    return `<tr${row}><th scope="row">${escaped(label)}</th><td class="track"><div${color}>${picture}</div></td>${figure}</tr>`;
  });
  return `<figure><figcaption>${escaped(bars.title)}</figcaption><table class="bars"><tbody>\n${rows.join('\n')}\n</tbody></table></figure>`;
}

function plotHtml(plot: Plot): string {
  const width = WIDTH - LEFT - RIGHT;
  const legend = drawLegend(plot.series, { left: 0, top: FIRST_LINE, width: WIDTH });
  const box = { left: LEFT, top: legend.height + FIRST_LINE, width, height: HEIGHT };
  const hollow = plot.series.some(({ aside = [] }) => aside.length > 0);
  return [
    `<figure><figcaption>${escaped(plot.title)}</figcaption>`,
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${box.top + HEIGHT + BELOW}" role="img" aria-label="${escaped(plot.title)}">`,
    ...legend.elements,
    ...drawPlot(plot, box),
    '</svg>',
    hollow ? '<p class="quiet">Hollow: void.</p>' : '',
    '</figure>',
  ].join('\n');
}
