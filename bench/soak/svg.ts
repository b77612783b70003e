import { shareOf } from '../plot/axis.ts';
import { PLOT_STYLE } from '../plot/palette.ts';
import type { Plot } from '../plot/plot.ts';
import { type Box, drawLegend, drawPlot, label, xLabels } from '../plot/svg-plot.ts';
import { panelsOf, timeAxis } from './panels.ts';
import type { Event, SoakRecord } from './record.ts';

const WIDTH = 1200;
const LEFT = 150;
const RIGHT = 20;
const TOP = 70;
const PANEL_HEIGHT = 200;
const GAP = 64;
const TITLE_WIDTH = 240;
/** Each kind of mischief has a lane of its own below the panels. */
const LANE_HEIGHT = 14;

const boxOf = (top: number, height: number): Box => ({
  left: LEFT,
  top,
  width: WIDTH - LEFT - RIGHT,
  height,
});

function drawPanel(panel: Plot, top: number): string[] {
  const box = boxOf(top, PANEL_HEIGHT);
  const left = LEFT + TITLE_WIDTH;
  const legend = drawLegend(panel.series, { left, top: top - 12, width: WIDTH - RIGHT - left });
  return [
    label(LEFT, top - 12, panel.title, ' font-weight="bold"'),
    ...legend.elements,
    ...drawPlot(panel, box),
  ];
}

function drawEvents(events: readonly Event[], top: number, seconds: number): string[] {
  const names = [...new Set(events.map(({ name }) => name))].toSorted();
  const axis = timeAxis(seconds);
  const box = boxOf(top, names.length * LANE_HEIGHT);
  const xOf = (at: number): number => box.left + box.width * shareOf(axis, at);
  const lanes = names.flatMap((name, lane) => {
    const y = top + lane * LANE_HEIGHT;
    const bars = events
      .filter((event) => event.name === name)
      .map(({ from, to }) => {
        const width = Math.max(2, xOf(to) - xOf(from));
        return `<rect x="${xOf(from).toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${LANE_HEIGHT - 4}" fill="#9ca3af"/>`;
      });
    return [label(LEFT - 8, y + 9, name, ' text-anchor="end"'), ...bars];
  });
  return [
    label(LEFT, top - 12, 'what happened to the servers', ' font-weight="bold"'),
    ...lanes,
    ...xLabels(axis, box),
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
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<style>${PLOT_STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    label(LEFT, 22, title, ' font-size="16" font-weight="bold"'),
    label(LEFT, 40, subtitle, ' class="quiet"'),
    ...panels.flatMap((panel, i) => drawPanel(panel, TOP + i * (PANEL_HEIGHT + GAP))),
    ...drawEvents(events, eventsTop, seconds),
    '</svg>',
    '',
  ].join('\n');
}
