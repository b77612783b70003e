import { heightOf, type Panel, panelsOf, rangeOf, type Series } from './panels.ts';
import type { Event, SoakRecord } from './record.ts';

const WIDTH = 1200;
const LEFT = 150;
const RIGHT = 20;
const TOP = 70;
const PANEL_HEIGHT = 200;
const GAP = 64;
/** Each kind of mischief has a lane of its own below the panels. */
const LANE_HEIGHT = 14;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const round = (value: number): string => value.toFixed(1);

function label(x: number, y: number, text: string, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${more}>${escaped(text)}</text>`;
}

const xOf = (at: number, seconds: number): number => LEFT + (at / seconds) * (WIDTH - LEFT - RIGHT);

/** Round values on an axis: powers of ten, or steps of 1, 2 or 5. */
function ticks({ low, high }: { low: number; high: number }, logarithmic: boolean): number[] {
  if (logarithmic) {
    const first = Math.ceil(Math.log10(low) - 1e-9);
    const count = Math.floor(Math.log10(high)) - first + 1;
    return Array.from({ length: Math.max(0, count) }, (_, i) => 10 ** (first + i));
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}

function timeAxis(y: number, seconds: number): string[] {
  const inMinutes = seconds > 180;
  const unit = inMinutes ? 60 : 1;
  return ticks({ low: 0, high: seconds / unit }, false).map((tick) =>
    label(
      xOf(tick * unit, seconds),
      y + 16,
      `${tick} ${inMinutes ? 'min' : 's'}`,
      ' text-anchor="middle"',
    ),
  );
}

function line(
  { color, points }: Series,
  place: (point: readonly [number, number]) => string,
): string {
  const path = points.map(place).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
}

function drawPanel(panel: Panel, top: number, seconds: number): string[] {
  const range = rangeOf(panel);
  const yOf = (value: number): number =>
    top + PANEL_HEIGHT * (1 - heightOf(value, range, panel.logarithmic));
  const grid = ticks(range, panel.logarithmic).flatMap((tick) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(yOf(tick))}" y2="${round(yOf(tick))}" stroke="#e5e7eb"/>`,
    label(LEFT - 8, yOf(tick) + 4, String(Number(tick.toPrecision(3))), ' text-anchor="end"'),
  ]);
  let legendAt = LEFT + 240;
  const legend = panel.series.flatMap(({ name, color }) => {
    const x = legendAt;
    legendAt += 34 + name.length * 7.2;
    return [
      `<rect x="${round(x)}" y="${top - 19}" width="14" height="4" fill="${color}"/>`,
      label(x + 20, top - 12, name),
    ];
  });
  return [
    label(LEFT, top - 12, panel.title, ' font-weight="bold"'),
    ...legend,
    ...grid,
    ...panel.series.map((series) =>
      line(series, ([at, value]) => `${round(xOf(at, seconds))},${round(yOf(value))}`),
    ),
    ...timeAxis(top + PANEL_HEIGHT, seconds),
  ];
}

function drawEvents(events: readonly Event[], top: number, seconds: number): string[] {
  const names = [...new Set(events.map(({ name }) => name))].toSorted();
  const lanes = names.flatMap((name, lane) => {
    const y = top + lane * LANE_HEIGHT;
    const bars = events
      .filter((event) => event.name === name)
      .map(({ from, to }) => {
        const x = xOf(from, seconds);
        const width = Math.max(2, xOf(to, seconds) - x);
        return `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${LANE_HEIGHT - 4}" fill="#9ca3af"/>`;
      });
    return [label(LEFT - 8, y + 9, name, ' text-anchor="end"'), ...bars];
  });
  return [
    label(LEFT, top - 12, 'what happened to the servers', ' font-weight="bold"'),
    ...lanes,
    ...timeAxis(top + names.length * LANE_HEIGHT, seconds),
  ];
}

/** The run as a picture that needs nothing else. */
export function drawSvg(record: SoakRecord, title: string, subtitle: string): string {
  const { seconds, events } = record;
  const panels = panelsOf(record);
  const kinds = new Set(events.map(({ name }) => name)).size;
  const eventsTop = TOP + panels.length * (PANEL_HEIGHT + GAP);
  const height = eventsTop + kinds * LANE_HEIGHT + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" fill="#111827">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    label(LEFT, 22, title, ' font-size="16" font-weight="bold"'),
    label(LEFT, 40, subtitle, ' fill="#4b5563"'),
    ...panels.flatMap((panel, i) => drawPanel(panel, TOP + i * (PANEL_HEIGHT + GAP), seconds)),
    ...drawEvents(events, eventsTop, seconds),
    '</svg>',
    '',
  ].join('\n');
}
