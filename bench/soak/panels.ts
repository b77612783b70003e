import { type Axis, compact, linearAxis, logarithmicAxis } from '../plot/axis.ts';
import type { Plot, Series } from '../plot/plot.ts';
import type { Sample, SoakRecord } from './record.ts';

/** The colors of the palette. */
const [BLUE, ORANGE, GREEN, RED, PURPLE] = [0, 1, 2, 3, 4];
/** Where a logarithmic panel shows what is less, nothing at all included. */
const FLOOR = 0.1;

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** The time of the run, in minutes if it was long. */
export function timeAxis(seconds: number): Axis {
  const [unit, name] = seconds > 180 ? [60, 'min'] : [1, 's'];
  const axis = linearAxis([seconds / unit]);
  return {
    ...axis,
    high: seconds,
    ticks: axis.ticks.map((tick) => tick * unit),
    text: (value) => `${compact(value / unit)} ${name}`,
  };
}

/** What a run is shown as. */
export function panelsOf({ samples, seconds }: SoakRecord): Plot[] {
  const series = (
    name: string,
    mark: string,
    color: number,
    of: (sample: Sample) => number | undefined,
  ): Series => ({
    name,
    mark,
    color,
    points: samples.flatMap((sample) => {
      const value = of(sample);
      return value === undefined ? [] : [[sample.at, value] as const];
    }),
  });
  const panel = (title: string, logarithmic: boolean, lines: readonly Series[]): Plot => {
    const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
    const y = logarithmic ? logarithmicAxis(values, { floor: FLOOR }) : linearAxis(values);
    return { title, x: timeAxis(seconds), y, series: lines };
  };
  return [
    panel('memory, MiB', false, [
      series('RSS', 'R', BLUE, ({ rssMiB }) => rssMiB),
      series('heap after collection', 'h', GREEN, ({ settled }) => settled?.heapMiB),
      series('array buffers', 'a', ORANGE, ({ arrayBuffersMiB }) => arrayBuffersMiB),
      series(
        'array buffers after collection',
        'b',
        PURPLE,
        ({ settled }) => settled?.arrayBuffersMiB,
      ),
    ]),
    panel('sockets', false, [series('open sockets', 's', BLUE, ({ sockets }) => sockets)]),
    panel('latency, ms', true, [
      series('highest', 'x', RED, ({ latency }) => latency.max),
      series('p99.9', '9', ORANGE, ({ latency }) => latency.p999),
      series('p99', 'o', PURPLE, ({ latency }) => latency.p99),
      series('p50', '5', BLUE, ({ latency }) => latency.p50),
    ]),
    panel('calls and errors per second', true, [
      series('calls', 'c', BLUE, ({ operationsPerSecond }) => operationsPerSecond),
      series('errors', 'e', RED, ({ errors }) => sum(errors)),
    ]),
  ];
}
