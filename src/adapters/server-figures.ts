import { byServer, byServerAnd, counter, type Figure, figure, level } from './figure.ts';

const STATES = ['up', 'suspect', 'down', 'probing'] as const;

/** What is told of each server. */
export const SERVER_FIGURES: readonly Figure[] = [
  figure('state')(
    'server.state',
    '1',
    '1 for the state a server is in, 0 for those it is not in',
    byServerAnd('state', ({ state }) =>
      Object.fromEntries(STATES.map((each) => [each, each === state ? 1 : 0])),
    ),
  ),
  counter(
    'server.get.results',
    '{key}',
    'Keys it answered, found or not',
    byServerAnd('result', ({ hits, misses }) => ({ hit: hits, miss: misses })),
  ),
  counter(
    'server.commands',
    '{command}',
    'Requests to it, a volley of gets being one',
    byServerAnd('kind', ({ volleys, stores, deletes, otherCommands }) => ({
      get: volleys,
      store: stores,
      delete: deletes,
      other: otherCommands,
    })),
  ),
  counter(
    'server.io',
    'By',
    'Bytes from and to it',
    byServerAnd('direction', ({ bytesRead, bytesWritten }) => ({
      read: bytesRead,
      write: bytesWritten,
    })),
  ),
  counter(
    'server.timeouts',
    '{operation}',
    'Operations it did not answer in time',
    byServer(({ timeouts }) => timeouts),
  ),
  counter(
    'server.connections.opened',
    '{connection}',
    'Connections to it that became ready, first or instead of a lost one',
    byServerAnd('cause', ({ connects, reconnects }) => ({ first: connects, lost: reconnects })),
  ),
  counter(
    'server.connection.errors',
    '{error}',
    'Connections to it that were refused or lost',
    byServer(({ connectionErrors }) => connectionErrors),
  ),
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
    'Bytes that wait to be sent',
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
    'Bytes sent and not answered',
    byServer(({ inFlight }) => inFlight.bytes),
  ),
];
