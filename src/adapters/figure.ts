import type { ClientMetrics } from '../index.ts';

type ServerFigures = ClientMetrics['servers'][string];

/** One value of a figure, and which of several it is. */
export interface Point {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** One thing that `metrics()` tells, as exporters show it. */
export interface Figure {
  /** Words with dots between them, as OpenTelemetry names metrics. */
  readonly name: string;
  /** `counter` only grows; `level` goes up and down and may be added up; `state` is 1 for what holds and 0 for what does not. */
  readonly kind: 'counter' | 'level' | 'state';
  /** As UCUM writes it: `By`, or what is counted in braces. */
  readonly unit: string;
  readonly help: string;
  /** What tells its points apart, beside the client. */
  readonly labels: readonly string[];
  read(metrics: ClientMetrics): Point[];
}

/** How the points of a figure are told apart, and where they are found. */
type Points = Pick<Figure, 'labels' | 'read'>;

/** None where there is nothing to tell. */
export const only = (read: (metrics: ClientMetrics) => number | undefined): Points => ({
  labels: [],
  read: (metrics) => {
    const value = read(metrics);
    return value === undefined ? [] : [{ value, labels: {} }];
  },
});

export const by = (
  label: string,
  read: (metrics: ClientMetrics) => Readonly<Record<string, number>>,
): Points => ({
  labels: [label],
  read: (metrics) =>
    Object.entries(read(metrics)).map(([which, value]) => ({ value, labels: { [label]: which } })),
});

export const byServer = (read: (server: ServerFigures) => number): Points =>
  by('server', ({ servers }) =>
    Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, read(server)])),
  );

/** Told apart by one more label. */
export const byServerAnd = (
  label: string,
  read: (server: ServerFigures) => Readonly<Record<string, number>>,
): Points => ({
  labels: ['server', label],
  read: ({ servers }) =>
    Object.entries(servers).flatMap(([server, figures]) =>
      Object.entries(read(figures)).map(([which, value]) => ({
        value,
        labels: { server, [label]: which },
      })),
    ),
});

export const figure =
  (kind: Figure['kind']) =>
  (name: string, unit: string, help: string, points: Points): Figure => ({
    name: `memvolley.${name}`,
    kind,
    unit,
    help,
    ...points,
  });

export const counter: ReturnType<typeof figure> = figure('counter');
export const level: ReturnType<typeof figure> = figure('level');
