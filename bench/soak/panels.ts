import type { Sample, SoakRecord } from './record.ts';

/** One line of a plot. */
export interface Series {
  readonly name: string;
  /** In a plot of text. */
  readonly mark: string;
  readonly color: string;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** A plot over the time of the run. */
export interface Panel {
  readonly title: string;
  readonly logarithmic: boolean;
  readonly series: readonly Series[];
}

const [BLUE, ORANGE, GREEN, RED, PURPLE] = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed'];

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** What a run is shown as. */
export function panelsOf({ samples }: SoakRecord): Panel[] {
  const series = (
    name: string,
    mark: string,
    color: string,
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
  return [
    {
      title: 'memory, MiB',
      logarithmic: false,
      series: [
        series('RSS', 'R', BLUE, ({ rssMiB }) => rssMiB),
        series('heap after collection', 'h', GREEN, ({ settled }) => settled?.heapMiB),
        series('array buffers', 'a', ORANGE, ({ arrayBuffersMiB }) => arrayBuffersMiB),
        series(
          'array buffers after collection',
          'b',
          PURPLE,
          ({ settled }) => settled?.arrayBuffersMiB,
        ),
      ],
    },
    {
      title: 'sockets',
      logarithmic: false,
      series: [series('open sockets', 's', BLUE, ({ sockets }) => sockets)],
    },
    {
      title: 'latency, ms',
      logarithmic: true,
      series: [
        series('highest', 'x', RED, ({ latency }) => latency.max),
        series('p99.9', '9', ORANGE, ({ latency }) => latency.p999),
        series('p99', 'o', PURPLE, ({ latency }) => latency.p99),
        series('p50', '5', BLUE, ({ latency }) => latency.p50),
      ],
    },
    {
      title: 'calls and errors per second',
      logarithmic: true,
      series: [
        series('calls', 'c', BLUE, ({ operationsPerSecond }) => operationsPerSecond),
        series('errors', 'e', RED, ({ errors }) => sum(errors)),
      ],
    },
  ];
}

/** The values a panel has to have room for. A logarithmic one shows what is below 0.1 as 0.1. */
export function rangeOf({ series, logarithmic }: Panel): { low: number; high: number } {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const high = Math.max(logarithmic ? 1 : 1e-9, ...values);
  if (!logarithmic) return { low: 0, high };
  return { low: Math.max(0.1, Math.min(high / 10, ...values.filter((value) => value > 0))), high };
}

/** Where a value stands between the ends of a range, 0 to 1. */
export function heightOf(
  value: number,
  { low, high }: { low: number; high: number },
  logarithmic: boolean,
): number {
  if (!logarithmic) return (value - low) / (high - low);
  return Math.log(Math.max(value, low) / low) / Math.log(high / low);
}
