import { plotText } from '../plot/text-plot.ts';
import { type MeasuredBar, measuredBars } from './bars.ts';
import type { Bars, Figure } from './figure.ts';
import { colorsOf, plotsOf } from './figure-plots.ts';

const BAR_WIDTH = 40;

/** A figure for the terminal. */
export function figureText(figure: Figure): string {
  if (figure.kind === 'bars') return barsText(figure);
  return plotsOf(figure, colorsOf([figure]))
    .map(plotText)
    .join('\n\n');
}

/** Full blocks as far as every round came, lighter ones to the median, the lightest to the best or worst round. */
function barsText(bars: Bars): string {
  const rows = measuredBars(bars);
  const widest = (of: (row: MeasuredBar) => string): number =>
    Math.max(...rows.map((row) => of(row).length));
  const labelWidth = widest(({ label }) => label);
  const medianWidth = widest(({ median }) => median);
  const lines = rows.map(({ label, shares, median, range }) => {
    const [min, middle, max] = [shares.min, shares.median, shares.max].map((share) =>
      Math.round(share * BAR_WIDTH),
    );
    const bar = '█'.repeat(min) + '▓'.repeat(middle - min) + '░'.repeat(max - middle);
    const text = `${median.padStart(medianWidth)} ${range}`;
    return `  ${label.padEnd(labelWidth)}  ${bar.padEnd(BAR_WIDTH)}  ${text}`.trimEnd();
  });
  return [bars.title, ...lines].join('\n');
}
