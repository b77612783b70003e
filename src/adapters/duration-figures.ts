import type { DurationHistogram, Durations, ServerDurations } from '../index.ts';

/** One histogram of a figure, and which of several it is. */
export interface DurationPoint {
  readonly histogram: DurationHistogram;
  readonly labels: Readonly<Partial<Record<'command' | 'result' | 'error' | 'server', string>>>;
}

/** What takes time, as exporters show it. */
export interface DurationFigure {
  readonly name: 'operation' | `server.${keyof ServerDurations}`;
  readonly help: string;
  readonly labels: readonly string[];
  read(durations: Durations): DurationPoint[];
}

const byServer = (part: keyof ServerDurations, help: string): DurationFigure => ({
  name: `server.${part}`,
  help,
  labels: ['server'],
  read: ({ servers }) =>
    Object.entries(servers).map(([server, durations]) => ({
      histogram: durations[part],
      labels: { server },
    })),
});

export const DURATION_FIGURES: readonly DurationFigure[] = [
  {
    name: 'operation',
    help: 'Operations of callers, from the call until it is settled',
    labels: ['command', 'result', 'error'],
    read: ({ operations }) =>
      operations.map(({ command, result, error, ...histogram }) => ({
        histogram,
        labels: {
          command,
          ...(result === undefined ? {} : { result }),
          ...(error === undefined ? {} : { error }),
        },
      })),
  },
  byServer('create', 'Dials, from the first step until the connection was ready'),
  byServer('wait', 'Requests, from when they were queued until they were handed to the socket'),
  byServer('use', 'Requests, from when they were handed to the socket until they were answered'),
];
