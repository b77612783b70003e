import { by, counter, type Figure, level, only } from './figure.ts';
import { SERVER_FIGURES } from './server-figures.ts';

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
    'Keys in multi-key requests',
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
    'Bytes of the keys and values of operations begun and not settled',
    only(({ pending }) => pending.bytes),
  ),
  level(
    'window.size',
    '{operation}',
    'Operations that may be under way, with an adaptive window',
    only(({ window }) => window?.size),
  ),
  level(
    'window.in_flight',
    '{operation}',
    'Operations that are, with an adaptive window',
    only(({ window }) => window?.inFlight),
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

/** All that exporters show, apart from durations. */
export const FIGURES: readonly Figure[] = [...TRAFFIC, ...TROUBLE, ...CODEC, ...SERVER_FIGURES];
