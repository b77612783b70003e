import type { Attributes } from '@opentelemetry/api';
import type { ClientMetrics, DurationHistogram, Durations } from '../../index.ts';
import { DURATION_FIGURES, type DurationFigure, type DurationPoint } from '../duration-figures.ts';
import type { Figure } from '../figure.ts';
import { FIGURES } from '../figures.ts';
import { figureAttributes, SYSTEM } from './attributes.ts';

/** A number that is exported under a name of its own. */
export interface ExportedNumber extends Pick<Figure, 'name' | 'kind' | 'unit' | 'help'> {
  points(client: string, metrics: ClientMetrics): { value: number; attributes: Attributes }[];
}

/** Durations, in seconds once they are exported. */
export interface ExportedDurations {
  readonly name: string;
  readonly help: string;
  points(
    client: string,
    durations: Durations,
  ): { histogram: DurationHistogram; attributes: Attributes }[];
}

/** One pool for each server of each client. */
const poolAttributes = (client: string, server: string): Attributes => ({
  'db.client.connection.pool.name': client === 'default' ? server : `${server}/${client}`,
});

/** What the conventions name themselves, and is therefore not exported as `memvolley.server.…`. */
const POOL_NUMBERS: readonly ExportedNumber[] = [
  {
    name: 'db.client.connection.count',
    kind: 'level',
    unit: '{connection}',
    help: 'Connections that are ready, used while something on them is not answered',
    points: (client, { servers }) =>
      Object.entries(servers).flatMap(([server, { connections, connectionsUsed }]) =>
        Object.entries({ used: connectionsUsed, idle: connections - connectionsUsed }).map(
          ([state, value]) => ({
            value,
            attributes: { ...poolAttributes(client, server), 'db.client.connection.state': state },
          }),
        ),
      ),
  },
  {
    name: 'db.client.connection.pending_requests',
    kind: 'level',
    unit: '{request}',
    help: 'Operations that wait to be sent',
    points: (client, { servers }) =>
      Object.entries(servers).map(([server, { queued }]) => ({
        value: queued.operations,
        attributes: poolAttributes(client, server),
      })),
  },
];

const REPLACED = new Set(['memvolley.server.connections', 'memvolley.server.queued.operations']);

export const EXPORTED_NUMBERS: readonly ExportedNumber[] = [
  ...POOL_NUMBERS,
  ...FIGURES.filter(({ name }) => !REPLACED.has(name)).map((figure) => ({
    ...figure,
    points: (client: string, metrics: ClientMetrics) =>
      figure
        .read(metrics)
        .map(({ value, labels }) => ({ value, attributes: figureAttributes(client, labels) })),
  })),
];

const NAMES: Readonly<Record<DurationFigure['name'], string>> = {
  operation: 'db.client.operation.duration',
  'server.create': 'db.client.connection.create_time',
  'server.wait': 'db.client.connection.wait_time',
  'server.use': 'db.client.connection.use_time',
};

export const EXPORTED_DURATIONS: readonly ExportedDurations[] = DURATION_FIGURES.map(
  ({ name, help, ...figure }) => ({
    name: NAMES[name],
    help,
    points: (client, durations) =>
      figure.read(durations).map(({ histogram, labels }) => ({
        histogram,
        attributes:
          name === 'operation'
            ? operationAttributes(client, labels)
            : poolAttributes(client, labels.server ?? ''),
      })),
  }),
);

function operationAttributes(
  client: string,
  { command, result, error }: DurationPoint['labels'],
): Attributes {
  return {
    ...SYSTEM,
    'db.operation.name': command,
    'memvolley.client': client,
    ...(result === undefined ? {} : { 'memvolley.result': result }),
    ...(error === undefined ? {} : { 'error.type': error }),
  };
}
