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

const only = (read: (metrics: ClientMetrics) => number): Points => ({
  labels: [],
  read: (metrics) => [{ value: read(metrics), labels: {} }],
});

const by = (
  label: string,
  read: (metrics: ClientMetrics) => Readonly<Record<string, number>>,
): Points => ({
  labels: [label],
  read: (metrics) =>
    Object.entries(read(metrics)).map(([which, value]) => ({ value, labels: { [label]: which } })),
});

const byServer = (read: (server: ServerFigures) => number): Points =>
  by('server', ({ servers }) =>
    Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, read(server)])),
  );

const figure =
  (kind: Figure['kind']) =>
  (name: string, unit: string, help: string, points: Points): Figure => ({
    name: `memvolley.${name}`,
    kind,
    unit,
    help,
    ...points,
  });

const counter = figure('counter');
const level = figure('level');

/** How well callers are served, and how well they share what is sent. */
const TRAFFIC: readonly Figure[] = [
  counter(
    'gets',
    '{key}',
    'Keys asked for by callers',
    only(({ gets }) => gets),
  ),
  counter(
    'get.results',
    '{key}',
    'Keys answered, found or not',
    by('result', ({ hits, misses }) => ({ hit: hits, miss: misses })),
  ),
  counter(
    'commands',
    '{command}',
    'Requests to servers, a volley of gets being one',
    by('kind', ({ volleys, stores, deletes, otherCommands }) => ({
      get: volleys,
      store: stores,
      delete: deletes,
      other: otherCommands,
    })),
  ),
  counter(
    'volleys',
    '{volley}',
    'Multi-key requests written',
    only(({ volleys }) => volleys),
  ),
  counter(
    'volley.keys',
    '{key}',
    'Keys in them',
    only(({ volleyKeys }) => volleyKeys),
  ),
  counter(
    'shared.keys',
    '{key}',
    'Callers that joined a key on its way to the wire',
    only(({ sharedKeys }) => sharedKeys),
  ),
  counter(
    'flushes',
    '{write}',
    'Writes to a socket',
    only(({ flushes }) => flushes),
  ),
  counter(
    'io',
    'By',
    'Bytes from and to servers',
    by('direction', ({ bytesRead, bytesWritten }) => ({ read: bytesRead, write: bytesWritten })),
  ),
  level(
    'pending.operations',
    '{operation}',
    'Operations begun and not settled',
    only(({ pending }) => pending.operations),
  ),
  level(
    'pending.bytes',
    'By',
    'Bytes of their keys and values',
    only(({ pending }) => pending.bytes),
  ),
];

const TROUBLE: readonly Figure[] = [
  counter(
    'timeouts',
    '{operation}',
    'Operations whose deadline passed',
    only(({ timeouts }) => timeouts),
  ),
  counter(
    'aborts',
    '{operation}',
    'Operations aborted by a signal',
    only(({ aborts }) => aborts),
  ),
  counter(
    'retries',
    '{operation}',
    'Operations tried again',
    only(({ retries }) => retries),
  ),
  counter(
    'failovers',
    '{operation}',
    'Operations that went to a stand-in',
    only(({ failovers }) => failovers),
  ),
  counter(
    'shed',
    '{operation}',
    'Operations turned away because too much waited',
    only(({ shed }) => shed),
  ),
  counter(
    'unreadable',
    '{item}',
    'Items found that could not be decoded',
    only(({ unreadable }) => unreadable),
  ),
  counter(
    'rejected',
    '{error}',
    'Errors that answered commands without an answer',
    only(({ rejected }) => rejected),
  ),
  counter(
    'protocol.errors',
    '{error}',
    'Replies that made no sense',
    only(({ protocolErrors }) => protocolErrors),
  ),
  counter(
    'guards',
    '{connection}',
    'Connections given up rather than believed',
    by('guard', ({ guards }) => guards),
  ),
  counter(
    'connection.errors',
    '{error}',
    'Connections refused or lost',
    only(({ connectionErrors }) => connectionErrors),
  ),
  counter(
    'connections.opened',
    '{connection}',
    'Connections that became ready, first or instead of a lost one',
    by('cause', ({ connects, reconnects }) => ({ first: connects, lost: reconnects })),
  ),
];

const CODEC: readonly Figure[] = [
  counter(
    'encoded',
    '{value}',
    'Values encoded, on the main thread or by a worker',
    by('place', ({ codec }) => ({ main: codec.encodedInline, worker: codec.encodedInPool })),
  ),
  counter(
    'decoded',
    '{value}',
    'Values decoded, on the main thread or by a worker',
    by('place', ({ codec }) => ({ main: codec.decodedInline, worker: codec.decodedInPool })),
  ),
  counter(
    'shards',
    '{shard}',
    'Shards that workers answered',
    only(({ codec }) => codec.shards),
  ),
  counter(
    'worker.failures',
    '{failure}',
    'Failures of workers, each of which ended all of them',
    only(({ codec }) => codec.workerFailures),
  ),
];

const STATES = ['up', 'suspect', 'down', 'probing'] as const;

const SERVERS: readonly Figure[] = [
  {
    name: 'memvolley.server.state',
    kind: 'state',
    unit: '',
    help: '1 for the state a server is in, 0 for those it is not in',
    labels: ['server', 'state'],
    read: ({ servers }) =>
      Object.entries(servers).flatMap(([server, figures]) =>
        STATES.map((state) => ({
          value: figures.state === state ? 1 : 0,
          labels: { server, state },
        })),
      ),
  },
  counter(
    'server.failures',
    '{failure}',
    'Failures, those of one moment being one',
    byServer(({ failures }) => failures),
  ),
  counter(
    'server.taken_out',
    '{time}',
    'Times it was taken out of the fleet',
    byServer(({ takenOut }) => takenOut),
  ),
  counter(
    'server.probes',
    '{probe}',
    'Times it was asked whether it is back',
    byServer(({ probes }) => probes),
  ),
  level(
    'server.connections',
    '{connection}',
    'Connections that are ready',
    byServer(({ connections }) => connections),
  ),
  level(
    'server.queued.operations',
    '{operation}',
    'Operations that wait to be sent',
    byServer(({ queued }) => queued.operations),
  ),
  level(
    'server.queued.bytes',
    'By',
    'Bytes of them',
    byServer(({ queued }) => queued.bytes),
  ),
  level(
    'server.in_flight.operations',
    '{operation}',
    'Operations sent and not answered',
    byServer(({ inFlight }) => inFlight.operations),
  ),
  level(
    'server.in_flight.bytes',
    'By',
    'Bytes of them',
    byServer(({ inFlight }) => inFlight.bytes),
  ),
];

/** All that exporters show, apart from durations. */
export const FIGURES: readonly Figure[] = [...TRAFFIC, ...TROUBLE, ...CODEC, ...SERVERS];
