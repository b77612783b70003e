import type { MemcacheError } from '../errors.ts';
import type { ServerFields } from '../observability/channels.ts';
import type { Counts } from '../observability/counts.ts';
import { hears, publish } from '../observability/tracing.ts';
import type { HealthState } from '../server/health.ts';
import type { ServerEvents } from '../server/server-parts.ts';
import type { Announcer } from './announcer.ts';

interface ServerEventsRoom {
  readonly client: number;
  readonly counts: Counts;
  readonly events: Announcer;
  readonly mayRepeat: () => boolean;
}

/** What the fleet does about what it is told of a server. */
interface ServerReactions {
  readonly health: (state: HealthState) => void;
  readonly shed: (error: MemcacheError, operations: number) => void;
  readonly closed: () => void;
}

/** Counts and announces what a server tells. */
export function serverEventsOf(
  { client, counts, events, mayRepeat }: ServerEventsRoom,
  to: ServerFields,
  { health, shed, closed }: ServerReactions,
): ServerEvents {
  const metrics = counts.own;
  return {
    connection: (server, state, error) => events.emit('server', { server, state, error }),
    health: (server, state, error) => {
      health(state);
      if (hears('serverState')) publish('serverState', { client, ...to, state, error });
      events.emit('health', { server, state, error });
    },
    shed,
    large: (server, command, bytes) => events.emit('largeValue', { server, command, bytes }),
    rejected: (server, error, commands) => {
      metrics.rejected++;
      events.emit('rejected', { server, error, commands });
    },
    desync: (server, error) => {
      const { guard } = error;
      if (guard === undefined) return;
      metrics.guards[guard]++;
      if (error.code === 'ERR_MEMCACHE_PROTOCOL') metrics.protocolErrors++;
      events.emit('desync', { server, guard, error });
    },
    mayRepeat,
    closed,
  };
}
