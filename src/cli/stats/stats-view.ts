import { percent, shortBytes, shortMs, shortNumber } from '../text/numbers.ts';
import { plotLines, sparkline } from '../text/plot.ts';
import { type Column, tableLines } from '../text/table.ts';
import { clipped, displayWidth, padded } from '../text/width.ts';
import { type Rates, sumOf } from './sample.ts';
import type { Reading } from './watch.ts';

/** How a view looks: its width, and what it does to words. */
export interface Look {
  readonly width: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly alarm: (text: string) => string;
}

const right = (title: string, dispensable = 0): Column => ({ title, side: 'right', dispensable });

const COLUMNS: readonly Column[] = [
  { title: 'server' },
  right('hits'),
  right('gets/s'),
  right('sets/s', 1),
  right('evict/s', 2),
  right('memory', 3),
  right('items', 5),
  right('conns', 4),
  right('trip', 0),
  right('worst', 6),
];

const known = <T>(value: T | undefined, format: (value: T) => string): string =>
  value === undefined ? '-' : format(value);

function cellsOf(rates: Rates): string[] {
  const { usedBytes, limitBytes } = rates;
  return [
    known(rates.hitRate, percent),
    shortNumber(rates.getsPerSecond),
    shortNumber(rates.setsPerSecond),
    shortNumber(rates.evictionsPerSecond),
    limitBytes === 0 ? '-' : `${percent(usedBytes / limitBytes)} of ${shortBytes(limitBytes)}`,
    shortNumber(rates.items),
    shortNumber(rates.connections),
    known(rates.roundTripMs, shortMs),
    known(rates.worstRoundTripMs, shortMs),
  ];
}

/** The table of one look. A server that is lost has its reason below. */
export function statsTable(readings: readonly Reading[], look: Look): string[] {
  const rows = readings.map(({ server, rates, error }) => {
    if (rates !== undefined) return [server, ...cellsOf(rates)];
    return [server, error === undefined ? '...' : 'lost'];
  });
  const all = readings.flatMap(({ rates }) => (rates === undefined ? [] : [rates]));
  if (all.length > 1) rows.push(['all', ...cellsOf(sumOf(all))]);
  const lines = tableLines(COLUMNS, rows, look.width, look.bold);
  const lost = readings.flatMap(({ error }) =>
    error === undefined ? [] : [look.alarm(clipped(error, look.width))],
  );
  return [...lines, ...lost];
}

/** What plots show: of all servers together, the latest last. */
export interface History {
  readonly all: readonly (Rates | undefined)[];
  readonly byServer: ReadonlyMap<string, readonly (Rates | undefined)[]>;
}

interface Plotted {
  readonly title: string;
  readonly of: (rates: Rates) => number | undefined;
  readonly format: (value: number) => string;
  readonly top?: number;
}

const PLOTS: readonly Plotted[] = [
  {
    title: 'commands per second',
    of: (rates) => rates.getsPerSecond + rates.setsPerSecond + rates.otherPerSecond,
    format: shortNumber,
  },
  { title: 'hit rate', of: (rates) => rates.hitRate, format: percent, top: 1 },
  { title: 'round trip', of: (rates) => rates.roundTripMs, format: shortMs },
  { title: 'evictions per second', of: (rates) => rates.evictionsPerSecond, format: shortNumber },
];

const GAP = '   ';
const PLOT_HEIGHT = 4;
/** Two plots beside each other need so many columns. */
const TWO_FROM = 70;

/** Plots of all servers together, two beside each other where there is room, no more lines than `height`. */
export function statsPlots({ all }: History, height: number, look: Look): string[] {
  const abreast = look.width >= TWO_FROM ? 2 : 1;
  const width = Math.floor((look.width - GAP.length * (abreast - 1)) / abreast);
  const lines: string[] = [];
  for (let first = 0; first < PLOTS.length; first += abreast) {
    if (lines.length + PLOT_HEIGHT + 2 > height) break;
    const blocks = PLOTS.slice(first, first + abreast).map(({ of, ...plot }) =>
      plotLines({
        ...plot,
        values: all.map((rates) => (rates === undefined ? undefined : of(rates))),
        width,
        height: PLOT_HEIGHT,
      }),
    );
    lines.push('');
    for (let line = 0; line <= PLOT_HEIGHT; line++) {
      const parts = blocks.map((block) => padded(block[line], width));
      const text = parts.join(GAP).trimEnd();
      lines.push(line === 0 ? look.bold(text) : text);
    }
  }
  return lines;
}

const LONGEST_SPARK = 40;

/** A line for each server: how its commands went. */
export function serverSparks({ byServer }: History, look: Look): string[] {
  const names = [...byServer.keys()];
  const longest = Math.min(24, Math.max(...names.map(displayWidth)));
  const width = Math.min(LONGEST_SPARK, look.width - longest - 2);
  if (width < 8 || names.length < 2) return [];
  const lines = names.map((name) => {
    const values = (byServer.get(name) ?? []).map((rates) => rates?.getsPerSecond);
    return `${padded(clipped(name, longest), longest)}  ${sparkline(values, width)}`;
  });
  return ['', look.bold('gets by server'), ...lines];
}

const round = (value: number | undefined): number | null =>
  value === undefined ? null : Number(value.toFixed(4));

/** One look as an object: numbers only, null for what is not known. */
export function statsJson(readings: readonly Reading[], time: Date): string {
  const servers = readings.map(({ server, rates, error }) => {
    if (rates === undefined) return { server, error: error ?? null };
    const numbers = Object.entries(rates) as [keyof Rates, number | undefined][];
    return { server, ...Object.fromEntries(numbers.map(([name, value]) => [name, round(value)])) };
  });
  return JSON.stringify({ time: time.toISOString(), servers });
}
